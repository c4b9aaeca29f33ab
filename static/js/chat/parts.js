/** The style sheets of pins, readers, forwarding and mailings: who shows one of them waits for it. */
import { addStyle, byId } from "../core/dom.js";
import "./people.js";

await addStyle(byId("app").dataset.messages ?? "");
