/**
 * What waits above the box to be sent along: one tray for each conversation, with pictures, names, sizes, and the choice to offer files first.
 * @import {Conversation, FileKind} from "../types.js"
 */
import { effect, html, nothing, render, signal } from "../vendor/ui.js";
import { announce, byId, icon, toast } from "../core/dom.js";
import { clockLength, fileSize, lookOf, nameParts } from "../core/filelook.js";
import { OFFER_BYTES, isOffered, kindOf, typeOf, whyNot } from "../core/outfiles.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { factsOf } from "./facts.js";

/** @typedef {{id: string, file: File, kind: FileKind, type: string, url: string, width?: number, height?: number, duration?: number, peaks?: number[]}} Waiting */
/** @typedef {{files: Waiting[], offer: boolean | null}} Tray `offer` is null until it was chosen by hand */

/** @type {import("../vendor/ui.js").Signal<Map<number, Tray>>} */
const trays = signal(new Map());
const EMPTY = /** @type {Tray} */ ({ files: [], offer: null });

/** @param {number} id */
export const trayOf = (id) => trays.value.get(id) ?? EMPTY;

/** @param {number} id @param {Partial<Tray>} change */
function put(id, change) {
  const next = { ...trayOf(id), ...change };
  const all = new Map(trays.value);
  if (next.files.length) all.set(id, next);
  else all.delete(id);
  trays.value = all;
}

/** Does something wait in any tray? */
export const isFilled = () => trays.value.size > 0;

/** Files to one other person may be offered. @param {Conversation | null | undefined} c */
export const mayOffer = (c) => c?.kind === "direct" && c.peer !== null && c.peer !== store.state.value.me.id;

/** Are the files of a tray offered first? By itself, where one of them is large. @param {Conversation} c */
export function offersFirst(c) {
  const { files, offer } = trayOf(c.id);
  return mayOffer(c) && files.some((f) => isOffered({ kind: f.kind, size: f.file.size })) && (offer ?? files.some((f) => f.file.size > OFFER_BYTES));
}

/** Puts files into the tray of a conversation; says of each that cannot be sent why. @param {number} id @param {File[]} chosen @param {() => string} makeId @param {Partial<Waiting>} [known] */
export function addTo(id, chosen, makeId, known = {}) {
  const { site } = store.state.value;
  const good = chosen.filter((file) => {
    const reason = whyNot(file, site);
    if (reason) toast(reason, "error");
    return !reason;
  });
  if (!good.length) return;
  const added = good.map((file) => /** @type {Waiting} */ ({ id: makeId(), file, kind: kindOf(file), type: typeOf(file), url: URL.createObjectURL(file), ...known }));
  put(id, { files: [...trayOf(id).files, ...added] });
  const text = (/** @type {number} */ count) => interpolate(ngettext("%(count)s file added", "%(count)s files added", count), { count: figure(count) });
  announce(text(added.length), text);
  for (const one of added) look(id, one);
}

/** Sees what a file is, and notes it. @param {number} id @param {Waiting} one */
async function look(id, one) {
  const facts = await factsOf(one.file);
  put(id, { files: trayOf(id).files.map((f) => (f.id === one.id ? { ...f, ...facts, ...(f.peaks && { kind: f.kind, duration: f.duration }) } : f)) });
}

/** Takes everything out of a tray. @param {number} id */
export function emptied(id) {
  const { files } = trayOf(id);
  put(id, { files: [] });
  return files;
}

/** @param {number} id @param {Waiting} one @param {HTMLElement} button */
function remove(id, one, button) {
  const list = button.closest(".tray-files");
  const at = trayOf(id).files.findIndex((f) => f.id === one.id);
  URL.revokeObjectURL(one.url);
  put(id, { files: trayOf(id).files.filter((f) => f.id !== one.id) });
  const rest = list?.isConnected ? [...list.querySelectorAll("button")] : [];
  (rest[Math.min(at, rest.length - 1)] ?? byId("composer-text")).focus();
}

/** @param {number} id @param {Waiting} one @param {boolean} offered */
function fileView(id, one, offered) {
  const { name, size } = one.file;
  const facts = [fileSize(size), one.duration ? clockLength(one.duration) : "", offered ? gettext("Offer") : ""].filter(Boolean).join(" · ");
  const picture = one.kind === "image" ? html`<img src=${one.url} alt="" draggable="false">` : one.kind === "video" ? html`<video src="${one.url}#t=0.1" muted playsinline preload="metadata" tabindex="-1"></video>${icon("play")}` : icon(lookOf({ name, kind: one.kind })[0]);
  return html`<li class="tray-file ${one.kind}" title="${name} · ${facts}">
    <span class="tray-face">${picture}</span><span class="tray-text"><b class="tray-name">${nameParts(name).map((part) => html`<span>${part}</span>`)}</b><span>${facts}</span></span>
    <button type="button" aria-label=${interpolate(gettext("Remove %(name)s"), { name })} title=${gettext("Remove")} @click=${(/** @type {MouseEvent} */ event) => remove(id, one, /** @type {HTMLElement} */ (event.currentTarget))}>${icon("x")}</button></li>`;
}

/** @param {Conversation | null} c */
function view(c) {
  const { files } = c ? trayOf(c.id) : EMPTY;
  if (!c || !files.length) return nothing;
  const offers = offersFirst(c);
  const choice = mayOffer(c) && files.some((f) => isOffered({ kind: f.kind, size: f.file.size }));
  const name = choice ? nameOf(c.peer, store.state.value.people) : "";
  return html`<ul class="tray-files" data-scroll-x aria-label=${gettext("Files to send")}>${files.map((one) => fileView(c.id, one, offers && isOffered({ kind: one.kind, size: one.file.size })))}</ul>
    ${choice ? html`<label class="tray-offer"><input type="checkbox" .checked=${offers} @change=${(/** @type {Event} */ event) => put(c.id, { offer: /** @type {HTMLInputElement} */ (event.target).checked })}>
      <span>${gettext("Offer first")} <span class="muted">${interpolate(gettext("sent only when %(name)s accepts"), { name })}</span></span></label>` : nothing}`;
}

/** Draws the tray of the open conversation. @param {() => void} refresh what else depends on it */
export function startTray(refresh) {
  const place = byId("composer-tray");
  effect(() => {
    render(view(store.open.value), place);
    refresh();
  });
}
