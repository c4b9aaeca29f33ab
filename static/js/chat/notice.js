/**
 * The notice of the open group under its head: in full until it is folded on this device, then one line until it changes. Loaded when first needed.
 * @import {Conversation} from "../types.js"
 */
import { html, nothing, signal } from "../vendor/ui.js";
import { byId, icon, keepHere, lazy, mount } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import * as store from "../core/store.js";
import "./groupstyle.js";

/** Counts up when a notice is folded or unfolded. */
const changed = signal(0);

/** @param {Conversation} c */
const keyOf = (c) => `chatroom.notice.${store.state.value.me.id}.${c.id}`;
/** What tells one notice of a group from the next. @param {Conversation} c */
const markOf = (c) => String(c.notice_seq || c.notice.length);

/** @param {Conversation} c @param {boolean} fold */
function setFolded(c, fold) {
  if (fold) keepHere(keyOf(c), markOf(c));
  else localStorage.removeItem(keyOf(c));
  changed.value++;
}

/** Who has read the notice, and who has not. @param {Conversation} c */
export async function openNoticeReaders(c) {
  const place = { conversation: c.id, seq: c.notice_seq };
  const held = store.timeline.value?.rows.find((m) => m.seq === c.notice_seq);
  (await lazy(import("./readers.js")))?.openReaders(held ?? { ...place, sender: null });
}

function view() {
  changed.value;
  const c = store.open.value;
  if (!c?.notice) return nothing;
  const folded = localStorage.getItem(keyOf(c)) === markOf(c);
  const label = folded ? gettext("Show the notice") : gettext("Fold the notice");
  const edit = () => lazy(import("./info.js")).then((module) => module?.openGovern("notice"));
  const toggle = html`<button class="icon-button" type="button" aria-expanded=${!folded} aria-controls="notice-text" aria-label=${label} title=${label} @click=${() => setFolded(c, !folded)}>${icon(folded ? "chevron-down" : "chevron-up")}</button>`;
  return html`<section class="notice-bar ${folded ? "folded" : ""}" aria-label=${c.kind === "group" ? gettext("Group notice") : gettext("Notice")}>${icon("megaphone")}
    <div class="notice-main"><p class="notice-text" id="notice-text" dir="auto" tabindex=${folded ? nothing : "0"}>${c.notice}</p>
    ${folded ? nothing : html`<div class="notice-acts">${c.notice_seq ? html`<button class="button-link" type="button" @click=${() => openNoticeReaders(c)}>${gettext("Who has read it")}</button>` : nothing}${
      c.role === "member" ? nothing : html`<button class="button-link" type="button" @click=${edit}>${gettext("Edit")}</button>`}</div>`}</div>${toggle}</section>`;
}

let started = false;

/** Shows the bar. */
export function start() {
  if (started) return;
  started = true;
  const place = document.createElement("div");
  place.className = "notice-place";
  byId("header").after(place);
  mount(place, view);
}
