/**
 * The list of conversations.
 * @import {Conversation, State} from "../types.js"
 */
import { classMap, guard, html, nothing, repeat, signal } from "../vendor/ui.js";
import { avatar, byId, icon, isComposing, mount, presenceWord } from "../core/dom.js";
import { figure, folded, fullTime, gettext, interpolate, listTime, ngettext } from "../core/i18n.js";
import { nameOf, titleOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { systemText } from "./message.js";

const filter = signal("");

/** The picture of a conversation. @param {Conversation} c @param {State} state */
export function conversationAvatar(c, state) {
  if (c.kind === "everyone") return avatar(5, "", { icon: "megaphone" });
  if (c.kind === "group") return avatar(c.id, c.name);
  if (c.peer === state.me.id) return avatar(0, "", { icon: "bookmark" });
  return avatar(c.peer ?? 0, titleOf(c, state), { presence: state.people.get(c.peer ?? 0)?.presence });
}

/** @param {Conversation} c @param {State} state */
function previewView(c, state) {
  const typing = state.typing.get(c.id)?.[0];
  if (typing) return html`<span class="typing">${c.kind === "direct" ? gettext("typing…") : interpolate(gettext("%(name)s is typing…"), { name: typing.name })}</span>`;
  if (c.draft && c.id !== store.openId.value) return html`<span class="draft">${gettext("Draft:")}</span> ${c.draft}`;
  const p = c.preview;
  if (!p) return c.kind === "everyone" ? gettext("Everybody on this site") : "";
  if (p.kind === "system") {
    const message = /** @type {any} */ ({ body: p.text, sender: p.sender, sender_name: p.sender_name ?? "", kind: "system" });
    return systemText(message, state);
  }
  const text = p.recalled ? html`<i>${gettext("Message recalled")}</i>` : p.text;
  if (p.sender === state.me.id) return c.peer === state.me.id ? text : html`<span class="who">${gettext("You:")}</span> ${text}`;
  return c.kind === "direct" ? text : html`<span class="who">${nameOf(p.sender, state.people, p.sender_name)}:</span> ${text}`;
}

/** @param {Conversation} c @param {State} state @param {boolean} open */
function itemView(c, state, open) {
  const title = titleOf(c, state);
  const unread = c.unread ? interpolate(ngettext("%(count)s new message", "%(count)s new messages", c.unread), { count: figure(c.unread) }) : "";
  const presence = c.kind === "direct" && c.peer !== state.me.id ? presenceWord(state.people.get(c.peer ?? 0)?.presence ?? "offline") : "";
  return html`<li><a class=${classMap({ item: true, unread: c.unread > 0, quiet: c.level === "none" })} href="/c/${c.id}/" data-nav aria-current=${open ? "page" : nothing}>
    ${conversationAvatar(c, state)}
    <span class="item-top"><b class="item-title">${title}</b>${presence ? html`<span class="visually-hidden">${presence}</span>` : nothing}${
      c.pinned ? icon("pin") : nothing}${c.level === "none" ? icon("bell-off") : nothing}
      ${c.preview ? html`<time datetime=${c.preview.sent_at} title=${fullTime(c.preview.sent_at)}>${listTime(c.preview.sent_at)}</time>` : nothing}</span>
    <span class="item-bottom"><span class="item-preview" dir="auto">${previewView(c, state)}</span>
      ${c.mention ? html`<span class="badge mention" title=${gettext("Somebody mentioned you")}>@</span>` : nothing}
      ${c.unread ? html`<span class="badge"><span aria-hidden="true">${c.unread > 999 ? "999+" : figure(c.unread)}</span><span class="visually-hidden">${unread}</span></span>` : nothing}</span>
  </a></li>`;
}

/** What an item's picture depends on. @param {Conversation} c @param {State} state @param {boolean} open */
const dependencies = (c, state, open) => [c, open, state.people, state.typing.get(c.id), new Date().toDateString()];

function listView() {
  const state = store.state.value;
  const open = store.openId.value;
  const wanted = folded(filter.value.trim());
  const shown = store.list.value.filter((c) => !wanted || folded(titleOf(c, state)).includes(wanted));
  if (!shown.length) {
    return html`<div class="notice"><p>${wanted ? gettext("Nothing found") : gettext("No conversations yet")}</p>
      <button class="button" type="button" data-open="people">${icon("message-square-plus")}${gettext("Write to somebody")}</button></div>`;
  }
  return html`<ul class="items">${repeat(shown, (c) => c.id, (c) => guard(dependencies(c, state, c.id === open), () => itemView(c, state, c.id === open)))}</ul>`;
}

/** Starts the list. */
export function startSidebar() {
  mount(byId("conversations"), listView);
  const field = /** @type {HTMLInputElement} */ (byId("filter"));
  field.addEventListener("input", () => { filter.value = field.value; });
  field.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    if (event.key === "Enter") /** @type {HTMLElement | null} */ (document.querySelector("#conversations .item"))?.click();
    if (event.key === "Escape") field.value = filter.value = "";
  });
  mount(byId("me"), () => {
    const { me, people } = store.state.value;
    const live = store.socket.connection.value.state === "live";
    const known = me.options.invisible ? "invisible" : people.get(me.id)?.presence ?? "offline";
    const presence = live && known === "offline" ? "online" : known;
    return html`${avatar(me.id, me.name, { presence, size: "small" })}<span class="me-name"><b>${me.name}</b><span class="muted">${
      live ? presenceWord(presence) : gettext("Connecting…")}</span></span>${icon("settings")}`;
  });
}
