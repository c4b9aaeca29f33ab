/**
 * Files on their way, as the page holds them: in memory, and in IndexedDB where they are small enough, so that a reload goes on by itself.
 * A browser that keeps nothing (a private window) asks to choose the file again.
 */
import * as store from "../core/store.js";

const KEEP_BYTES = 50 << 20;
const END_BYTES = 64 << 10;
const KEEP_MS = 7 * 86_400_000;
const STORE = "files";
/** The files of one person lie together: who signs in after him in the same browser drops them. */
const mine = `${store.state.value.me.id}.`;

/** @type {Map<string, {file: File, url: string}>} */
const held = new Map();
/** @type {Promise<IDBDatabase> | null} */
let opening = null;

/** @returns {Promise<IDBDatabase>} */
function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("chatroom", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

/** @template T @param {IDBTransactionMode} mode @param {(files: IDBObjectStore) => IDBRequest<T>} act @returns {Promise<T | undefined>} what it answers, nothing where the browser keeps nothing */
async function within(mode, act) {
  try {
    const request = act((await database()).transaction(STORE, mode).objectStore(STORE));
    return await new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return undefined;
  }
}

/** Holds a file, and keeps it over a reload where it is small. @param {string} id @param {File} file */
export function hold(id, file) {
  URL.revokeObjectURL(urlOf(id));
  held.set(id, { file, url: URL.createObjectURL(file) });
  if (file.size <= KEEP_BYTES) within("readwrite", (files) => files.put({ file, at: Date.now() }, mine + id));
}

/** The file, or nothing: then it has to be chosen again. @param {string} id @returns {Promise<File | null>} */
export async function fileOf(id) {
  if (!held.has(id)) {
    const found = await within("readonly", (files) => files.get(mine + id));
    if (found && !held.has(id)) held.set(id, { file: found.file, url: URL.createObjectURL(found.file) });
  }
  return held.get(id)?.file ?? null;
}

/** Where it can be shown from, while the page holds it. @param {string} id */
export const urlOf = (id) => held.get(id)?.url ?? "";

/** It has arrived, or will not be sent. `shown`: its picture may still stand on the screen. @param {string} id @param {boolean} [shown] */
export function letGo(id, shown = false) {
  if (!shown) URL.revokeObjectURL(urlOf(id));
  held.delete(id);
  within("readwrite", (files) => files.delete(mine + id));
}

/** The file, if its bytes can still be had: one that was changed or moved since it was chosen is gone, also as it is kept. @param {string} id */
export async function readable(id) {
  const file = await fileOf(id);
  if (!file || await file.slice(0, 1).arrayBuffer().then(() => true, () => false)) return file;
  letGo(id);
  return null;
}

/** Tells a file from another one that is chosen in its place: size, time, and a sum over its name and its ends (plain HTTP has no crypto.subtle). Nothing where it cannot be read. @param {File} file */
export async function markOf(file) {
  const ends = await new Blob([file.name, file.slice(0, END_BYTES), file.slice(-END_BYTES)]).arrayBuffer().catch(() => null);
  if (!ends) return "";
  let [one, two] = [0x811c9dc5, 0x9e3779b9];
  for (const byte of new Uint8Array(ends)) {
    one = Math.imul(one ^ byte, 0x01000193);
    two = Math.imul(two ^ byte, 0x85ebca6b) ^ (two >>> 13);
  }
  return [file.size, file.lastModified, one >>> 0, two >>> 0].join(".");
}

/** Drops what was kept long ago and never sent, after a page that ended in between, and what somebody else has left. */
export async function tidy() {
  const keys = await within("readonly", (files) => files.getAllKeys()) ?? [];
  for (const key of keys) {
    const entry = await within("readonly", (files) => files.get(key));
    if (entry && (Date.now() - entry.at > KEEP_MS || !String(key).startsWith(mine))) await within("readwrite", (files) => files.delete(key));
  }
}

/** Drops all. */
export const forgetAll = () => within("readwrite", (files) => files.clear());
