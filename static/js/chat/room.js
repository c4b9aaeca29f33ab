/** Administrators hear when the server has little room left, and when it has room again. Loaded for them alone. */
import { effect } from "../vendor/ui.js";
import { toast } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import * as store from "../core/store.js";

let before = false;

effect(() => {
  const low = Boolean(store.state.value.me.disk_low);
  if (low === before) return;
  before = low;
  if (low) toast(gettext("The server's disk is nearly full. Files cannot be sent until there is room again."), "error");
  else toast(gettext("The server's disk has room again."));
});
