/** The style sheet of what governs groups: nothing of it is shown without it. */
import { addStyle, byId } from "../core/dom.js";

await addStyle(byId("app").dataset.groups ?? "");
