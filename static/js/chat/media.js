/**
 * What is in the places of files: pictures, moving pictures, videos, cards. Loaded with the first row that has files.
 * @import {Attachment, Message} from "../types.js"
 */
import { classMap, effect, html, nothing, ref } from "../vendor/ui.js";
import { addStyle, byId, icon, lazy } from "../core/dom.js";
import { addressOf, clockLength, downloadOf, extensionOf, fileSize, lookOf, nameParts, whyRefused } from "../core/filelook.js";
import { figure, gettext, interpolate } from "../core/i18n.js";
import { roomOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { isMoving, toggleMoving, watchMoving, watchVideo } from "./moving.js";
import "./player.js";
import { log } from "./scroll.js";

export { offerView } from "./offercard.js";

/** Done when the style sheet has come. */
export const styled = addStyle(byId("app").dataset.media ?? "");

/** What a picture shows, and what it is called. @param {Attachment} file */
const labelOf = (file) => interpolate(file.kind === "video" ? gettext("Video %(name)s") : gettext("Picture %(name)s"), { name: file.name });

/** The address of a picture in a row: what this page has sent itself is at hand. @param {Attachment} file */
export const rowAddress = (file) => store.sentPictures.get(file.token) ?? (file.status === "processing" ? "" : addressOf(file, file.preview ? "preview" : undefined));

/** Where the whole of it is. Until the server has looked at a file nobody gets it but who sent it. @param {Attachment} file */
export const fullAddress = (file) => (file.status === "processing" ? store.sentPictures.get(file.token) ?? "" : addressOf(file));

/** @param {Attachment} file @param {Message} message */
const isHeld = (file, message) => file.status === "processing" && message.sender !== store.state.value.me.id;

/** @param {Event} event */
function onBroken(event) {
  const picture = /** @type {HTMLElement} */ (event.target).closest(".cell");
  picture?.classList.add("broken");
}

effect(() => { // what could not be had without a connection
  if (store.socket.connection.value.state !== "live") return;
  for (const image of /** @type {Iterable<HTMLImageElement>} */ (log.querySelectorAll(".cell.broken img[src]"))) {
    image.closest(".cell")?.classList.remove("broken");
    image.src = image.src;
  }
});

/** One picture or video of a row. @param {Attachment} file @param {Message} message @param {number} more how many follow that are not shown */
export function pictureView(file, message, more = 0) {
  if (file.kind === "video") return isHeld(file, message) ? WAITING() : videoView(file, more);
  const source = rowAddress(file);
  const name = more ? `${labelOf(file)}, ${interpolate(gettext("%(count)s more"), { count: figure(more) })}` : labelOf(file);
  const small = (file.width ?? 0) < 140 && (file.height ?? 0) < 84;
  const stretched = (file.width ?? 1) / (file.height || 1);
  const far = stretched > 4.2 || stretched < 0.34; // its room has another shape: it fills it and is cut
  return html`<button class=${classMap({ "picture-open": true, small, whole: !small && !far && roomOf([file])[0] < 200, waiting: !source })} type="button" tabindex="-1" data-action="file-open" data-token=${file.token} aria-label=${source ? name : `${name} · ${gettext("Being prepared…")}`}>${
    source ? file.animated
      ? html`<img alt="" decoding="async" draggable="false" data-moving=${source} data-still=${addressOf(file, "still")} ${ref(watchMoving)} @error=${onBroken}>`
      : html`<img src=${source} alt="" loading="lazy" decoding="async" draggable="false" @error=${onBroken}>` : nothing}${
    more ? html`<span class="picture-more" aria-hidden="true">+${figure(more)}</span>` : nothing}<span class="picture-gone" aria-hidden="true">${icon("image-off")}</span></button>${
    file.animated && source && !more ? html`<button class="moving-toggle" type="button" tabindex="-1" data-action="file-move" aria-label=${gettext("Play or pause the animation")}><span aria-hidden="true">GIF</span>${icon("pause")}${icon("play")}</button>` : nothing}`;
}

const WAITING = () => html`<span class="picture-open waiting" role="img" aria-label=${gettext("Being prepared…")}></span>`;

/** @param {Attachment} file @param {number} more */
function videoView(file, more) {
  return html`<video preload="none" playsinline data-source=${addressOf(file)} tabindex="-1" aria-label=${labelOf(file)} ${ref(watchVideo)}></video>
    <button class="video-play" type="button" tabindex="-1" data-action="file-play" aria-label=${interpolate(gettext("Play %(name)s"), { name: file.name })}><span class="play-disc">${icon("play")}</span></button>
    ${file.duration ? html`<span class="video-length" aria-hidden="true">${clockLength(file.duration)}</span>` : nothing}${
    more ? html`<span class="picture-more" aria-hidden="true">+${figure(more)}</span>` : nothing}`;
}

/** The icon of a file with what its name ends with. @param {Pick<Attachment, "name" | "kind">} file */
export function fileIcon(file) {
  const [name, colour] = lookOf(file);
  return html`<span class="file-icon ${colour}" aria-hidden="true">${icon(name)}<span>${extensionOf(file.name)}</span></span>`;
}

/** A name that shows how it ends, whatever it contains. @param {string} name */
export function nameView(name) {
  const [start, end] = nameParts(name);
  return html`<span class="file-name" title=${start + end}><bdi>${start}</bdi>${end ? html`<bdi>${end}</bdi>` : nothing}</span>`;
}

/** A file that is no picture: something to hear, or a card to download. @param {Attachment} file @param {Message} message */
export function fileView(file, message) {
  if (file.kind === "audio" && file.status !== "failed") return html`<sound-player .file=${file} .held=${isHeld(file, message)}></sound-player>`;
  const why = file.status === "refused" ? whyRefused(file) : isHeld(file, message) ? `${fileSize(file.size)} · ${gettext("Being prepared…")}` : "";
  if (why) return html`<span class="file-card">${fileIcon(file)}<span class="file-text">${nameView(file.name)}<span class="file-facts">${why}</span></span></span>`;
  const state = file.status === "failed" && lookOf(file)[0] === "image" ? gettext("Cannot be shown as a picture") : "";
  return html`<a class="file-card" href=${downloadOf(file)} download=${file.name} tabindex="-1" aria-label=${interpolate(gettext("Download %(name)s"), { name: `${file.name}, ${fileSize(file.size)}` })}>
    ${fileIcon(file)}<span class="file-text">${nameView(file.name)}<span class="file-facts">${fileSize(file.size)}${state ? ` · ${state}` : ""}</span></span><span class="file-get">${icon("download")}</span></a>`;
}

/** The row whose controls are tab stops: that with the focus. @type {Element | null} */
let reachable = null;
const CONTROLS = ".files :is(button, a, input)";

log.addEventListener("focusin", (event) => {
  const row = /** @type {HTMLElement} */ (event.target).closest("article.with-files");
  for (const control of /** @type {Iterable<HTMLElement>} */ (row === reachable ? [] : reachable?.querySelectorAll(CONTROLS) ?? [])) control.tabIndex = -1;
  for (const control of /** @type {Iterable<HTMLElement>} */ (row?.querySelectorAll(CONTROLS) ?? [])) control.tabIndex = 0;
  reachable = row;
});

/** Does what a button in a row with files says. @param {string} action @param {Message} message @param {HTMLElement} button */
export async function act(action, message, button) {
  const cell = button.closest(".cell");
  if (action === "file-open") {
    const file = message.files?.find((one) => one.token === button.dataset.token);
    if (file && fullAddress(file)) (await lazy(import("./lightbox.js")))?.openLightbox(message, file, button);
  } else if (action === "file-move" && cell) {
    const moving = /** @type {HTMLImageElement} */ (cell.querySelector("[data-moving]"));
    toggleMoving(moving, !isMoving(moving));
  } else if (action === "file-play" && cell) {
    const video = /** @type {HTMLVideoElement} */ (cell.querySelector("video"));
    video.src ||= video.dataset.source ?? "";
    video.controls = true;
    video.tabIndex = 0;
    cell.classList.add("started");
    video.play().catch(() => {}); // what the browser cannot play says so itself
    video.focus({ preventScroll: true });
  } else if (action.startsWith("file-offer-")) {
    (await import("./offercard.js")).answer(action, message);
  }
}
