/** Texts that are not sent yet, and how long they may be: kept here at once, told to the server a little later, also when the network was away in the meantime. */
import { effect, untracked } from "../vendor/ui.js";
import { keepHere, tellError } from "../core/dom.js";
import { figure, gettext, interpolate } from "../core/i18n.js";
import * as store from "../core/store.js";

export const MAX_LETTERS = 10_000;
/** From here on they are counted for whoever writes. */
export const WARN_LETTERS = 9_000;
const DRAFT_MS = 500;
const SYNC_MS = 1500;

/** @type {any} */
let draftTimer;
/** @type {any} */
let syncTimer;
/** Drafts of which the server could not be told yet. @type {Map<number, string>} */
const untold = new Map();

/** Letters as the server counts them. A short text is not looked through. @param {string} text */
export function letters(text) {
  if (text.length <= WARN_LETTERS) return text.length;
  const units = text.normalize("NFC");
  let pairs = 0;
  for (let i = 0; i < units.length; i++) if ((units.charCodeAt(i) & 0xfc00) === 0xd800) pairs++;
  return units.length - pairs;
}

/** What is said of a text that is too long. */
export const limitText = () => interpolate(gettext("A message has at most %(count)s letters."), { count: figure(MAX_LETTERS) });

/** @param {number} id */
const keyOf = (id) => `chatroom.draft.${store.state.value.me.id}.${id}`;

/** What was written here and is not with the server yet. @param {number} id */
export const keptHere = (id) => localStorage.getItem(keyOf(id));

/** Is everything that was typed kept and told? */
export const resting = () => !draftTimer && !syncTimer;

/** Notes in a moment what `read` then answers. @param {() => {id: number, body: string} | null} read */
export function saveSoon(read) {
  forget();
  draftTimer = setTimeout(() => { draftTimer = null; save(read()); }, DRAFT_MS);
}

/** Nothing of what was typed is to be noted any more. */
export function forget() {
  clearTimeout(draftTimer);
  draftTimer = null;
}

/** Keeps a draft, and tells the server a little later. @param {{id: number, body: string} | null} draft */
function save(draft) {
  if (!draft) return;
  keep(draft.id, draft.body);
  clearTimeout(syncTimer);
  syncTimer = setTimeout(() => sync(draft.id, draft.body), SYNC_MS);
}

/** Notes now what still waits to be noted: the page goes. @param {() => {id: number, body: string} | null} read */
export function saveNow(read) {
  if (draftTimer) save(read());
}

/** Notes and tells now what still waits: another conversation opens. @param {number} id @param {string} body */
export function finish(id, body) {
  if (resting()) return;
  forget();
  keep(id, body);
  sync(id, body);
}

/** Nothing is left to be sent. @param {number} id */
export function clear(id) {
  forget();
  store.setDraft(id, "");
  sync(id, "");
}

/** @param {number} id @param {string} body */
function keep(id, body) {
  store.setDraft(id, body);
  if (body) keepHere(keyOf(id), body); // where there is no room it stays in the box
}

/** @param {number} id @param {string} body */
function sync(id, body) {
  clearTimeout(syncTimer);
  syncTimer = null;
  untold.delete(id);
  if (letters(body) > MAX_LETTERS) return; // kept on this device only
  if (!body) localStorage.removeItem(keyOf(id));
  store.socket.request("draft.save", { conversation: id, body }).then(() => {
    if (keptHere(id) === body) localStorage.removeItem(keyOf(id));
  }, (error) => {
    if (error.code === "offline") untold.set(id, body);
    else tellError(error);
  });
}

/** Tells what could not be told, as soon as there is a network. */
export function start() {
  effect(() => {
    if (store.socket.connection.value.state === "live") untracked(() => [...untold].forEach(([id, body]) => sync(id, body)));
  });
}
