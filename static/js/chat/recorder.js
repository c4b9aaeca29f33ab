/** Voice messages: press and speak, or hold the button; the level is seen live, Escape or a slide to the side throws it away. Loaded when first used. */
import { effect, html, nothing, render, signal } from "../vendor/ui.js";
import { announce, byId, icon, toast } from "../core/dom.js";
import { clockLength } from "../core/filelook.js";
import { gettext, interpolate } from "../core/i18n.js";
import { nameFor, peaksOf } from "../core/outfiles.js";
import * as store from "../core/store.js";
import { mustWait } from "./closed.js";
import { toEnd } from "./list.js";
import { addVoice, sendVoice } from "./upload.js";

const TYPES = ["audio/mp4;codecs=mp4a.40.2", "audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const BITS = 32_000;
const STEP_MS = 60;
const BARS = 44;
const PEAKS = 64;
const LEAST_MS = 700;
const MOST_MS = 15 * 60_000;
/** Who holds the button longer sends by letting go. */
const HOLD_MS = 400;
const SLIDE_PX = 80;

/**
 * @typedef {{conversation: number, reply: number | null, recorder: MediaRecorder, stream: MediaStream, context: AudioContext, chunks: Blob[], heights: number[], from: number, length: number, timer: any}} Recording
 */

/** @type {import("../vendor/ui.js").Signal<{length: number, heights: number[], held: boolean, sliding: boolean, done: boolean} | null>} */
const shown = signal(null);
/** @type {Recording | null} */
let now = null;
let asking = false;

const form = byId("composer");
const place = document.createElement("div");
place.className = "recorder";

/** Why there is no sound. @param {any} error */
function reason(error) {
  if (error.name === "NotAllowedError") return gettext("The browser does not give the microphone to this page. Allow it in the settings of the page.");
  if (error.name === "NotFoundError") return gettext("No microphone was found.");
  return gettext("The microphone cannot be used now.");
}

/** Begins a recording; a button that is held ends it when it is let go. @param {{x: number, down: boolean}} press */
export async function record({ x, down }) {
  const c = store.open.value;
  if (now || asking || !c || mustWait(c)) return;
  asking = true;
  const hold = down ? follow(x) : null;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
    if (hold?.slid || store.openId.value !== c.id) return stop(stream); // he went elsewhere while the browser asked
    try {
      begin(c.id, stream);
    } catch (error) {
      stop(stream); // the microphone does not stay on
      throw error;
    }
    if (hold) hold.begun = true;
    change({ held: hold?.down ?? false });
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    toast(reason(error), "error");
  } finally {
    asking = false;
  }
}

/** The finger on the button. @param {number} x where it went down */
function follow(x) {
  const hold = { down: true, slid: false, begun: false };
  const since = performance.now();
  const side = getComputedStyle(document.documentElement).direction === "rtl" ? -1 : 1;
  const move = (/** @type {PointerEvent} */ event) => change({ sliding: (x - event.clientX) * side > SLIDE_PX / 2 });
  const up = (/** @type {PointerEvent} */ event) => {
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) removeEventListener(name, up);
    removeEventListener("pointermove", move);
    hold.down = false;
    const slid = (x - event.clientX) * side > SLIDE_PX;
    hold.slid = slid;
    change({ held: false, sliding: false });
    if (slid) cancel();
    else if (hold.begun && event.type === "pointerup" && performance.now() - since > HOLD_MS && now && length() > LEAST_MS) finish(true);
  };
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) addEventListener(name, up);
  addEventListener("pointermove", move);
  return hold;
}

/** @param {Partial<NonNullable<typeof shown.value>>} change */
function change(change) {
  if (shown.value) shown.value = { ...shown.value, ...change };
}

const length = () => (now ? now.length || performance.now() - now.from : 0);

/** @param {MediaStream} stream */
function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** @param {number} conversation @param {MediaStream} stream */
function begin(conversation, stream) {
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS });
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(stream).connect(analyser);
  const wave = new Float32Array(analyser.fftSize);
  const reply = store.composing.value?.mode === "reply" ? store.composing.value.message.seq : null;
  /** @type {Recording} */
  const recording = { conversation, reply, recorder, stream, context, chunks: [], heights: [], from: performance.now(), length: 0, timer: null };
  recorder.ondataavailable = (event) => { recording.chunks.push(event.data); };
  recorder.onstop = () => { if (now === recording) halt(); }; // also where the microphone has gone: what was said is there
  recorder.start(1000);
  now = recording;
  recording.timer = setInterval(() => {
    analyser.getFloatTimeDomainData(wave);
    recording.heights.push(Math.min(1, Math.sqrt(wave.reduce((sum, v) => sum + v * v, 0) / wave.length) * 4));
    change({ length: length(), heights: recording.heights.slice(-BARS) });
    if (length() >= MOST_MS) halt();
  }, STEP_MS);
  shown.value = { length: 0, heights: [], held: false, sliding: false, done: false };
  form.querySelector(".composer-field")?.append(place);
  form.classList.add("recording");
  announce(gettext("Recording"), () => "");
  /** @type {HTMLElement | null} */ (place.querySelector(".recorder-send"))?.focus();
}

/** No more is recorded; what there is can be sent. */
function halt() {
  if (!now || now.length) return;
  now.length = performance.now() - now.from;
  clearInterval(now.timer);
  if (now.recorder.state !== "inactive") now.recorder.stop();
  stop(now.stream);
  now.context.close();
  change({ done: true, length: now.length });
}

/** The bar goes, the box comes back. */
function close() {
  shown.value = null;
  now = null;
  place.remove();
  form.classList.remove("recording");
  byId("composer-voice").focus();
}

/** Throws the recording away. */
function cancel() {
  if (!now) return;
  halt();
  close();
  announce(gettext("The recording was thrown away."), () => "");
}

/** Ends the recording. @param {boolean} send at once, or into the tray of its conversation */
async function finish(send) {
  const recording = now;
  if (!recording) return;
  if (length() < LEAST_MS) {
    toast(gettext("Too short: speak while you record."));
    return cancel();
  }
  const { recorder, conversation, reply } = recording;
  const whole = recorder.state === "inactive" ? Promise.resolve() : new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
  halt();
  const { length: took } = recording;
  close();
  await whole;
  const type = recorder.mimeType.split(";")[0];
  const file = new File(recording.chunks, nameFor(gettext("Voice"), type.endsWith("mp4") ? "m4a" : type.slice(type.indexOf("/") + 1), new Date()), { type });
  const peaks = peaksOf(recording.heights, PEAKS);
  if (!send || mustWait(store.state.value.conversations.get(conversation) ?? null)) return addVoice(conversation, file, Math.round(took), peaks);
  sendVoice(conversation, file, Math.round(took), peaks, reply);
  if (reply !== null) store.composing.value = null;
  toEnd();
}

/** The level of the last seconds. @param {number[]} heights */
function levels(heights) {
  const path = heights.map((height, i) => {
    const half = 1 + height * 13;
    return `M${(BARS - heights.length + i) * 4 + 2} ${16 - half}v${half * 2}`;
  });
  return html`<svg class="recorder-level" viewBox="0 0 ${BARS * 4} 32" preserveAspectRatio="xMaxYMid slice" aria-hidden="true"><path d=${path.join("")}></path></svg>`;
}

function view() {
  if (!shown.value) return nothing;
  const { length: took, heights, held, sliding, done } = shown.value;
  return html`<button class="composer-button recorder-cancel ${sliding ? "sliding" : ""}" type="button" aria-label=${gettext("Throw the recording away")} title=${gettext("Throw the recording away")} @click=${cancel}>${icon("trash-2")}</button>
    <span class="recorder-dot ${done ? "done" : ""}"></span><time class="recorder-time" role="timer" aria-label=${interpolate(gettext("Recording, %(time)s"), { time: clockLength(took) })}>${clockLength(Math.floor(took / 1000) * 1000)}</time>
    ${held ? html`<span class="recorder-hint">${gettext("Let go to send, slide to the side to throw it away")}</span>` : levels(heights)}
    <button class="composer-button composer-send ready recorder-send" type="button" aria-label=${gettext("Send")} title=${gettext("Send")} @click=${() => finish(true)}>${icon("send-horizontal")}</button>`;
}

place.setAttribute("role", "group");
place.setAttribute("aria-label", gettext("Voice message"));
place.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  cancel();
});
effect(() => { render(view(), place); });
addEventListener("beforeunload", (event) => { if (now) event.preventDefault(); });
effect(() => { // another conversation opens: nothing that was said is lost
  const open = store.openId.value;
  if (now && open !== now.conversation) queueMicrotask(() => finish(false));
});
