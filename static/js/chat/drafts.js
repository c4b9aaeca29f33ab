/** Texts that are not sent yet: kept here at once, told to the server a little later, also when the network was away in the meantime. */
import { effect, untracked } from "../vendor/ui.js";
import { tellError } from "../core/dom.js";
import * as store from "../core/store.js";
import { MAX_LETTERS, letters } from "./limit.js";

const DRAFT_MS = 500;
const SYNC_MS = 1500;

/** @type {any} */
let draftTimer;
/** @type {any} */
let syncTimer;
/** Drafts of which the server could not be told yet. @type {Map<number, string>} */
const untold = new Map();

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
  if (!body) return;
  try {
    localStorage.setItem(keyOf(id), body);
  } catch (error) { // more text than a browser keeps: it stays in the box
    if (!(error instanceof DOMException)) throw error;
  }
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
