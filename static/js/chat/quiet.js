/** Peace for a while, and notices on the desktop: a part of the account menu. */
import { html, nothing, signal } from "../vendor/ui.js";
import { icon, mount, tellError, toast } from "../core/dom.js";
import { nextMorning } from "../core/attention.js";
import { clock, gettext, interpolate } from "../core/i18n.js";
import { isQuiet } from "../core/private.js";
import * as store from "../core/store.js";
import { canNotify } from "./notify.js";

const HOUR_S = 3600;
const LOOK_MS = 30_000;
/** Moves what depends on the time, and on an answer of the browser. */
const tick = signal(0);

/** @param {Record<string, unknown>} options */
const save = (options) => store.saveOptions(options).catch(tellError);

/** Asks the browser, in answer to a click. */
async function turnOn() {
  const answer = await Notification.requestPermission();
  tick.value++;
  if (answer === "granted") await save({ desktop_notices: true });
  else if (answer === "denied") toast(gettext("This browser blocks notices of this site. Its own settings can change that."), "error");
}

function view() {
  tick.value; // eslint-disable-line no-unused-expressions
  const { options } = store.state.value.me;
  const now = new Date();
  const until = Number(options.quiet_until ?? 0);
  const on = until * 1000 > now.getTime();
  const morning = nextMorning(now);
  const choice = (/** @type {string} */ text, /** @type {number} */ value, /** @type {boolean} */ pressed) =>
    html`<button type="button" aria-pressed=${pressed} @click=${() => save({ quiet_until: value })}>${text}</button>`;
  const offered = canNotify() && Notification.permission !== "denied" && (!options.desktop_notices || Notification.permission === "default");
  const note = on ? interpolate(gettext("until %(time)s"), { time: clock(new Date(until * 1000).toISOString()) }) : isQuiet(options, now) ? gettext("by your hours") : "";
  return html`<h2>${gettext("Do not disturb")}${note ? html` <span class="muted">· ${note}</span>` : nothing}</h2>
    <div class="segments">${choice(gettext("Off"), 0, !on)}${choice(gettext("1 hour"), Math.round(now.getTime() / 1000) + HOUR_S, on && until !== morning)}${
      choice(gettext("Until tomorrow"), morning, on && until === morning)}</div>
    ${offered ? html`<button class="menu-item menu-offer" type="button" @click=${turnOn}>${icon("bell")}${gettext("Turn on desktop notices")}</button>` : nothing}`;
}

/** Draws the part. @param {HTMLElement} place */
export function startQuiet(place) {
  mount(place, view);
  setInterval(() => { if (place.checkVisibility()) tick.value++; }, LOOK_MS);
  document.getElementById("menu")?.addEventListener("beforetoggle", () => { tick.value++; });
}
