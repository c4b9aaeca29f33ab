/**
 * The messages of the open conversation: a run of at most some 200 rows, with its own scroll anchoring (browsers differ, and rows come and go at both ends).
 * @import {Conversation, Message, Timeline} from "../types.js"
 */
import { effect, guard, html, keyed, nothing, render, repeat, signal } from "../vendor/ui.js";
import { byId, icon, navigate, tellError } from "../core/dom.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { WINDOW, readByOthers } from "../core/reduce.js";
import { firstUnread, layout } from "../core/rows.js";
import * as store from "../core/store.js";
import { heldMessage, rowView } from "./message.js";

const NEAR = 700;
const AT_END = 48;
const SLACK = 50;
const READ_MS = 2000;

const scroller = byId("scroller");
const log = byId("log");
const away = signal(false);

/** @type {number | null} */
let shown = null;
/** Has the view been placed since the conversation was opened or its window replaced? */
let placed = false;
/** Where to place it: a seq, or the end. @type {{seq: number} | "end" | null} */
let goal = null;
/** The first new message at opening. @type {number | null} */
let divider = null;
let stick = true;
/** Where each conversation was left, when not at its end. @type {Map<number, Anchor>} */
const left = new Map();
/** @typedef {{key: string, offset: number}} Anchor */

/** The row that stays where it is while others come and go: a message that crosses the top edge. @returns {Anchor | null} */
function anchorNow() {
  const top = scroller.getBoundingClientRect().top;
  for (const row of /** @type {Iterable<HTMLElement>} */ (log.querySelectorAll("[data-seq]"))) {
    const box = row.getBoundingClientRect();
    if (box.bottom > top) return { key: row.dataset.key ?? "", offset: box.top - top };
  }
  return null;
}

/** @param {Anchor | null | undefined} anchor */
function holdAt(anchor) {
  const row = anchor && log.querySelector(`[data-key="${CSS.escape(anchor.key)}"]`);
  if (!row) return false;
  scroller.scrollTop += row.getBoundingClientRect().top - scroller.getBoundingClientRect().top - anchor.offset;
  return true;
}

function toBottom() {
  scroller.scrollTop = scroller.scrollHeight;
  stick = true;
}

/** @param {number} seq */
const rowOf = (seq) => /** @type {HTMLElement | null} */ (log.querySelector(`[data-seq="${seq}"]`));

/** Puts a fresh window in its place: the goal, the first unread message, where it was left, or the end. @param {Conversation} c @param {Timeline} t */
function place(c, t) {
  placed = true;
  stick = false;
  if (goal && goal !== "end") {
    flash(goal.seq);
  } else if (divider !== null && goal === null && log.querySelector(".divider")) {
    toBottom();
    const line = /** @type {HTMLElement} */ (log.querySelector(".divider"));
    const over = scroller.getBoundingClientRect().top + scroller.clientHeight * 0.2 - line.getBoundingClientRect().top;
    if (over > 0) scroller.scrollTop -= over;
  } else if (!(goal === null && holdAt(left.get(c.id)))) {
    toBottom();
  }
  goal = null;
  stick = !t.moreAfter && distance() < AT_END;
}

const distance = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;

/** Shows a row in the middle and marks it for a moment. @param {number} seq */
function flash(seq) {
  const row = rowOf(seq);
  if (!row) return;
  row.scrollIntoView({ block: "center" });
  row.classList.add("flash");
  setTimeout(() => row.classList.remove("flash"), 2000);
  focusRow(row);
}

function draw() {
  const c = store.open.value;
  const t = store.timeline.value;
  const state = store.state.value;
  const pending = store.outbox.items.value.filter((i) => i.conversation === c?.id);
  const error = store.loadError.value;
  if (c?.id !== shown) {
    if (shown !== null && !stick && placed) keepPlace();
    shown = c?.id ?? null;
    placed = false;
    divider = null;
  }
  const ready = !!c && !!t && t.loading !== "replace";
  if (ready && !placed && divider === null) divider = firstUnread(t, c, state.me.id);
  const anchor = placed && !stick ? anchorNow() : null;
  render(c ? view(c, t, pending, error, state) : nothing, log);
  scroller.setAttribute("aria-busy", String(!!t?.loading));
  if (!ready) return;
  if (!placed) place(c, t);
  else if (stick && !t.moreAfter) toBottom();
  else holdAt(anchor);
  if (!log.contains(document.activeElement)) tabStop(log.querySelector("article:last-of-type"));
  if (t.rows.length > WINDOW + SLACK) store.trimTimeline(c.id, stick ? "end" : "start");
  queueMicrotask(settle);
}

/** Remembers where the conversation was left. */
function keepPlace() {
  const anchor = anchorNow();
  if (anchor && shown !== null) left.set(shown, anchor);
}

/** @param {Conversation} c @param {Timeline | null} t @param {import("../types.js").Outgoing[]} pending @param {string} error @param {import("../types.js").State} state */
function view(c, t, pending, error, state) {
  if (!t || (t.loading === "replace" && !t.rows.length)) {
    return error ? html`<div class="notice"><p>${error}</p><button class="button" data-action="reload">${gettext("Try again")}</button></div>` : SKELETON;
  }
  const readSeq = readByOthers(state, c);
  const context = { state, conversation: c, timeline: t, readSeq };
  const rows = layout(t, pending, divider, state.me.id);
  if (!rows.length) return html`<div class="notice"><span class="notice-icon">${icon("message-circle")}</span><p>${gettext("No messages here yet. Write the first one.")}</p></div>`;
  return html`
    ${t.moreBefore ? html`<div class="more">${icon("loader-circle")}</div>` : nothing}
    ${keyed(c.id, repeat(rows, (row) => row.key, (row) => guard(dependencies(row, context), () => rowView(row, context))))}
    ${t.moreAfter ? html`<div class="more">${icon("loader-circle")}</div>` : nothing}`;
}

const SKELETON = html`<div class="skeleton" aria-hidden="true">${[62, 38, 74, 45, 56].map((width, i) => html`<i class="w${width} ${i % 3 === 2 ? "own" : ""}"></i>`)}</div>`;

/** What a row's picture depends on. @param {import("../core/rows.js").Row} row @param {import("./message.js").Context} context */
function dependencies(row, { state, timeline, readSeq, conversation }) {
  if (row.kind === "day") return [row.key, new Date().toDateString()];
  if (row.kind === "divider") return [row.key];
  if (row.kind === "pending") return [row.item, row.first, row.last, row.item.reply_to === null ? null : heldMessage(row.item.reply_to, timeline)];
  const { message, first, last } = row;
  const quoted = message.reply_to === null ? null : heldMessage(message.reply_to, timeline);
  const names = message.kind === "system" || message.reactions.length ? state.people : null;
  return [message, first, last, quoted, names, message.seq <= readSeq, conversation.kind, state.people.get(message.sender ?? 0)?.name];
}

/** After scrolling or drawing: fetch what is near, note what has been seen. */
function settle() {
  const c = store.open.value;
  const t = store.timeline.value;
  if (!c || !t || !placed) return;
  stick = !t.moreAfter && distance() < AT_END;
  if (stick) left.delete(c.id);
  away.value = t.moreAfter || distance() > scroller.clientHeight;
  if (!t.loading && t.rows.length && !store.loadError.value) {
    if (t.moreBefore && scroller.scrollTop < NEAR) store.loadPage(c.id, "before", { before: t.rows[0].seq });
    else if (t.moreAfter && distance() < NEAR) store.loadPage(c.id, "after", { after: t.rows[t.rows.length - 1].seq });
  }
  markRead();
}

let lastRead = 0;
/** @type {any} */
let readTimer = null;

/** The read mark moves only for rows that are visible in a focused tab, and at most every two seconds. */
function markRead() {
  const c = store.open.value;
  if (!c || readTimer || !placed || !store.socket.live || document.hidden || !document.hasFocus()) return;
  const seq = seenSeq();
  if (seq <= c.read_seq) return;
  readTimer = setTimeout(() => {
    readTimer = null;
    lastRead = Date.now();
    if (store.openId.value === c.id && document.hasFocus()) store.markRead(c.id, Math.max(seq, seenSeq()));
    markRead();
  }, Math.max(150, lastRead + READ_MS - Date.now()));
}

/** The highest message whose end is on the screen. */
function seenSeq() {
  if (!scroller.clientHeight) return 0;
  const bottom = scroller.getBoundingClientRect().bottom + 4;
  const rows = /** @type {HTMLElement[]} */ ([...log.querySelectorAll("[data-seq]")]);
  const row = rows.findLast((r) => {
    const box = r.getBoundingClientRect();
    return box.bottom <= bottom || (box.height > scroller.clientHeight && box.top < bottom - 80);
  });
  return Number(row?.dataset.seq ?? 0);
}

/** Shows a message, fetching its surroundings where they are not held. @param {number} seq */
export async function jumpTo(seq) {
  const c = store.open.value;
  if (!c) return;
  if (placed && rowOf(seq)) return flash(seq);
  goal = { seq };
  placed = false;
  if (store.timeline.value?.rows.some((m) => m.seq === seq) && store.timeline.value.loading !== "replace") draw();
  else await store.loadPage(c.id, "replace", { around: seq });
}

/** Goes to the latest message. */
export async function toEnd() {
  const c = store.open.value;
  if (!c) return;
  if (store.timeline.value?.moreAfter) {
    goal = "end";
    placed = false;
    await store.loadPage(c.id, "replace", {});
  } else toBottom();
}

/** A new message came to the open conversation while nobody looked: the line goes above it. @param {Message} message */
export function markDivider(message) {
  const c = store.open.value;
  if (c?.id === message.conversation && message.kind !== "system" && (divider === null || divider <= c.read_seq)) divider = message.seq;
}

/** Moves the one tab stop of the list. @param {Element | null} row */
function tabStop(row) {
  log.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
  row?.setAttribute("tabindex", "0");
}

/** @param {HTMLElement} row */
function focusRow(row) {
  tabStop(row);
  row.focus({ preventScroll: true });
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const row = /** @type {HTMLElement} */ (event.target).closest?.("article");
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = /** @type {HTMLElement[]} */ ([...log.querySelectorAll("article")]);
  const at = rows.indexOf(row);
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
  if (to !== undefined && event.target === row) {
    event.preventDefault();
    const next = rows[Math.max(0, Math.min(to, rows.length - 1))];
    focusRow(next);
    next.scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter" && event.target === row) {
    event.preventDefault();
    act("menu", row, row);
  } else if (event.key === "r" && event.target === row) {
    event.preventDefault();
    act("reply", row, row);
  } else if (event.key === "Escape") byId("composer-text").focus();
}

/** Does what a button of a row says. @param {string} action @param {HTMLElement} row @param {HTMLElement} button @param {{x: number, y: number}} [at] */
async function act(action, row, button, at) {
  const c = store.open.value;
  const t = store.timeline.value;
  const message = t?.rows.find((m) => m.seq === Number(row?.dataset.seq));
  const client = row?.dataset.client ?? "";
  if (action === "retry") store.outbox.retry(client);
  else if (action === "discard") store.outbox.remove(client);
  else if (action === "jump") jumpTo(Number(button.dataset.to));
  else if (!c || !message || message.recalled_at) return;
  else if (action === "reply") store.composing.value = { mode: "reply", message };
  else if (action === "react") react(message, button.dataset.emoji ?? "");
  else if (action === "menu") {
    const { openMenu } = await import("./menu.js");
    const box = button.getBoundingClientRect();
    openMenu(message, c, row, at ?? { x: box.left, y: box.bottom + 4 });
  }
}

/** Adds or takes back a reaction. @param {Message} message @param {string} emoji */
export function react(message, emoji) {
  const on = !message.reactions.find((r) => r.emoji === emoji)?.users.includes(store.state.value.me.id);
  store.socket.request("message.react", { conversation: message.conversation, seq: message.seq, emoji, on }).catch(tellError);
}

/** Addresses of the chat stay in the page, others open beside it. @param {MouseEvent} event @param {HTMLAnchorElement} link */
function followLink(event, link) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.origin === location.origin && link.pathname.startsWith("/c/")) navigate(link.pathname);
  else open(link.href, "_blank", "noopener");
}

/** Starts the pane. */
export function startList() {
  effect(draw);
  scroller.addEventListener("scroll", settle, { passive: true });
  scroller.addEventListener("keydown", onKey);
  for (const name of ["focus", "visibilitychange"]) addEventListener(name, markRead);
  new ResizeObserver(() => { if (stick && placed) toBottom(); }).observe(scroller);
  log.addEventListener("load", () => { if (stick && placed) toBottom(); }, { capture: true });
  log.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const button = /** @type {HTMLElement | null} */ (target.closest("[data-action]"));
    const row = /** @type {HTMLElement} */ (target.closest("article"));
    const link = /** @type {HTMLAnchorElement | null} */ (target.closest("a[href]"));
    if (link) followLink(event, link);
    else if (button?.dataset.action === "reload") {
      if (shown !== null) store.loadOpen(shown);
    } else if (button) act(button.dataset.action ?? "", row, button);
    else if (row && matchMedia("(pointer: coarse)").matches && !target.closest("a, button, summary") && getSelection()?.isCollapsed) {
      act("menu", row, row, { x: event.clientX, y: event.clientY });
    }
  });
  log.addEventListener("contextmenu", (event) => {
    const row = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest("article[data-seq]"));
    if (!row || /** @type {HTMLElement} */ (event.target).closest("a") || !getSelection()?.isCollapsed) return;
    event.preventDefault();
    act("menu", row, row, { x: event.clientX, y: event.clientY });
  });
  effect(() => {
    const c = store.open.value;
    const unread = c?.unread ?? 0;
    const label = unread ? interpolate(ngettext("%(count)s new message", "%(count)s new messages", unread), { count: unread }) : gettext("To the latest message");
    render(c && away.value ? html`<button class="jump" type="button" aria-label=${label} title=${label} @click=${toEnd}>${icon("arrow-down")}${
      unread ? html`<span class="badge">${figure(unread)}</span>` : nothing}</button>` : nothing, byId("jump"));
  });
}
