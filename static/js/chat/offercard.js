/**
 * A file that is offered: what its receiver may answer, how it stands, and what the sender may do.
 * @import {Message, Offer} from "../types.js"
 */
import { html, nothing } from "../vendor/ui.js";
import { icon, lazy, tellError } from "../core/dom.js";
import { fileSize } from "../core/filelook.js";
import { gettext, interpolate, span } from "../core/i18n.js";
import { nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { fileIcon, nameView } from "./media.js";

/** How an offer stands, in words. @param {Offer} offer @param {boolean} mine @param {string} name of the other one */
function stateText({ state, expires_at: expires }, mine, name) {
  const left = (Date.parse(expires) - store.now()) / 1000;
  const say = (/** @type {string} */ text) => interpolate(text, { name, time: span(Math.max(60, left)) });
  switch (state) {
    case "offered": return mine ? say(gettext("Waiting until %(name)s accepts")) : say(gettext("Open for %(time)s"));
    case "accepted": return mine ? gettext("Accepted") : say(gettext("Accepted. %(name)s is sending it…"));
    case "refused": return mine ? say(gettext("%(name)s refused it")) : gettext("You refused it");
    case "withdrawn": return mine ? gettext("You withdrew it") : say(gettext("%(name)s withdrew it"));
    case "expired": return gettext("The offer has expired");
    default: return gettext("Done");
  }
}

/** The card of an offer. @param {Message} message */
export function offerView(message) {
  const offer = /** @type {Offer} */ (message.offer);
  const { me, people } = store.state.value;
  const mine = message.sender === me.id;
  const name = mine ? nameOf(offer.receiver, people) : nameOf(message.sender, people, message.sender_name);
  const button = (/** @type {string} */ action, /** @type {string} */ label, /** @type {string} */ look = "") =>
    html`<button class="button small ${look}" type="button" tabindex="-1" data-action="file-offer-${action}">${label}</button>`;
  const progress = mine && offer.state === "accepted" ? store.uploads.value?.offerProgress?.(message) : null;
  const over = ["refused", "withdrawn", "expired"].includes(offer.state);
  return html`<div class="offer-card ${over ? "over" : ""}"><span class="offer-what">${fileIcon({ name: offer.name, kind: "file" })}<span class="file-text">${nameView(offer.name)}<span class="file-facts">${fileSize(offer.size)}</span></span></span>
    <span class="offer-row">${progress ?? html`<span class="offer-state">${icon(over ? "circle-x" : offer.state === "offered" ? "clock" : "circle-check")}<span>${stateText(offer, mine, name)}</span></span>${
      offer.state === "offered" && !mine ? html`${button("refuse", gettext("Refuse"))}${button("accept", gettext("Accept"), "button-primary")}` : nothing}${
      offer.state === "offered" && mine ? button("withdraw", gettext("Withdraw")) : nothing}${
      offer.state === "accepted" && mine ? button("send", gettext("Send"), "button-primary") : nothing}`}</span></div>`;
}

/** Answers, withdraws or sends. @param {string} action @param {Message} message */
export async function answer(action, message) {
  const { conversation, seq } = message;
  if (action === "file-offer-send") return (await lazy(import("./upload.js")))?.uploadOffer(message);
  const [command, data] = action === "file-offer-withdraw" ? ["offer.withdraw", {}] : ["offer.answer", { accept: action === "file-offer-accept" }];
  store.socket.request(command, { conversation, seq, ...data }).catch(tellError);
}
