/**
 * Which tab sends a file: tabs share what is on its way, and two that send the same would cut each other off. Who sends says so in localStorage
 * every few seconds; a tab that is silent has gone. (Web Locks are not there on plain HTTP.)
 */
import { keepHere } from "../core/dom.js";

const SILENT_MS = 8000;
const BEAT_MS = 2000;

/** What this tab sends. @type {Set<string>} */
const mine = new Set();
let beaten = 0;
/** @type {any} */
let timer;

/** @param {string} id */
const keyOf = (id) => `chatroom.sending.${id}`;

/** Where the browser keeps no more, another tab may send it too. @param {string} id @param {number} at */
const say = (id, at) => keepHere(keyOf(id), String(at));

/** Says that what this tab sends is being sent. */
export function beat() {
  if (Date.now() - beaten < BEAT_MS / 2) return;
  beaten = Date.now();
  for (const id of mine) say(id, beaten);
}

/** Takes a file for this tab; false where another one sends it. @param {string} id */
export function claim(id) {
  const at = Number(localStorage.getItem(keyOf(id)));
  if (!mine.has(id) && Math.abs(Date.now() - at) < SILENT_MS) return false;
  mine.add(id);
  say(id, Date.now());
  timer ??= setInterval(beat, BEAT_MS);
  return true;
}

/** It is not sent from here any more. @param {string} id */
export function release(id) {
  if (mine.delete(id)) localStorage.removeItem(keyOf(id));
  if (mine.size) return;
  clearInterval(timer);
  timer = null;
}

addEventListener("pagehide", () => { for (const id of mine) localStorage.removeItem(keyOf(id)); });
