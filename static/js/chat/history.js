/**
 * What was written before: clearing it from my own screen and taking that back, and going to a date.
 * @import {Conversation} from "../types.js"
 */
import { html, nothing } from "../vendor/ui.js";
import { icon, lazy, tellError } from "../core/dom.js";
import { gettext, joinNames } from "../core/i18n.js";
import { offer } from "../core/offer.js";
import { nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { openPins } from "./pins.js";

/** @param {Conversation} c @param {number} seq */
const clearTo = (c, seq) => store.socket.request("conversation.clear", { conversation: c.id, seq });

/** Hides what stands in a conversation, for me alone. @param {Conversation} c */
export function clearScreen(c) {
  const before = c.cleared_seq;
  clearTo(c, c.last_seq).then(() => offer(gettext("Screen cleared. Others still see everything."), gettext("Undo"), () => { clearTo(c, before).catch(tellError); }), tellError);
}

/** Shows again what was hidden. @param {Conversation} c */
export const showAgain = (c) => clearTo(c, 0).catch(tellError);

/** A card of the panel. @param {Conversation} c */
export function historyView(c) {
  const pins = store.state.value.pins.get(c.id)?.length ?? 0;
  const item = (/** @type {string} */ name, /** @type {string} */ label, /** @type {() => unknown} */ act) =>
    html`<button class="menu-item" type="button" @click=${act}>${icon(name)}${label}</button>`;
  const { here, me, people } = store.state.value;
  const looking = (here.get(c.id) ?? []).filter((id) => id !== me.id).map((id) => nameOf(id, people));
  return html`<div class="info-card">
    ${looking.length && c.kind !== "direct" ? html`<div class="info-fact">${icon("eye")}<span class="person-text"><span class="info-value">${joinNames(looking)}</span><span class="muted">${gettext("In this chat now")}</span></span></div>` : nothing}
    ${pins ? item("pin", gettext("Pinned messages"), openPins) : nothing}
    ${item("calendar-days", gettext("Jump to a date"), () => lazy(import("./dates.js")).then((module) => module?.openDates("")))}
    ${item("download", gettext("Export chat history"), () => lazy(import("./transcripts.js")).then((module) => module?.openTranscripts(c)))}
    ${c.last_seq > c.cleared_seq ? item("eraser", gettext("Clear screen"), () => clearScreen(c)) : nothing}
    ${c.cleared_seq ? item("history", gettext("Show cleared messages again"), () => showAgain(c)) : nothing}</div>`;
}
