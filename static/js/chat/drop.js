/** Dropping files: the whole conversation is the place for them. */
import { html, nothing, render } from "../vendor/ui.js";
import { byId, icon, toast } from "../core/dom.js";
import { gettext, interpolate } from "../core/i18n.js";
import { titleOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { mayWrite } from "./closed.js";
import { addFiles } from "./upload.js";

const place = document.createElement("div");
place.className = "drop-place";

/** @param {boolean} on */
function show(on) {
  const c = store.open.value;
  const open = on && c && mayWrite(c);
  if (open && !place.isConnected) byId("main").append(place);
  render(open ? html`<div class="drop-target">${icon("upload")}<b>${gettext("Drop files here")}</b><span>${interpolate(gettext("to send them to “%(name)s”"), { name: titleOf(c, store.state.value) })}</span></div>` : nothing, place);
  if (!open) place.remove();
}

/** Files are over the conversation, or have left it. @param {DragEvent} event */
export function onDrag(event) {
  const inside = event.type !== "dragleave" || byId("main").contains(/** @type {Node | null} */ (event.relatedTarget));
  show(inside && event.type !== "drop");
}

/** They were let go. @param {File[]} files @param {boolean} folders is a folder among them? */
export function onDrop(files, folders) {
  show(false);
  if (folders) toast(gettext("A folder cannot be sent. Pack it into one file first."), "error");
  if (files.length) addFiles(files);
}
