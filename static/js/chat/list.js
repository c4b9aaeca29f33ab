/**
 * The messages of the open conversation: a run of at most some 200 rows, held in place while rows come and go at both ends.
 * @import {Conversation, Message, Timeline} from "../types.js"
 * @import {Anchor} from "./scroll.js"
 */
import { effect, guard, html, keyed, nothing, render, repeat, signal } from "../vendor/ui.js";
import { byId, icon, pause, tellError, toast } from "../core/dom.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { WINDOW, readByOthers } from "../core/reduce.js";
import { around, firstUnread, layout } from "../core/rows.js";
import * as store from "../core/store.js";
import { clearedView, dressCalls, dressCode, dressLinks, emptyView, heldMessage, media, rowView } from "./message.js";
import { anchorNow, distance, holdAt, keepPlace, log, placeOf, readPlaces, rowOf, scroller, seenSeq, showDate, startDate } from "./scroll.js";

const NEAR = 700;
const AT_END = 48;
const SLACK = 50;
const READ_MS = 2000;
/** The least height of a row. The first picture of a conversation has rows for one screen; the others follow when it has been painted. */
const ROW_PX = { bubbles: 34, compact: 22 };
const REST_MS = 50;
const PREPARED = 4; // rows

const away = signal(false);

/** @type {number | null} */
let shown = null;
/** Has the view been placed since its window was replaced? And since the conversation was opened? */
let placed = false;
let visible = false;
/** A window is on its way that the goal lies in. */
let fetching = false;
/** Where to place it; `calm` leaves the focus where it is. @type {{seq: number, calm?: boolean} | {at: string} | Anchor | "end" | null} */
let goal = null;
/** The first new message at opening. @type {number | null} */
let divider = null;
let stick = true;
/** The sizes when the view was put where it is. */
let restExtent = "";
/** Marked as unread by hand: looking at it does not read it before it was left. */
let keptUnread = false;
/** @type {Anchor | null} */
let anchor = null;
/** Does the picture lack rows that are held? */
let partial = false;
const root = document.documentElement.dataset;
let drawnLook = "";

function toBottom() {
  scroller.scrollTop = scroller.scrollHeight;
  stick = true;
  restExtent = extent();
}

/** How much there is and how much of it fits. */
const extent = () => `${scroller.scrollHeight} ${scroller.clientHeight}`;

/** Goes to the end where a size has changed: a line that stands near the end stays where it was put. */
function follow() {
  if (extent() !== restExtent || distance() >= AT_END) toBottom();
}

/** Where it was left, unless there is something newer to read. @param {Conversation} c */
function leftAt(c) {
  const place = placeOf(c.id);
  return place && (divider === null || place.last >= c.last_seq) ? place : null;
}

/** The message that the picture is to begin with. @param {Conversation} c @param {Timeline} t @returns {number | null} */
function target(c, t) {
  if (goal === "end") return null;
  if (goal && "at" in goal) return seqAt(t, goal.at);
  return goal?.seq ?? leftAt(c)?.seq ?? divider;
}

/** The first message of a day, or the last before it. @param {Timeline} t @param {string} at */
const seqAt = (t, at) => (t.rows.find((m) => m.sent_at >= at) ?? t.rows.at(-1))?.seq ?? 0;

/** Puts a fresh window in its place: the goal, where it was left, the first unread message, or the end. @param {Conversation} c @param {Timeline} t */
function place(c, t) {
  const wanted = goal;
  goal = null;
  placed = true;
  visible = true;
  stick = false;
  const line = /** @type {HTMLElement | null} */ (log.querySelector(".divider"));
  if (wanted && wanted !== "end" && "at" in wanted) flash(seqAt(t, wanted.at), "start");
  else if (wanted && wanted !== "end" && "offset" in wanted) holdAt(wanted) || toBottom();
  else if (wanted && wanted !== "end") flash(wanted.seq, "center", wanted.calm);
  else if (wanted === null && holdAt(leftAt(c))) stick = false;
  else {
    toBottom();
    if (wanted === null && line) {
      const over = scroller.getBoundingClientRect().top + scroller.clientHeight * 0.2 - line.getBoundingClientRect().top;
      if (over > 0) scroller.scrollTop -= over;
    }
  }
  stick = !t.moreAfter && distance() < AT_END;
  restExtent = extent();
}

/** Shows a row in the middle and marks it for a moment. @param {number} seq @param {ScrollLogicalPosition} block @param {boolean} [calm] */
function flash(seq, block = "center", calm = false) {
  const row = rowOf(seq);
  if (!row) return toBottom();
  row.scrollIntoView({ block });
  if (block === "start") scroller.scrollTop -= 64;
  stick = !store.timeline.value?.moreAfter && distance() < AT_END; // a pane that has just been shown is resized next, and would go to its end
  anchor = anchorNow();
  row.classList.remove("flash");
  row.classList.add("flash");
  setTimeout(() => row.classList.remove("flash"), 2000);
  if (calm) tabStop(row);
  else focusRow(row);
}

function draw() {
  const c = store.open.value;
  const t = store.timeline.value;
  const state = store.state.value;
  const pending = store.outbox.items.value.filter((i) => i.conversation === c?.id);
  const error = store.loadError.value;
  if (c?.id !== shown) {
    leave();
    shown = c?.id ?? null;
    placed = visible = partial = keptUnread = false;
    divider = goal = anchor = null;
  }
  if (c && !t && placed) { // its window was dropped: it comes back where it was
    goal = stick ? "end" : anchor;
    placed = false;
  }
  const loaded = !!c && !!t && t.loading !== "replace" && !fetching;
  if (loaded && !placed && divider === null) divider = firstUnread(t, c, state.me.id);
  const left = loaded && !placed && goal === null ? leftAt(c) : null;
  const elsewhere = loaded && left !== null && !t.rows.some((m) => m.seq === left.seq);
  if (elsewhere) fetchAt(c.id, left, { around: left.seq });
  const ready = loaded && !elsewhere;
  const look = `${root.density} ${root.textSize}`;
  const held = !placed || (stick && !partial) ? null : look === drawnLook ? anchorNow() : anchor; // a new look has already moved the rows
  drawnLook = look;
  const part = ready && !placed ? around(t, target(c, t), Math.ceil(innerHeight / ROW_PX[root.density === "compact" ? "compact" : "bubbles"])) : t;
  partial = part !== t;
  log.classList.toggle("placing", !visible && !!t?.rows.length);
  const focused = log.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.key : undefined;
  render(c ? view(c, part, pending, error, state) : nothing, log);
  if (focused && !log.contains(document.activeElement)) focusKey(focused);
  dressCode(log);
  dressLinks(log);
  dressCalls(log, state, t?.rows ?? []);
  scroller.setAttribute("aria-busy", String(!!t?.loading));
  if (!ready) return;
  log.classList.remove("placing"); // what is hidden takes no focus
  if (!placed && part) place(c, part);
  else if (stick && !held && !t.moreAfter) follow();
  else if (holdAt(held) && stick) restExtent = extent(); // the rows of the first picture stand; the others came above them
  if (partial) requestAnimationFrame(() => setTimeout(() => { if (partial && shown === c.id) draw(); }, REST_MS));
  if (!log.contains(document.activeElement)) tabStop(log.querySelector("article:last-of-type"));
  if (t.rows.length > WINDOW + SLACK) store.trimTimeline(c.id, stick ? "end" : "start");
  queueMicrotask(settle);
}

/** Remembers where the conversation was left. */
function leave() {
  const c = shown === null ? null : store.state.value.conversations.get(shown);
  if (!c || !placed) return;
  const now = stick || keptUnread ? null : anchor;
  keepPlace(c.id, now && { ...now, last: c.last_seq });
}

/** Fetches the window that a goal lies in. @param {number} id @param {typeof goal} wanted @param {{around?: number, at?: string}} where */
async function fetchAt(id, wanted, where) {
  goal = wanted;
  fetching = true;
  placed = false;
  await Promise.resolve(); // not within the drawing that asked for it
  try {
    await store.loadPage(id, "replace", where);
  } finally {
    fetching = false;
  }
  if (shown === id) draw();
}

/** @param {Conversation} c @param {Timeline} t @param {import("../types.js").State} state */
const contextOf = (c, t, state) => ({ state, conversation: c, timeline: t, readSeq: readByOthers(state, c), compact: root.density === "compact" });

/** @param {Conversation} c @param {Timeline | null} t @param {import("../types.js").Outgoing[]} pending @param {string} error @param {import("../types.js").State} state */
function view(c, t, pending, error, state) {
  if (!t || (t.loading === "replace" && !t.rows.length)) {
    return error
      ? html`<div class="notice" role="alert"><span class="notice-icon">${icon("circle-alert")}</span><p>${error}</p><button class="button" data-action="reload">${gettext("Try again")}</button></div>`
      : SKELETON;
  }
  const context = contextOf(c, t, state);
  const rows = layout(t, pending, divider, state.me.id);
  if (!rows.length) return emptyView(c, state);
  return html`
    ${t.moreBefore ? html`<div class="more">${icon("loader-circle")}</div>` : c.cleared_seq ? clearedView() : nothing}
    ${keyed(c.id, repeat(rows, (row) => row.key, (row) => guard(dependencies(row, context), () => rowView(row, context))))}
    ${t.moreAfter ? html`<div class="more">${icon("loader-circle")}</div>` : nothing}`;
}

const SKELETON = html`<div class="skeleton" aria-hidden="true">${["w62", "w38 short", "w45 own short", "w56 tall", "w38 short", "w62 own", "w45 short"].map((look) => html`<i class=${look}></i>`)}</div>`;

/** What a row's picture depends on. @param {import("../core/rows.js").Row} row @param {import("./message.js").Context} context */
function dependencies(row, { state, timeline, readSeq, conversation, compact }) {
  if (row.kind === "day") return [row.key, new Date().toDateString()];
  if (row.kind === "divider") return [row.key];
  if (row.kind === "pending") return [row.item, row.first, row.last, compact, row.item.files || row.item.offer ? store.uploads.value : null, row.item.reply_to === null ? null : heldMessage(row.item.reply_to, timeline)];
  const { message, first, last } = row;
  const quoted = message.reply_to === null ? null : heldMessage(message.reply_to, timeline);
  const names = message.kind === "system" || message.reactions.length || message.mentions ? state.people : null;
  const files = message.files || message.offer ? media.value : null;
  return [message, first, last, compact, quoted, names, files, message.offer ? store.uploads.value : null, message.seq <= readSeq, conversation.kind, state.people.get(message.sender ?? 0)?.name, state.people.get(message.sender ?? 0)?.avatar];
}

/** After scrolling or drawing: fetch what is near, note what has been seen. */
export function settle() {
  const c = store.open.value;
  const t = store.timeline.value;
  if (!c || !t || !placed || partial) return;
  stick = !t.moreAfter && distance() < AT_END;
  anchor = anchorNow();
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
  if (!c || keptUnread || readTimer || !placed || !store.socket.live || document.hidden || !document.hasFocus()) return;
  const seq = seenSeq();
  if (seq <= c.read_seq) return;
  readTimer = setTimeout(() => {
    readTimer = null;
    lastRead = Date.now();
    if (store.openId.value === c.id && !keptUnread && document.hasFocus()) store.markRead(c.id, Math.max(seq, seenSeq()));
    markRead();
  }, Math.max(150, lastRead + READ_MS - Date.now()));
}

/** Shows a message, fetching its surroundings where they are not held. @param {number} seq @param {boolean} [calm] does the focus stay where it is? */
export async function jumpTo(seq, calm = false) {
  const c = store.open.value;
  const t = store.timeline.value;
  if (!c) return;
  if (seq <= c.cleared_seq) return toast(gettext("Earlier messages are cleared from your screen."));
  if (placed && rowOf(seq)) return flash(seq, "center", calm);
  if (fetching || !t || t.loading === "replace" || !t.rows.some((m) => m.seq === seq)) return fetchAt(c.id, { seq, calm }, { around: seq });
  goal = { seq, calm };
  placed = false;
  draw();
}

/** Shows the first message of a day, or the next one after it. @param {Date} day */
export async function jumpToDay(day) {
  const c = store.open.value;
  if (c) await fetchAt(c.id, { at: day.toISOString() }, { at: day.toISOString() });
}

/** Goes to the latest message. */
export async function toEnd() {
  const c = store.open.value;
  if (!c) return;
  if (store.timeline.value?.moreAfter) await fetchAt(c.id, "end", {});
  else toBottom();
}

/** A new message came to the open conversation while nobody looked: the line goes above it. @param {Message} message */
export function markDivider(message) {
  const c = store.open.value;
  if (c?.id === message.conversation && message.kind !== "system" && (divider === null || divider <= c.read_seq)) divider = message.seq;
}

/** Puts the line over a message and leaves what follows unread. @param {Message} message */
export function unreadFrom(message) {
  keptUnread = true;
  divider = message.seq;
  draw();
  store.markUnread(message.conversation, message.seq).catch(tellError);
}

/** Moves the one tab stop of the list. @param {Element | null} row */
function tabStop(row) {
  log.querySelector('article[tabindex="0"]')?.setAttribute("tabindex", "-1");
  row?.setAttribute("tabindex", "0");
}

/** @param {HTMLElement} row */
export function focusRow(row) {
  tabStop(row);
  row.focus({ preventScroll: true });
}

/** A message that has been confirmed is another row in the place of the one that had the focus. @param {string} key */
function focusKey(key) {
  const row = /** @type {HTMLElement | null} */ (log.querySelector(`[data-key="${CSS.escape(key)}"]`));
  if (row) focusRow(row);
}

/** Holds the end, or the row at the top, when sizes change. */
function onResize() {
  if (!placed || partial) return;
  if (stick) follow();
  else holdAt(anchor);
}

/** Prepares the templates of rows in a task of its own: the first use of each costs as much as drawing all rows of the first picture. */
function prepare() {
  const c = store.open.value;
  const t = store.timeline.value;
  const state = store.state.value;
  if (!c || !t) return pause();
  const context = contextOf(c, t, state);
  render(html`${layout({ ...t, rows: t.rows.slice(-PREPARED) }, [], null, state.me.id).map((row) => rowView(row, context))}`, document.createDocumentFragment());
  return pause();
}

/** Starts the pane. */
export async function startList() {
  readPlaces(store.state.value.me.id);
  startDate(gettext("Jump to a date"));
  await prepare();
  log.replaceChildren(); // the rows that came with the page
  scroller.classList.remove("early", "cut");
  effect(draw);
  scroller.addEventListener("scroll", () => { settle(); showDate(); }, { passive: true });
  for (const name of ["focus", "visibilitychange"]) addEventListener(name, markRead);
  addEventListener("pagehide", leave);
  const sizes = new ResizeObserver(onResize);
  for (const element of [scroller, log]) sizes.observe(element);
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-density"] });
  effect(() => {
    const c = store.open.value;
    const unread = c?.unread ?? 0;
    const label = unread ? interpolate(ngettext("%(count)s new message", "%(count)s new messages", unread), { count: unread }) : gettext("To the latest message");
    render(c && away.value ? html`<button class="jump" type="button" aria-label=${label} title=${label} @click=${toEnd}>${icon("arrow-down")}${
      unread ? html`<span class="badge">${figure(unread)}</span>` : nothing}</button>` : nothing, byId("jump"));
  });
}
