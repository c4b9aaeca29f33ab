/**
 * Where files come in: the button, what is pasted or dropped, long text, the voice. What takes them is loaded with the first of them, or for
 * those that a reload has interrupted.
 */
import { effect } from "../vendor/ui.js";
import { byId, lazy } from "../core/dom.js";
import * as store from "../core/store.js";
import { MAX_LETTERS, letters } from "./drafts.js";

/** @typedef {typeof import("./upload.js")} Uploads */
/** What the composer lets this module do: `clear` empties the box, `refresh` looks again whether there is something to send. @typedef {{refresh: () => void, clear: () => void}} Composer */

const PREPARE_MS = 4000;

const form = byId("composer");
const area = /** @type {HTMLTextAreaElement} */ (byId("composer-text"));
/** @type {Composer} */
let composer;
/** @type {Uploads | null} */
let uploads = null;

async function useUploads() {
  const module = await lazy(import("./upload.js"));
  await module?.ready(composer.refresh);
  return (uploads = module);
}

/** What would be sent along with the text. @param {number | null} id */
export const waiting = (id) => (uploads?.hasFiles(id) ? uploads : null);

const useAttach = () => lazy(import("./attach.js"));

/** Files that are on their way into the tray. @type {Promise<unknown> | null} */
let coming = null;
/** What is sent meanwhile waits for them. */
export const arriving = () => coming;

/** Files that were chosen, dropped or pasted: they go where they were put, whatever is opened meanwhile. @param {File[] | Promise<File[]>} files */
function take(files) {
  const id = store.openId.value;
  const mine = Promise.all([files, useUploads()]).then(([all, module]) => module?.addFiles(all, id)).finally(() => { if (coming === mine) coming = null; });
  coming = mine;
}

/** Makes a file of a long text. @param {string} text */
async function takeText(text) {
  const module = await useAttach();
  if (module) take([module.textFile(text)]);
  return !!module;
}

/** May files come to the conversation on the screen? */
const isOpen = () => store.openId.value !== null && !form.hidden;

/** Files go into the tray; so does text that is longer than a message. Text with its looks, as of a table, stays text though a picture comes along. @param {ClipboardEvent} event */
function onPaste(event) {
  const data = event.clipboardData;
  const place = /** @type {Element} */ (event.target);
  if (!data || !isOpen() || (place !== area && place.closest("input, textarea, dialog"))) return;
  const files = [...data.files];
  const text = data.getData("text/plain");
  if (files.length && !(text && data.types.includes("text/html"))) take(useAttach().then((module) => module?.named(files) ?? []));
  else if (place === area && letters(text) > MAX_LETTERS) takeText(text);
  else return;
  event.preventDefault();
}

/** Files may be dropped anywhere on the conversation; beside it they would take the place of the page. @param {DragEvent} event */
function onDrag(event) {
  const data = event.dataTransfer;
  if (!data?.types.includes("Files")) return;
  event.preventDefault();
  const here = isOpen() && byId("main").contains(/** @type {Node} */ (event.target));
  data.dropEffect = here ? "copy" : "none";
  if (event.type === "dragover") return;
  const dropped = event.type === "drop" && here ? [...data.items].filter((item) => item.kind === "file").map((item) => ({ file: item.getAsFile(), folder: !!item.webkitGetAsEntry()?.isDirectory })) : [];
  useUploads().then(() => lazy(import("./drop.js"))).then((drop) => {
    drop?.onDrag(event);
    if (dropped.length) drop?.onDrop(dropped.flatMap(({ file, folder }) => (file && !folder ? [file] : [])), dropped.some(({ folder }) => folder));
  });
}

/** The button for the voice: pressed or held, or by a key. @param {MouseEvent} event */
async function onVoice(event) {
  const press = { x: event.clientX, down: event.type === "pointerdown" };
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) addEventListener(name, () => { press.down = false; }, { once: true });
  await useUploads();
  (await lazy(import("./recorder.js")))?.record(press);
}

function startVoice() {
  const button = byId("composer-voice");
  if (!navigator.mediaDevices?.getUserMedia || !("MediaRecorder" in window)) return withoutVoice(button);
  button.hidden = false;
  form.classList.add("voiced");
  button.addEventListener("pointerdown", (event) => { if (event.isPrimary && event.button === 0) onVoice(event); });
  button.addEventListener("click", (event) => { if (event.detail === 0) onVoice(event); });
  button.addEventListener("contextmenu", (event) => event.preventDefault());
}

/** A page that gets no microphone says so: on phones, which have no room for it, in the menu of the other button. @param {HTMLElement} button */
function withoutVoice(button) {
  button.hidden = matchMedia("(pointer: coarse)").matches;
  button.setAttribute("aria-disabled", "true");
  button.querySelector("use")?.setAttribute("href", `${document.documentElement.dataset.icons}#mic-off`);
  button.addEventListener("click", () => useAttach().then((module) => module?.tellNoVoice()));
}

/** What a press needs is there before it: the connection may be gone by then. */
function prepare() {
  const load = () => Promise.all([import("./attach.js"), import("./recorder.js"), import("./upload.js")]).then(useUploads, () => {}); // told when it is needed
  setTimeout(() => ("requestIdleCallback" in window ? requestIdleCallback(load) : load()), PREPARE_MS);
}

/** Is something of mine on its way, or was an offer of mine accepted? */
function isBusy() {
  const me = store.state.value.me.id;
  return store.outbox.items.value.some((item) => item.files || item.offer) || !!store.timeline.value?.rows.some((m) => m.offer?.state === "accepted" && m.sender === me);
}

/** Starts listening. @param {Composer} its */
export function start(its) {
  composer = its;
  const attach = byId("composer-attach");
  attach.addEventListener("click", () => useAttach().then((module) => module?.chooseFiles(attach, take)));
  byId("composer-file").addEventListener("click", async () => { if (await takeText(area.value)) composer.clear(); });
  document.addEventListener("paste", onPaste);
  for (const name of /** @type {const} */ (["dragenter", "dragover", "dragleave", "drop"])) addEventListener(name, onDrag);
  startVoice();
  const ready = effect(() => {
    if (store.socket.connection.value.state === "live") queueMicrotask(() => { ready(); prepare(); });
  });
  const stop = effect(() => {
    if (uploads || !isBusy()) return;
    queueMicrotask(() => { stop(); useUploads(); });
  });
  if (localStorage.getItem(`chatroom.offers.${store.state.value.me.id}`)) useUploads();
}
