/**
 * The list of conversations.
 * @import {Conversation, State} from "../types.js"
 */
import { classMap, effect, guard, html, nothing, render, repeat, signal, untracked } from "../vendor/ui.js";
import { avatar, byId, icon, isComposing, lazy, mount, presenceWord } from "../core/dom.js";
import { figure, gettext, interpolate, listTime, ngettext } from "../core/i18n.js";
import { isQuiet } from "../core/private.js";
import { fileWords, nameOf, titleOf, unmarked } from "../core/rows.js";
import * as store from "../core/store.js";
import { conversationAvatar } from "./header.js";
import { systemText } from "./message.js";

const LONG_PRESS_MS = 500;
const WOBBLE = 10;
const GLIDE = { duration: 180, easing: "ease-out" };

const element = byId("conversations");
const field = /** @type {HTMLInputElement} */ (byId("filter"));
/** What the field says; letters still being composed do not count. */
export const filter = signal("");
/** What search.js adds to the list: its place below the rows, is it at work, does it look at messages alone, and which rows answer by the sound of their names? */
export const found = { place: document.createElement("div"), on: signal(false), narrowed: signal(false), heard: signal(/** @type {Set<number>} */ (new Set())) };
/** Comes when somebody begins to search. @type {import("../vendor/ui.js").Signal<((query: string, text: string) => unknown) | null>} */
const match = signal(null);
/** The row that Tab leads to. @type {import("../vendor/ui.js").Signal<number | null>} */
const stop = signal(null);
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

/** @param {Conversation} c @param {State} state */
function previewView(c, state) {
  const typing = state.typing.get(c.id)?.[0];
  if (typing) return html`<span class="typing">${c.kind === "direct" ? gettext("typing…") : interpolate(gettext("%(name)s is typing…"), { name: typing.name })}</span>`;
  if (c.draft && c.id !== store.openId.value) return html`<span class="draft">${gettext("Draft:")}</span> ${c.draft}`;
  const p = c.preview;
  if (!p && c.cleared_seq) return gettext("Screen cleared");
  if (!p) return c.kind === "everyone" ? gettext("Everybody on this site") : gettext("No messages yet");
  if (p.kind === "system") {
    const message = /** @type {any} */ ({ body: p.text, sender: p.sender, sender_name: p.sender_name ?? "", kind: "system" });
    return systemText(message, state);
  }
  const files = fileWords(p.files ?? (p.kind === "file" ? ["file"] : []), p.file);
  const text = p.recalled ? html`<i>${gettext("Message recalled")}</i>` : [files, p.text && unmarked(p.text)].filter(Boolean).join(" ");
  if (p.sender === state.me.id) return c.peer === state.me.id ? text : html`<span class="who">${gettext("You:")}</span> ${text}`;
  return c.kind === "direct" ? text : html`<span class="who">${nameOf(p.sender, state.people, p.sender_name)}:</span> ${text}`;
}

/** An icon that says something. @param {string} name @param {string} text @param {string} [look] */
const sign = (name, text, look = "") => html`<span class="sign ${look}" title=${text}>${icon(name)}<span class="visually-hidden">${text}</span></span>`;

/** How far my last message to one person has come. @param {Conversation} c @param {State} state */
function tickView(c, state) {
  const p = c.preview;
  if (!p || p.recalled || p.kind === "system" || c.kind !== "direct" || c.peer === state.me.id || p.sender !== state.me.id) return nothing;
  return c.peer_read_seq >= p.seq ? sign("check-check", gettext("Read"), "tick-read") : sign("check", gettext("Sent"));
}

/** What a row says at its end: unsent, mentioned, new. @param {Conversation} c @param {boolean} failed */
function marksView(c, failed) {
  const unread = c.unread ? interpolate(ngettext("%(count)s new message", "%(count)s new messages", c.unread), { count: figure(c.unread) }) : "";
  return html`${failed ? sign("circle-alert", gettext("Not sent"), "failed") : nothing}${
    c.mentions ? html`<span class="badge mention" title=${gettext("Somebody mentioned you")}><span aria-hidden="true">@</span><span class="visually-hidden">${gettext("Somebody mentioned you")}</span></span>` : nothing}${
    c.unread ? html`<span class="badge count"><span aria-hidden="true">${c.unread > 999 ? "999+" : figure(c.unread)}</span><span class="visually-hidden">${unread}</span></span>` : nothing}`;
}

/** @param {Conversation} c @param {State} state @param {boolean} open @param {boolean} reachable @param {boolean} failed */
function itemView(c, state, open, reachable, failed) {
  const title = titleOf(c, state);
  const presence = c.kind === "direct" && c.peer !== state.me.id ? presenceWord(state.people.get(c.peer ?? 0)?.presence ?? "offline") : "";
  return html`<li><a class=${classMap({ item: true, unread: c.unread > 0, quiet: c.level !== "all", silent: c.level === "none", pinned: c.pinned })} href="/c/${c.id}/" data-nav data-id=${c.id}
      tabindex=${reachable ? 0 : -1} aria-current=${open ? "page" : nothing} aria-keyshortcuts="Shift+F10" draggable="false">
    ${conversationAvatar(c, state)}
    <span class="item-top"><span class="item-name"><b class="item-title" dir="auto" title=${title}>${title}</b>${presence ? html`<span class="visually-hidden">${presence}</span>` : nothing}${
      c.level === "none" ? sign("bell-off", gettext("Muted")) : nothing}${c.pinned ? sign("pin", gettext("Pinned")) : nothing}</span>${tickView(c, state)}${
      c.preview ? html`<time datetime=${c.preview.sent_at}>${listTime(c.preview.sent_at)}</time>` : nothing}</span>
    <span class="item-bottom"><span class="item-preview" dir="auto">${previewView(c, state)}</span>${marksView(c, failed)}</span>
  </a></li>`;
}

/** @param {string} text @param {string} name @param {boolean} [primary] */
const emptyView = (text, name, primary = false) => html`<div class="notice list-empty"><span class="notice-icon">${icon(name)}</span><p>${text}</p>
  <button class="button ${primary ? "button-primary" : ""}" type="button" data-open="people">${icon("message-square-plus")}${gettext("Write to somebody")}</button></div>`;

/** Conversations that answer to the search, all without one. @param {State} state */
function shownNow(state) {
  const wanted = filter.value.trim();
  const fits = match.value;
  if (found.narrowed.value) return [];
  if (!wanted || !fits) return store.list.value;
  const names = (/** @type {Conversation} */ c) => [titleOf(c, state), c.kind === "direct" ? state.people.get(c.peer ?? 0)?.username ?? "" : ""];
  return store.list.value.filter((c) => found.heard.value.has(c.id) || names(c).some((name) => name && fits(wanted, name)));
}

/** @type {number[]} */
let order = [];

/** Draws the list; rows that change places glide there. */
function draw() {
  const state = store.state.value;
  const open = store.openId.value;
  const shown = shownNow(state);
  const ids = shown.map((c) => c.id);
  const reachable = [stop.value, open].find((id) => id !== null && ids.includes(id)) ?? ids[0];
  const unsent = new Set(store.outbox.items.value.filter((item) => item.status === "failed").map((item) => item.conversation));
  const moved = ids.length === order.length && ids.some((id, i) => id !== order[i]) && !filter.value;
  const places = moved && !stillness.matches && !document.hidden && element.scrollTop === 0 ? placesNow() : null;
  const row = (/** @type {Conversation} */ c) => {
    const parts = [c.id === open, c.id === reachable, unsent.has(c.id)];
    return guard([c, ...parts, state.people, state.typing.get(c.id), new Date().toDateString()], () => itemView(c, state, parts[0], parts[1], parts[2]));
  };
  const empty = () => (filter.value.trim() ? emptyView(gettext("Nothing found"), "search") : emptyView(gettext("No conversations yet"), "messages-square", true));
  render(html`${shown.length ? html`<ul class="items">${repeat(shown, (c) => c.id, row)}</ul>` : found.on.value ? nothing : empty()}${found.place}`, element);
  order = ids;
  if (places) glide(places);
}

/** @returns {Map<HTMLElement, number>} */
const placesNow = () => new Map([.../** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll(".items li"))].map((row) => [row, row.offsetTop]));

/** @param {Map<HTMLElement, number>} before */
function glide(before) {
  for (const [row, top] of placesNow()) {
    const way = (before.get(row) ?? top) - top;
    if (way && Math.min(top, top + way) < element.clientHeight) row.animate([{ translate: `0 ${way}px` }, { translate: "0 0" }], GLIDE);
  }
}

/** The conversation of the row that something happened in. @param {Event} event */
function rowOf(event) {
  const row = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest(".item"));
  const c = row && store.state.value.conversations.get(Number(row.dataset.id));
  return row && c ? { row, c } : null;
}

/** @param {Event} event @param {{x: number, y: number}} [at] */
async function openMenu(event, at) {
  const found = rowOf(event);
  if (!found) return;
  event.preventDefault();
  const module = await lazy(import("./itemmenu.js"));
  const box = found.row.getBoundingClientRect();
  module?.openItemMenu(found.c, found.row, at ?? { x: box.left + 48, y: box.bottom - 8 });
}

/** Arrows, Home and End go through the rows. @param {KeyboardEvent} event */
function onKey(event) {
  if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) return openMenu(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const rows = /** @type {HTMLElement[]} */ ([...element.querySelectorAll(".item, .hit")]);
  const at = rows.indexOf(/** @type {HTMLElement} */ (event.target));
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  if (to < 0) field.focus();
  else rows[Math.min(to, rows.length - 1)].focus();
}

/** A finger that stays opens the menu of a row, and then is no click. */
function watchFingers() {
  /** @type {any} */
  let timer;
  let from = { x: 0, y: 0 };
  let held = false;
  const end = () => clearTimeout(timer);
  element.addEventListener("pointerdown", (event) => {
    held = false;
    end();
    if (event.pointerType !== "touch" || !event.isPrimary) return;
    from = { x: event.clientX, y: event.clientY };
    timer = setTimeout(() => { held = true; openMenu(event, from); }, LONG_PRESS_MS);
  });
  element.addEventListener("pointermove", (event) => { if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > WOBBLE) end(); });
  for (const name of ["pointerup", "pointercancel"]) element.addEventListener(name, end);
  element.addEventListener("scroll", end, { passive: true });
  element.addEventListener("contextmenu", (event) => {
    end();
    if (held) event.preventDefault();
    else openMenu(event, event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : undefined);
  });
  element.addEventListener("click", (event) => {
    if (!held) return;
    held = false;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
}

/** The search field above the list. */
function startFilter() {
  /** @type {Promise<void> | undefined} */
  let loaded;
  const load = () => (loaded ??= Promise.all([import("../core/match.js"), import("./search.js")]).then(([module]) => { match.value = module.match; }, () => { loaded = undefined; }));
  // Keyboards of phones compose every word, and what they show is meant.
  const unfinished = (/** @type {Event} */ event) => /** @type {InputEvent} */ (event).isComposing && !matchMedia("(pointer: coarse)").matches;
  const take = () => {
    load();
    filter.value = field.value;
    element.scrollTop = 0;
  };
  field.addEventListener("focus", load);
  field.addEventListener("input", (event) => { if (!unfinished(event)) take(); });
  field.addEventListener("compositionend", take);
  field.addEventListener("keydown", async (event) => {
    if (isComposing(event)) return;
    if (event.key === "Enter") {
      await load();
      /** @type {HTMLElement | null} */ (element.querySelector(".item, .hit"))?.click();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      /** @type {HTMLElement | null} */ (element.querySelector(".item, .hit"))?.focus();
    } else if (event.key === "Escape" && field.value) {
      event.preventDefault();
      field.value = filter.value = "";
    }
  });
}

/** Starts the list. */
export function start() {
  element.replaceChildren();
  effect(draw);
  effect(() => {
    const id = store.openId.value;
    untracked(() => { stop.value = null; });
    if (id !== null) requestAnimationFrame(() => element.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" })); // with the layout of that frame
  });
  element.addEventListener("focusin", (event) => { stop.value = rowOf(event)?.c.id ?? stop.value; });
  element.addEventListener("keydown", onKey);
  watchFingers();
  startFilter();
  mount(byId("me"), () => {
    const { me, people } = store.state.value;
    const { state } = store.socket.connection.value;
    const live = state === "live";
    const known = me.options.invisible ? "invisible" : me.options.busy ? "busy" : people.get(me.id)?.presence ?? "offline";
    const presence = !live ? "offline" : known === "offline" ? "online" : known;
    const waiting = [
      me.waiting && interpolate(ngettext("%(count)s person waits for approval", "%(count)s people wait for approval", me.waiting), { count: figure(me.waiting) }),
      me.reports && interpolate(ngettext("%(count)s reported message waits", "%(count)s reported messages wait", me.reports), { count: figure(me.reports) }),
    ].filter(Boolean).join(", ");
    byId("me").ariaLabel = [gettext("Settings"), waiting].filter(Boolean).join(", ");
    return html`${avatar(me.id, me.name, { presence, size: "small", picture: me.avatar })}<span class="me-name"><b dir="auto">${me.name}</b><span class="muted">${
      live ? [presenceWord(presence), me.status].filter(Boolean).join(" · ") : state === "displaced" ? gettext("Signed in elsewhere") : gettext("Connecting…")}</span></span>${waiting ? html`<span class="badge count" title=${waiting}>${figure(me.waiting + me.reports)}</span>` : nothing}${
      isQuiet(me.options, new Date()) ? sign("bell-off", gettext("Do not disturb")) : nothing}${icon("settings")}`;
  });
}
