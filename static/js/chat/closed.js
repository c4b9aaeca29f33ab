/**
 * What stands in the place of the composer where I may not write, and why.
 * @import {Conversation} from "../types.js"
 */
import { effect, signal } from "../vendor/ui.js";
import { byId } from "../core/dom.js";
import { clock, dayName, gettext, interpolate, span } from "../core/i18n.js";
import * as store from "../core/store.js";

/** Moves what counts the time that is left of a mute. */
const tick = signal(0);
/** @type {any} */
let timer;

/** Is a mute of mine running? @param {Conversation} c */
const isMuted = (c) => c.muted_until !== null && Date.parse(c.muted_until) > Date.now();

/** @param {Conversation} c */
const secondsLeft = (c) => (Date.parse(c.muted_until ?? "") - Date.now()) / 1000;

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

/** Shows the composer or the reason why there is none. */
export function start() {
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
