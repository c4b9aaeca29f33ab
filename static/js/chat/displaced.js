/** Somebody signed in elsewhere: this page stays behind a dialog and does not come back by itself. Loaded when it happens. */
import { html } from "../vendor/ui.js";
import { openDialog } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { get } from "../core/net.js";

let words = gettext("You signed in on another device, so this session has ended.");

const dialog = openDialog(gettext("Signed in elsewhere"), () => html`
  <p class="dialog-text" role="status">${words}</p>
  <p class="dialog-text">${gettext("If that was not you, sign in here and change your password.")}</p>
  <div class="dialog-foot actions"><a class="button button-primary" href="/accounts/login/?next=${encodeURIComponent(location.pathname)}">${gettext("Sign in here")}</a></div>`,
{ closable: false, kind: "confirm" });

// The refusal of any request tells when and from where
get("snapshot").catch((error) => {
  if (error.code !== "displaced") return;
  words = error.message;
  dialog.redraw();
});
