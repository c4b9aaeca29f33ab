/**
 * How files on their way look in the timeline: pictures as this page holds them, cards for the rest, each with a ring that fills, holds and goes on.
 * A row gives them their room (message.js); what moves is drawn by itself, so that the row stays.
 * @import {Message, OutFile, Outgoing} from "../types.js"
 */
import { effect, html, nothing, ref, render } from "../vendor/ui.js";
import { icon } from "../core/dom.js";
import { clockLength, fileSize } from "../core/filelook.js";
import { doneText } from "../core/outfiles.js";
import { figure, gettext, interpolate } from "../core/i18n.js";
import * as store from "../core/store.js";
import { offeredFile } from "./offers.js";
import { urlOf } from "./kept.js";
import { cancel, progressOf, toggle } from "./transfer.js";
import { chooseAgain } from "./upload.js";

/** Draws a view again when what it reads moves. @param {() => unknown} view */
function following(view) {
  let stop = () => {};
  return ref((place) => {
    stop();
    stop = place ? effect(() => { render(view(), /** @type {HTMLElement} */ (place)); }) : () => {};
  });
}

/** What a file on its way is doing. @param {OutFile} file @param {boolean} failed */
function stepOf(file, failed) {
  if (file.token) return { step: /** @type {const} */ ("done"), done: file.size };
  const now = progressOf(file.id)?.value;
  if (failed || !now) return { step: /** @type {const} */ ("still"), done: now?.done ?? 0 };
  return store.socket.connection.value.state !== "live" && now.step === "running" ? { ...now, step: /** @type {const} */ ("waiting") } : now;
}

/** The ring with what a press does in it. @param {OutFile} file @param {boolean} failed @param {() => void} again chooses the file again */
function ringView(file, failed, again) {
  const { step, done } = stepOf(file, failed);
  if (step === "done" || step === "still") return html`<span class="ring ${step}">${icon(step === "done" ? "check" : "circle-alert")}</span>`;
  const part = file.size ? done / file.size : 0;
  const words = /** @type {const} */ ({ running: ["pause", gettext("Pause")], waiting: ["pause", gettext("Pause")], paused: ["play", gettext("Go on")], lost: ["folder-open", gettext("Choose the file again to go on")] });
  const [name, label] = words[step];
  return html`<button class="ring ${step}" type="button" aria-label="${label}: ${file.name}" title=${label} @click=${(/** @type {Event} */ event) => { event.stopPropagation(); step === "lost" ? again() : toggle(file.id); }}>
    <svg viewBox="0 0 36 36" role="progressbar" aria-label=${file.name} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.floor(part * 100)}>
      <circle class="track" cx="18" cy="18" r="16"></circle><circle class="part" cx="18" cy="18" r="16" pathLength="100" stroke-dasharray="${Math.max(2, part * 100)} 100"></circle></svg>${icon(name)}</button>`;
}

/** What is said of it, in a line. @param {OutFile} file @param {boolean} failed */
function lineText(file, failed) {
  const { step, done } = stepOf(file, failed);
  const words = { paused: gettext("Paused"), waiting: gettext("Waiting for the connection"), lost: gettext("Choose the file again to go on") };
  const size = step === "running" || step === "paused" ? doneText(done, file.size) : fileSize(file.size);
  return step === "paused" || step === "waiting" || step === "lost" ? `${words[step]} · ${size}` : size;
}

/** @param {OutFile} file @param {() => void} act */
const cancelButton = (file, act) => html`<button class="sending-cancel" type="button" aria-label=${interpolate(gettext("Do not send %(name)s"), { name: file.name })} title=${gettext("Cancel")}
  @click=${(/** @type {Event} */ event) => { event.stopPropagation(); act(); }}>${icon("x")}</button>`;

/** A picture or a film of a message on its way. @param {OutFile} file @param {Outgoing} item @param {number} more how many are not shown */
export function pictureView(file, item, more) {
  const url = urlOf(file.id) || store.sentPictures.get(file.token) || "";
  const failed = item.status === "failed";
  const image = !url ? nothing : file.kind === "video"
    ? html`<video class="sending-picture" src="${url}#t=0.1" muted playsinline preload="metadata" aria-label=${file.name}></video>` : html`<img class="sending-picture" src=${url} alt=${file.name} draggable="false">`;
  return html`${image}${more > 0 ? html`<span class="sending-more">+${figure(more)}</span>` : nothing}
    <div class="sending-tools" ${following(() => html`${file.token || (more > 0 && ["running", "waiting"].includes(stepOf(file, failed).step)) ? nothing : ringView(file, failed, () => chooseAgain(file))}${file.token || failed ? nothing : cancelButton(file, () => store.outbox.dropFile(item.client_id, file.id))}${
      stepOf(file, failed).step === "lost" ? html`<span class="sending-note">${gettext("Choose the file again to go on")}</span>` : nothing}`)}></div>`;
}

/** A file of a message on its way. @param {OutFile} file @param {Outgoing} item */
export function fileView(file, item) {
  const failed = item.status === "failed";
  const name = file.peaks ? `${gettext("Voice message")} · ${clockLength(file.duration ?? 0)}` : file.name;
  return html`<div class="sending-card" ${following(() => html`${ringView(file, failed, () => chooseAgain(file))}
    <span class="sending-text"><b title=${name}>${name}</b><span>${lineText(file, failed)}</span></span>${file.token || failed ? nothing : cancelButton(file, () => store.outbox.dropFile(item.client_id, file.id))}`)}></div>`;
}

/** An offer that has not reached the server. @param {Outgoing} item */
export function offerView({ offer }) {
  return offer ? html`<div class="sending-card"><span class="ring still">${icon("package")}</span>
    <span class="sending-text"><b title=${offer.name}>${offer.name}</b><span>${fileSize(offer.size)} · ${gettext("Offer")}</span></span></div>` : nothing;
}

/** For the card of my offer that was accepted: how far its file is, or how to go on. @param {Message} message */
export function offerProgress(message) {
  const file = offeredFile(message);
  return html`<div class="sending-card" ${following(() => {
    const going = progressOf(file.id);
    if (!going) return html`<button class="button" type="button" @click=${() => chooseAgain(file, message)}>${icon("folder-open")}${gettext("Choose the file to send it")}</button>`;
    return html`${ringView(file, false, () => chooseAgain(file, message))}<span class="sending-text"><b>${gettext("Being sent")}</b><span>${lineText(file, false)}</span></span>${cancelButton(file, () => cancel(file.id))}`;
  })}></div>`;
}

