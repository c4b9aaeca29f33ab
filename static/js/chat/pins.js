/**
 * The pinned messages of the open conversation: a bar under its head, and a list of all. Loaded with the first pin.
 * @import {Conversation, Message} from "../types.js"
 */
import { computed, effect, html, nothing, repeat, signal } from "../vendor/ui.js";
import { avatar, byId, icon, mount, openDialog } from "../core/dom.js";
import { figure, gettext, interpolate, listTime, ngettext } from "../core/i18n.js";
import { canPin, nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { jumpTo } from "./list.js";
import { pin } from "./menu.js";
import { quotedText } from "./message.js";
import "./parts.js";

const pins = computed(() => store.state.value.pins.get(store.openId.value ?? 0) ?? []);
/** The pin that the bar shows: a press goes to it, and the next press to the one before. */
const at = signal(0);

/** @param {Message} message */
const lineOf = (message) => quotedText(message, store.state.value).replace(/\s+/g, " ");

function barView() {
  const all = pins.value;
  bar.hidden = !all.length;
  if (!all.length) return nothing;
  const shown = Math.min(at.value, all.length - 1);
  const message = all[shown];
  const title = all.length > 1 ? interpolate(gettext("Pinned message %(number)s of %(all)s"), { number: figure(shown + 1), all: figure(all.length) }) : gettext("Pinned message");
  const go = () => {
    jumpTo(message.seq);
    at.value = (shown + 1) % all.length;
  };
  return html`<button class="pin-main" type="button" @click=${go}><span class="pin-steps" aria-hidden="true">${all.slice(0, 4).map((_, i) =>
      html`<i class=${i === Math.min(shown, 3) ? "on" : ""}></i>`)}</span>
      <span class="pin-text"><b>${title}</b><span dir="auto">${lineOf(message)}</span></span></button>
    <button class="icon-button" type="button" aria-haspopup="dialog" aria-label=${gettext("All pinned messages")} title=${gettext("All pinned messages")} @click=${openPins}>${icon(all.length > 1 ? "list" : "pin")}</button>`;
}

/** All pinned messages of the open conversation. */
export function openPins() {
  const c = store.open.value;
  if (!c) return;
  const dialog = openDialog(gettext("Pinned messages"), ({ close }) => listView(c, close));
  dialog.element.classList.add("pins");
  const stop = effect(() => { pins.value; store.state.value.people; dialog.redraw(); });
  dialog.element.addEventListener("close", stop);
}

/** @param {Conversation} c @param {() => void} close */
function listView(c, close) {
  const { people } = store.state.value;
  const all = pins.value;
  if (!all.length) {
    return html`<div class="dialog-body"><div class="notice"><span class="notice-icon">${icon("pin")}</span><p>${gettext("Nothing is pinned here.")}</p></div></div>`;
  }
  return html`<div class="dialog-body"><p class="pins-count muted">${interpolate(ngettext("%(count)s pinned message", "%(count)s pinned messages", all.length), { count: figure(all.length) })}</p>
    <div class="people">${repeat(all, (m) => m.seq, (m) => {
      const name = nameOf(m.sender, people, m.sender_name);
      return html`<div class="person-row"><button class="person" type="button" @click=${() => { close(); jumpTo(m.seq); }}>${avatar(m.sender ?? 0, name, { picture: people.get(m.sender ?? 0)?.avatar })}
        <span class="person-text"><b dir="auto">${name}<time>${listTime(m.sent_at)}</time></b><span class="pins-text" dir="auto">${lineOf(m)}</span></span></button>${
        canPin(c) ? html`<button class="icon-button" type="button" aria-label=${gettext("Unpin")} title=${gettext("Unpin")} @click=${() => pin(m)}>${icon("pin-off")}</button>` : nothing}</div>`;
    })}</div></div>`;
}

const bar = document.createElement("section");
bar.className = "pin-bar";
bar.setAttribute("aria-label", gettext("Pinned messages"));
byId("header").after(bar);
effect(() => {
  store.openId.value;
  at.value = 0;
});
mount(bar, barView);
