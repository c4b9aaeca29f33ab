/**
 * Slow mode: how long a member has to wait before the next message; the button for sending counts it down.
 * @import {Conversation} from "../types.js"
 */
import { effect, signal } from "../vendor/ui.js";
import { toast } from "../core/dom.js";
import { gettext, interpolate, span } from "../core/i18n.js";
import * as store from "../core/store.js";

const tick = signal(0);
/** When messages of mine were first seen here, by id: clocks differ. @type {Map<number, number>} */
const seen = new Map();

/** Seconds until I may write again; clocks that differ make it no longer than the pace itself. @param {Conversation | null} c */
function secondsLeft(c) {
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
  const left = secondsLeft(c);
  if (left) toast(interpolate(gettext("Slow mode: you may write again in %(time)s."), { time: span(left) }), "error");
  return left > 0;
}

/** As it fits into the button: 45, 4:05, 5:59 of hours. @param {number} seconds */
function short(seconds) {
  if (seconds < 60) return String(seconds);
  const [large, small] = seconds < 3600 ? [seconds / 60, seconds % 60] : [seconds / 3600, (seconds % 3600) / 60];
  return `${Math.floor(large)}:${String(Math.floor(small)).padStart(2, "0")}`;
}

/** Counts down in the button. @param {HTMLElement} button */
export function start(button) {
  /** @type {any} */
  let timer;
  effect(() => {
    tick.value;
    const left = secondsLeft(store.open.value);
    if (left) button.dataset.wait = short(left);
    else delete button.dataset.wait;
    clearTimeout(timer);
    if (left) timer = setTimeout(() => { tick.value++; }, 1000);
  });
}
