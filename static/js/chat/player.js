/**
 * Hearing: voice messages and music in a row. One player for the page, so that it goes on when its row has scrolled away.
 * @import {Attachment} from "../types.js"
 */
import { effect, html, nothing, render, signal, svg } from "../vendor/ui.js";
import { icon, keepHere } from "../core/dom.js";
import { addressOf, clockLength, fileSize, nameParts } from "../core/filelook.js";
import { gettext, interpolate } from "../core/i18n.js";
import * as store from "../core/store.js";

const RATES = [1, 1.5, 2];
const KEY = "chatroom.rate";
const BARS = 64;

const audio = new Audio();
audio.preload = "metadata";
/** What is at the player, where it stands in milliseconds, and whether it goes. */
const now = signal({ token: "", playing: false, at: 0, length: 0, failed: false });
const rate = signal(RATES.includes(Number(localStorage.getItem(KEY))) ? Number(localStorage.getItem(KEY)) : 1);
/** @type {number | null} */
let where = null;

/** @param {Partial<typeof now.value>} change */
const set = (change) => { now.value = { ...now.value, ...change }; };

/** @param {Attachment} file */
function toggle(file) {
  if (now.value.token !== file.token) load(file);
  if (audio.paused) play();
  else audio.pause();
}

/** @param {Attachment} file @param {number} [at] */
function load(file, at = 0) {
  audio.pause();
  audio.src = addressOf(file);
  where = store.openId.value;
  now.value = { token: file.token, playing: false, at, length: file.duration ?? 0, failed: false };
  if (at) audio.currentTime = at / 1000;
}

function play() {
  audio.playbackRate = rate.value;
  audio.play().catch((error) => { if (error.name !== "AbortError") set({ playing: false, failed: true }); });
}

/** @param {Attachment} file @param {number} part from 0 to 1 */
function seek(file, part) {
  const length = lengthOf(file);
  if (now.value.token !== file.token) load(file, part * length);
  else audio.currentTime = part * length / 1000;
  set({ at: part * length });
}

/** How long it is: as the server says, else as the browser has found out. @param {Attachment} file */
const lengthOf = (file) => file.duration || (now.value.token === file.token ? now.value.length : 0);

function nextRate() {
  rate.value = RATES[(RATES.indexOf(rate.value) + 1) % RATES.length];
  keepHere(KEY, String(rate.value));
  audio.playbackRate = rate.value;
}

/** @param {Attachment} file @param {boolean} held is it not to be had yet? */
function view(file, held) {
  const mine = now.value.token === file.token;
  const { playing, at, failed } = mine ? now.value : { playing: false, at: 0, failed: false };
  const length = lengthOf(file);
  const part = length ? Math.min(1, at / length) : 0;
  const voice = !!file.peaks?.length;
  const [start, end] = nameParts(file.name);
  const title = voice ? gettext("Voice message") : file.name;
  const shown = mine && (playing || at) ? `${clockLength(at)} / ${clockLength(length)}` : held ? gettext("Being prepared…") : length ? clockLength(length) : fileSize(file.size);
  return html`<button class="sound-play" type="button" tabindex="-1" aria-label=${interpolate(playing ? gettext("Pause %(name)s") : gettext("Play %(name)s"), { name: title })} ?disabled=${held} @click=${() => toggle(file)}>${icon(playing ? "pause" : "play")}</button>
    <span class="sound-body">${voice ? nothing : html`<span class="file-name" title=${file.name}><bdi>${start}</bdi><bdi>${end}</bdi></span>`}
      <span class="sound-track">${voice ? html`<svg class="wave" viewBox="0 0 ${BARS * 3 - 1} 24" preserveAspectRatio="none" aria-hidden="true">${(file.peaks ?? []).slice(0, BARS).map((peak, i) => {
        const height = Math.max(2, Math.min(100, peak) * 0.24);
        return BAR(i * 3, 12 - height / 2, height, (i + 0.5) / BARS <= part);
      })}</svg>` : html`<progress max="1" value=${part} aria-hidden="true"></progress>`}<input class="sound-seek" type="range" tabindex="-1" min="0" max="100" step="1" .value=${String(Math.round(part * 100))} ?disabled=${!length || held}
          aria-label=${interpolate(gettext("Position in %(name)s"), { name: title })} aria-valuetext="${clockLength(at)} / ${clockLength(length)}" @input=${(/** @type {Event} */ event) => seek(file, Number(/** @type {HTMLInputElement} */ (event.target).value) / 100)}></span>
      <span class="sound-facts"><span class=${failed ? "failed" : ""}>${failed ? gettext("This browser cannot play it.") : shown}</span>${
        mine && !failed ? html`<button class="sound-rate" type="button" tabindex="-1" aria-label=${interpolate(gettext("Speed %(rate)s"), { rate: `${rate.value}×` })} @click=${nextRate}>${rate.value}×</button>` : nothing}</span></span>
    ${held ? nothing : html`<a class="icon-button sound-get" href="${addressOf(file)}?download" download=${file.name} tabindex="-1" aria-label=${interpolate(gettext("Download %(name)s"), { name: title })} title=${gettext("Download")}>${icon("download")}</a>`}`;
}

/** @param {number} x @param {number} y @param {number} height @param {boolean} on */
const BAR = (x, y, height, on) => svg`<rect x=${x} y=${y} width="2" height=${height} rx="1" class=${on ? "on" : ""}></rect>`;

/** The player of one file: `<sound-player .file=…>`. */
class SoundPlayer extends HTMLElement {
  #file = signal(/** @type {Attachment | null} */ (null));
  #held = signal(false);
  /** @type {(() => void) | null} */
  #stop = null;

  /** @param {Attachment} file */
  set file(file) {
    this.#file.value = file;
  }

  /** @param {boolean} held */
  set held(held) {
    this.#held.value = held;
  }

  connectedCallback() {
    this.#stop = effect(() => {
      const file = this.#file.value;
      if (file) render(view(file, this.#held.value), this);
    });
  }

  disconnectedCallback() {
    this.#stop?.();
  }
}

audio.addEventListener("play", () => {
  set({ playing: true, failed: false });
  dispatchEvent(new CustomEvent("chatroom.sounds", { detail: audio }));
});
audio.addEventListener("pause", () => set({ playing: false }));
audio.addEventListener("timeupdate", () => set({ at: audio.currentTime * 1000 }));
audio.addEventListener("durationchange", () => { if (Number.isFinite(audio.duration)) set({ length: audio.duration * 1000 }); });
audio.addEventListener("ended", () => set({ playing: false, at: 0 }));
audio.addEventListener("error", () => { if (now.value.token) set({ playing: false, failed: true }); });
addEventListener("chatroom.sounds", (event) => { if (/** @type {CustomEvent} */ (event).detail !== audio) audio.pause(); });
addEventListener("chatroom.sounds", (event) => { if (/** @type {CustomEvent} */ (event).detail === audio) for (const video of document.querySelectorAll("video")) video.pause(); });
effect(() => { // elsewhere nothing would show how to stop it
  if (store.openId.value !== where && !audio.paused) audio.pause();
});
customElements.define("sound-player", SoundPlayer);
