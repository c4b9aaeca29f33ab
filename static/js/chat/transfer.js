/**
 * Brings files to the server (tus 1.0) for messages that wait for them and for accepted offers: in pieces, several at once, again after a lost
 * connection or a reload. Which are to go is told by the outbox; this module only follows it.
 * @import {Message, OutFile, Outgoing} from "../types.js"
 */
import { effect, signal, untracked } from "../vendor/ui.js";
import { Upload } from "../vendor/tus.js";
import { toast } from "../core/dom.js";
import { gettext, interpolate } from "../core/i18n.js";
import { backoff } from "../core/net.js";
import * as store from "../core/store.js";
import { beat, claim, release } from "./claims.js";
import { letGo, markOf, readable, tidy, urlOf } from "./kept.js";

/** @typedef {"waiting" | "running" | "paused" | "lost"} Step */
/** @typedef {{step: Step, done: number}} Progress */
/**
 * One file on its way: `done` is told its token. `told` is what views follow.
 * @typedef {{id: string, file: OutFile, offer: number | null, done: (token: string) => void, refused: (text: string) => void, told: import("../vendor/ui.js").Signal<Progress>, upload: Upload | null, tries: number, timer: any}} Transfer
 */

const AT_ONCE = 3;
/** Many boxes between let no more than some MB pass in one request, some only one. */
const PIECE = 4 << 20;
const SMALL_PIECE = 512 << 10;
const PICTURES_MAX = 40;
const OTHER_TAB_MS = 3000;
const RETRY = [0, 1000, 3000];
/** Answers that mean: not now, or not like this. */
const AGAIN = [408, 409, 423, 425, 429, 460];

/** @type {Map<string, Transfer>} */
const transfers = new Map();
let piece = PIECE;
/** Moves when a transfer begins or ends. */
const moved = signal(0);

/** Where a file is, for views. @param {string} id */
export function progressOf(id) {
  moved.value;
  return transfers.get(id)?.told;
}

/** What the server says against a file, or null where it is only the way there that failed. @param {any} error */
function refusalOf(error) {
  const status = error.originalResponse?.getStatus() ?? 0;
  if (status < 400 || AGAIN.includes(status) || (status >= 500 && status !== 507)) return null;
  try {
    return String(JSON.parse(error.originalResponse.getBody()).error.message);
  } catch (problem) {
    if (!(problem instanceof SyntaxError || problem instanceof TypeError)) throw problem;
    return null;
  }
}

/** Starts what may start, the oldest first. */
function pump() {
  const running = () => [...transfers.values()].filter((t) => t.told.value.step === "running").length;
  for (const transfer of transfers.values()) {
    if (running() >= AT_ONCE) return;
    if (transfer.told.value.step === "waiting" && !transfer.timer) run(transfer);
  }
}

/** @param {Transfer} transfer @param {Partial<Progress>} change */
const tell = (transfer, change) => { transfer.told.value = { ...transfer.told.value, ...change }; };

/** @param {Transfer} transfer */
async function run(transfer) {
  const { id } = transfer;
  if (!claim(id)) return later(transfer, OTHER_TAB_MS);
  tell(transfer, { step: "running" });
  const bytes = await readable(id);
  const mark = bytes && await markOf(bytes);
  if (transfers.get(id) !== transfer || transfer.told.value.step !== "running") return;
  if (!bytes || !mark) {
    tell(transfer, { step: "lost" });
    release(id);
    store.outbox.setFile(messageOf(id)?.client_id ?? "", id, { lost: true });
    return pump();
  }
  const upload = new Upload(bytes, {
    endpoint: "/files/uploads/",
    chunkSize: piece,
    retryDelays: RETRY,
    fingerprint: () => Promise.resolve(`chatroom.${store.state.value.me.id}.${id}`),
    removeFingerprintOnSuccess: true,
    metadata: { ...metadataOf(transfer), mark },
    onProgress: (sent) => { beat(); tell(transfer, { done: sent }); },
    onChunkComplete: () => { transfer.tries = 0; }, // the next cut is a new one
    onShouldRetry: (error) => refusalOf(error) === null && !isTooMuch(error),
    onError: (error) => failed(transfer, error),
    onSuccess: ({ lastResponse }) => finished(transfer, lastResponse.getHeader("Upload-File") ?? ""),
  });
  transfer.upload = upload;
  const before = await upload.findPreviousUploads();
  if (transfer.upload !== upload) return;
  const same = before.find((one) => one.metadata.mark === mark);
  if (same) upload.resumeFromPreviousUpload(same);
  else if (before.length) startAnew(transfer.file, before);
  upload.start();
}

/** What was begun was another file, though it may be as large: going on with this one would make a mixture. @param {OutFile} file @param {import("../vendor/tus.js").PreviousUpload[]} before */
function startAnew({ name }, before) {
  toast(interpolate(gettext("“%(name)s” is not the same file as before: it is sent from the beginning."), { name }));
  for (const { uploadUrl, urlStorageKey } of before) {
    localStorage.removeItem(urlStorageKey);
    if (uploadUrl) Upload.terminate(uploadUrl).catch(() => {}); // it ends by itself
  }
}

/** @param {Transfer} transfer @returns {Record<string, string>} */
function metadataOf({ file, offer }) {
  const { name, width, height, duration, peaks } = file;
  const facts = { width, height, duration, peaks, voice: peaks && 1, offer };
  return { filename: name, ...Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact).map(([key, fact]) => [key, String(fact)])) };
}

/** A box on the way refuses pieces of this size. @param {any} error */
const isTooMuch = (error) => error.originalResponse?.getStatus() === 413 && refusalOf(error) === null && piece > SMALL_PIECE;

/** @param {Transfer} transfer @param {any} error */
function failed(transfer, error) {
  if (!transfer.upload) return; // it was stopped in the meantime
  transfer.upload = null;
  const refusal = refusalOf(error);
  if (refusal !== null) {
    remove(transfer.id);
    transfer.refused(refusal);
    return pump();
  }
  tell(transfer, { step: "waiting" });
  if (isTooMuch(error)) piece = SMALL_PIECE;
  else later(transfer, 2000 + backoff(transfer.tries++));
  pump();
}

/** @param {Transfer} transfer @param {number} ms */
function later(transfer, ms) {
  transfer.timer = setTimeout(() => { transfer.timer = null; pump(); }, ms);
}

/** @param {Transfer} transfer @param {string} token */
function finished(transfer, token) {
  remove(transfer.id);
  if (token && transfer.file.kind === "image") showSent(token, urlOf(transfer.id));
  if (token) transfer.done(token);
  else transfer.refused("");
  pump();
}

/** A picture that stays on the screen until the server's has come. @param {string} token @param {string} url */
function showSent(token, url) {
  store.sentPictures.set(token, url);
  const [oldest] = store.sentPictures;
  if (store.sentPictures.size <= PICTURES_MAX) return;
  store.sentPictures.delete(oldest[0]);
  URL.revokeObjectURL(oldest[1]);
}

/** Stops sending. `over`: it will not go on, so the server may forget what it has. @param {Transfer} transfer @param {boolean} over */
function stop(transfer, over) {
  clearTimeout(transfer.timer);
  transfer.timer = null;
  release(transfer.id);
  const { upload } = transfer;
  transfer.upload = null;
  upload?.abort(over).catch(() => {}); // what the server keeps of it ends by itself
}

/** The message that a file belongs to. @param {string} id */
const messageOf = (id) => store.outbox.items.value.find((item) => item.files?.some((f) => f.id === id));

/** @param {string} id @param {OutFile} file @param {number | null} offer @param {(token: string) => void} done @param {(text: string) => void} refused */
function add(id, file, offer, done, refused) {
  transfers.set(id, { id, file, offer, done, refused, told: signal({ step: file.paused ? "paused" : "waiting", done: 0 }), upload: null, tries: 0, timer: null });
  moved.value = moved.peek() + 1;
}

/** @param {string} id */
function remove(id) {
  release(id);
  if (transfers.delete(id)) moved.value = moved.peek() + 1;
}

/** The file of an accepted offer goes. @param {Message} message @param {OutFile} file @param {() => void} done @param {(text: string) => void} refused */
export function sendOffered(message, file, done, refused) {
  const there = transfers.get(file.id);
  if (there?.told.value.step === "lost") found(file.id);
  if (there) return;
  add(file.id, file, message.offer?.id ?? null, done, refused);
  pump();
}

/** Holds a transfer, or lets it go on. @param {string} id */
export function toggle(id) {
  const transfer = transfers.get(id);
  if (!transfer) return;
  const paused = transfer.told.value.step !== "paused";
  stop(transfer, false);
  tell(transfer, { step: paused ? "paused" : "waiting" });
  store.outbox.setFile(messageOf(id)?.client_id ?? "", id, { paused });
  pump();
}

/** The file was chosen again. @param {string} id */
export function found(id) {
  const transfer = transfers.get(id);
  if (transfer) tell(transfer, { step: "waiting" });
  store.outbox.setFile(messageOf(id)?.client_id ?? "", id, { lost: false });
  pump();
}

/** It has arrived by itself, or from another tab: what waits here does not go again. What is being sent here is told so by its answer. @param {string} id */
export function settled(id) {
  if (!transfers.get(id)?.upload) drop(id, false);
}

/** Gives a transfer up. @param {string} id */
export const cancel = (id) => drop(id, true);

/** @param {string} id @param {boolean} over */
function drop(id, over) {
  const transfer = transfers.get(id);
  if (transfer) stop(transfer, over);
  remove(id);
  letGo(id);
  pump();
}

/** Files of the messages that were in the outbox a moment ago. @type {Map<string, OutFile>} */
let known = new Map();

/** Follows the outbox: what is new there goes, what is gone from there stops. @param {Outgoing[]} items */
function follow(items) {
  const now = new Map(items.flatMap((item) => (item.files ?? []).map((file) => /** @type {const} */ ([file.id, file]))));
  for (const [id, file] of known) {
    if (now.has(id)) continue;
    if (file.token) letGo(id, store.sentPictures.has(file.token));
    else cancel(id);
  }
  known = now;
  for (const item of items) {
    for (const file of item.files ?? []) {
      const wanted = item.status === "pending" && !file.token;
      const transfer = transfers.get(file.id);
      if (transfer) {
        const { step } = transfer.told.value;
        if (file.paused && step === "waiting") tell(transfer, { step: "paused" }); // in another tab, as what follows
        else if (step === "paused" && transfer.file.paused && !file.paused) tell(transfer, { step: "waiting" });
        transfer.file = file;
      }
      if (wanted && !transfer) {
        add(file.id, file, null, (token) => store.outbox.setFile(item.client_id, file.id, { token }), (text) => store.outbox.fail(item.client_id, text));
      } else if (!wanted && transfer) {
        stop(transfer, false);
        remove(file.id);
      }
    }
  }
  pump();
}

/** Leaving the page stops what is under way. @param {BeforeUnloadEvent} event */
function onLeave(event) {
  if ([...transfers.values()].some((t) => t.told.value.step === "running")) event.preventDefault();
}

/** Starts. */
export function start() {
  effect(() => {
    const items = store.outbox.items.value;
    untracked(() => follow(items));
  });
  effect(() => {
    if (store.socket.connection.value.state !== "live") return;
    untracked(() => {
      for (const transfer of transfers.values()) {
        clearTimeout(transfer.timer);
        transfer.timer = null;
      }
      pump();
    });
  });
  addEventListener("beforeunload", onLeave);
  tidy();
}
