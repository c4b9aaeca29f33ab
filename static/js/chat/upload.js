/**
 * Files that people put in: what is chosen, dropped or pasted goes into the tray, from there into the outbox, and its bytes to the server.
 * Loaded when the first file comes, or when some are still on their way.
 * @import {Message, OutFile} from "../types.js"
 */
import { addStyle, byId, tellError, toast } from "../core/dom.js";
import { FILES_MAX, isOffered } from "../core/outfiles.js";
import { gettext } from "../core/i18n.js";
import { makeClientId } from "../core/outbox.js";
import * as store from "../core/store.js";
import { pick } from "./attach.js";
import { mayWrite } from "./closed.js";
import { fileOf, forgetAll, hold } from "./kept.js";
import * as offers from "./offers.js";
import * as pending from "./pending.js";
import * as transfer from "./transfer.js";
import { addTo, emptied, isFilled, offersFirst, startTray, trayOf } from "./tray.js";

/** @typedef {import("./tray.js").Waiting} Waiting */

const LEAVE_MS = 1000;

/** Puts files into the tray of a conversation. @param {FileList | File[]} files @param {number | null} [id] */
export function addFiles(files, id = store.openId.value) {
  const c = store.state.value.conversations.get(id ?? 0);
  if (!c || !files.length) return;
  if (!mayWrite(c)) return toast(gettext("You cannot write in this conversation."), "error");
  addTo(c.id, [...files], makeClientId);
  if (id === store.openId.value && !matchMedia("(pointer: coarse)").matches) byId("composer-text").focus();
}

/** Does something wait in the tray? @param {number | null} id */
export const hasFiles = (id) => id !== null && trayOf(id).files.length > 0;

/** @param {Waiting} one @returns {OutFile} */
function outFile({ id, file, kind, type, width, height, duration, peaks }) {
  hold(id, file);
  const facts = Object.fromEntries(Object.entries({ width, height, duration, peaks }).filter(([, fact]) => fact));
  return { id, name: file.name, size: file.size, kind, type, token: "", ...facts };
}

/** Sends what waits in a tray; the text is the caption of its first message. @param {number} id @param {string} body @param {number | null} reply_to */
export function send(id, body, reply_to) {
  const c = store.state.value.conversations.get(id);
  if (!c) return;
  const offered = offersFirst(c);
  const files = emptied(id);
  const later = files.filter((f) => offered && isOffered({ kind: f.kind, size: f.file.size }));
  const now = files.filter((f) => !later.includes(f));
  let caption = body;
  for (let at = 0; at < now.length; at += FILES_MAX) {
    store.outbox.add(id, caption, at ? null : reply_to, { files: now.slice(at, at + FILES_MAX).map(outFile) });
    caption = "";
  }
  if (caption) store.outbox.add(id, caption, reply_to);
  for (const { id: client_id, file } of later) {
    hold(client_id, file);
    offers.remember(client_id, id);
    store.outbox.add(id, "", null, { client_id, offer: { name: file.name, size: file.size } });
  }
  for (const { url } of files) URL.revokeObjectURL(url);
}

/** Sends a voice message at once. @param {number} id @param {File} file @param {number} duration @param {number[]} peaks @param {number | null} reply_to */
export function sendVoice(id, file, duration, peaks, reply_to) {
  store.outbox.add(id, "", reply_to, { files: [outFile({ id: makeClientId(), file, kind: "audio", type: file.type, url: "", duration, peaks })] });
}

/** Puts a voice message into the tray of its conversation. @param {number} id @param {File} file @param {number} duration @param {number[]} peaks */
export const addVoice = (id, file, duration, peaks) => addTo(id, [file], makeClientId, { duration, peaks });

/** Sends the file of an offer of mine that was accepted; where the page has it no more it is chosen again. @param {Message} message */
export async function uploadOffer(message) {
  await ready();
  if (!await offers.sendAccepted(message)) chooseAgain(offers.offeredFile(message), message);
}

/** Asks for a file that the page had before it was loaded again. @param {OutFile} file @param {Message} [offer] the message of the offer it belongs to */
export function chooseAgain(file, offer) {
  pick(async ([chosen]) => {
    if (!chosen) return;
    if (chosen.size !== file.size) return toast(gettext("This is another file: its size differs."), "error");
    hold(file.id, chosen);
    if (await fileOf(file.id)) offer ? offers.sendAccepted(offer).catch(tellError) : transfer.found(file.id);
  }, { several: false });
}

/** What depends on the tray: the composer tells it. */
let refresh = () => {};

/** Who signs out leaves no files in the browser. @param {SubmitEvent} event */
async function leave(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.action.endsWith("/logout/")) return;
  event.preventDefault();
  await Promise.race([forgetAll(), new Promise((resolve) => setTimeout(resolve, LEAVE_MS))]);
  form.submit();
}

async function start() {
  await addStyle(byId("app").dataset.uploads ?? "");
  transfer.start();
  offers.start();
  store.uploads.value = pending;
  startTray(() => refresh());
  byId("menu").addEventListener("submit", leave);
  addEventListener("beforeunload", (event) => { if (isFilled()) event.preventDefault(); }); // a tray is not kept
}

/** @type {Promise<void> | null} */
let started = null;

/** Starts, once. @param {() => void} [its] what is to be looked at again when the tray has changed */
export function ready(its) {
  if (its) refresh = its;
  return (started ??= start());
}
