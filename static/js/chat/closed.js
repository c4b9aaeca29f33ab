/**
 * Whether and when I may write: what stands in the place of the composer where I may not, and why; the wait of slow mode.
 * @import {Conversation} from "../types.js"
 */
import { effect, signal } from "../vendor/ui.js";
import { byId, toast } from "../core/dom.js";
import { clock, dayName, gettext, interpolate, span } from "../core/i18n.js";
import * as store from "../core/store.js";

/** Moves what counts the time that is left of a mute. */
const tick = signal(0);
/** Moves what counts the wait of slow mode. */
const second = signal(0);
/** @type {any} */
let timer;

/** Is a mute of mine running? @param {Conversation} c */
const isMuted = (c) => c.muted_until !== null && Date.parse(c.muted_until) > store.now();

/** @param {Conversation} c */
const secondsLeft = (c) => (Date.parse(c.muted_until ?? "") - store.now()) / 1000;

/** May I write here now? @param {Conversation | null} c */
export const mayWrite = (c) => !!c?.can_post && !isMuted(c);

/** @param {Conversation | null} c */
function whyClosed(c) {
  if (c?.muted_until && isMuted(c)) {
    const day = dayName(c.muted_until);
    const until = day === gettext("Today") ? clock(c.muted_until) : `${day} ${clock(c.muted_until)}`;
    const left = interpolate(gettext("%(time)s left"), { time: span(secondsLeft(c)) });
    return `${interpolate(gettext("You may not write here until %(until)s."), { until })} ${left}`;
  }
  if (c && c.kind !== "direct") return gettext("Only managers may write here.");
  if (!c?.closed) return gettext("You cannot write in this conversation.");
  if (store.state.value.relations.blocked.includes(c.peer ?? 0)) return gettext("You have blocked this person.");
  return c.closed === "friends" ? gettext("Only friends can write to this person.") : gettext("You cannot write to this person.");
}

/** When messages of mine were first seen here, by id: clocks differ. @type {Map<number, number>} */
const seen = new Map();

/** Seconds until I may write again; clocks that differ make it no longer than the pace itself. @param {Conversation | null} c */
function secondsToWait(c) {
  if (!c?.slow_mode || c.role !== "member" || c.kind === "direct") return 0;
  const { me, timelines } = store.state.value;
  const stored = timelines.get(c.id)?.rows.findLast((m) => m.sender === me.id && m.kind !== "system");
  const onTheWay = store.outbox.items.value.filter((item) => item.conversation === c.id && item.status !== "failed");
  if (stored && !seen.has(stored.id)) seen.set(stored.id, Date.now());
  const last = Math.max(stored ? Math.min(Date.parse(stored.sent_at), seen.get(stored.id) ?? 0) : 0, ...onTheWay.map((item) => item.at));
  return Math.max(0, Math.min(c.slow_mode, Math.ceil((last - Date.now()) / 1000) + c.slow_mode));
}

/** Says how long I have to wait; true where I do. @param {Conversation | null} c */
export function mustWait(c) {
  const left = secondsToWait(c);
  if (left) toast(interpolate(gettext("Slow mode: you may write again in %(time)s."), { time: span(left) }), "error");
  return left > 0;
}

/** As it fits into the button: 45, 4:05, 5:59 of hours. @param {number} seconds */
function short(seconds) {
  if (seconds < 60) return String(seconds);
  const [large, small] = seconds < 3600 ? [seconds / 60, seconds % 60] : [seconds / 3600, (seconds % 3600) / 60];
  return `${Math.floor(large)}:${String(Math.floor(small)).padStart(2, "0")}`;
}

/** Counts down in the button for sending. @param {HTMLElement} button */
function countDown(button) {
  /** @type {any} */
  let next;
  effect(() => {
    second.value;
    const left = secondsToWait(store.open.value);
    if (left) button.dataset.wait = short(left);
    else delete button.dataset.wait;
    clearTimeout(next);
    if (left) next = setTimeout(() => { second.value++; }, 1000);
  });
}

/** Shows the composer or the reason why there is none. @param {HTMLElement} button for sending */
export function start(button) {
  countDown(button);
  effect(() => {
    tick.value;
    const c = store.open.value;
    const open = mayWrite(c);
    byId("composer").hidden = !open;
    byId("read-only").hidden = !c || open;
    if (c && !open) byId("read-only-reason").textContent = whyClosed(c);
    if (c?.closed) import("./person.js").then(({ showClosed }) => showClosed(), () => {}); // the reason stands there without it
    clearTimeout(timer);
    if (c?.muted_until && isMuted(c)) timer = setTimeout(() => { tick.value++; }, secondsLeft(c) > 120 ? 30_000 : 1000);
  });
}
