/** A match that is over, again: card by card with all hands open, and the proof that the cards were mixed as promised. */
import { html, nothing, signal } from "../vendor/ui.js";
import { avatar, icon } from "../core/dom.js";
import { figure, gettext, interpolate } from "../core/i18n.js";
import { CommandError, get } from "../core/net.js";
import { row } from "./cards.js";
import { outcomeView } from "./result.js";
import * as session from "./session.js";
import { verify } from "./shuffle.js";
import { sorted } from "./rules.js";
import { eventWords } from "./words.js";

const STEP_MS = 1300;
/** @type {import("../vendor/ui.js").Signal<import("../types.js").Replay | null>} */
const replay = signal(null);
const problem = signal("");
/** How many events have happened. */
const at = signal(0);
const runs = signal(false);
/** @type {any} */
let timer;

const SHOWN = ["play", "pass", "chop", "paid", "out", "blank", "absent", "left", "trick", "over"];
/** Events that show something. @param {import("../types.js").Replay} shown */
const eventsOf = (shown) => shown.events.flatMap(([, , events]) => events).filter(({ kind }) => SHOWN.includes(kind));

/** @param {number} table @param {number} no */
export async function startReplay(table, no) {
  replay.value = null;
  problem.value = "";
  at.value = 0;
  try {
    replay.value = await get(`v1/tables/${table}/matches/${no}`);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    problem.value = error.message || gettext("This match cannot be shown.");
  }
}

/** Leaves it. */
export function stopReplay() {
  run(false);
  replay.value = null;
}

/** @param {boolean} on */
function run(on) {
  clearInterval(timer);
  runs.value = on;
  if (on) timer = setInterval(() => {
    const last = replay.value ? eventsOf(replay.value).length : 0;
    if (at.value < last) at.value++;
    else run(false);
  }, STEP_MS);
}

/** @param {import("../types.js").Replay} shown */
function proofView(shown) {
  if (!shown.seed || !shown.deck) return html`<p class="muted">${gettext("This match was called off: its cards stay secret.")}</p>`;
  const { promised, shuffled, dealt } = verify({ seed: shown.seed, texts: shown.texts, deck: shown.deck, promise: shown.promise, hash: shown.hash });
  const line = (/** @type {boolean} */ good, /** @type {string} */ text, /** @type {string} */ code) => html`<li class=${good ? "good" : "bad"}>${icon(good ? "circle-check" : "circle-x")}<span>${text}<code>${code}</code></span></li>`;
  return html`<p>${promised && shuffled && dealt ? gettext("Checked in your browser: the cards were mixed as promised before the deal.") : gettext("Something does not fit: do not trust this deal.")}</p>
    <ul class="proof">${line(promised, gettext("The seed is the one promised before the deal"), shown.promise)}${line(shuffled, gettext("The seed and the players' texts make this deck"), shown.seed)}${line(dealt, gettext("The deck is the one fixed at the deal"), shown.hash)}</ul>`;
}

/** The page. */
export function replayView() {
  const shown = replay.value;
  if (!shown) return html`<div class="felt"><p class="felt-note" role="status">${problem.value || gettext("One moment…")}</p></div>`;
  const events = eventsOf(shown);
  const happened = events.slice(0, at.value);
  const played = happened.flatMap(({ kind, cards }) => (kind === "play" ? cards ?? [] : []));
  const trick = happened.slice(happened.findLastIndex(({ kind }) => kind === "trick") + 1).filter(({ kind }) => kind === "play").slice(-3);
  const who = (/** @type {number} */ seat) => {
    const user = shown.players[seat];
    return { id: user ?? 0, name: shown.names[user]?.name ?? session.person(user ?? null).name, avatar: shown.names[user]?.avatar ?? "" };
  };
  const name = (/** @type {number} */ seat) => who(seat).name;
  const seats = Object.keys(shown.players).map(Number);
  const last = happened.at(-1);
  const all = new Set(events.flatMap(({ kind, cards }) => (kind === "play" ? cards ?? [] : [])));
  const over = shown.hands && [0, 1, 2, 3].map((seat) => sorted(shown.hands?.[seat] ?? []).filter((card) => !all.has(card)));
  const go = (/** @type {number} */ to) => () => {
    run(false);
    at.value = Math.max(0, Math.min(events.length, to));
  };
  const button = (/** @type {string} */ sign, /** @type {string} */ label, /** @type {() => void} */ act, off = false) => html`<button class="felt-button small" type="button" aria-label=${label} title=${label} ?disabled=${off} @click=${act}>${icon(sign)}</button>`;
  return html`<div class="felt replay ${session.prefs.value.four ? "four" : ""}" tabindex="0" role="region" aria-label=${gettext("Watch it again")}>
    <div class="replay-hands">${seats.map((seat) => {
      const { id, avatar: picture } = who(seat);
      const cards = sorted((shown.hands?.[seat] ?? []).filter((card) => !played.includes(card)));
      return html`<div class="replay-hand ${last?.seat === seat ? "turn" : ""}">${avatar(id, name(seat), { picture, size: "small" })}<b dir="auto">${name(seat)}</b>${cards.length ? row(cards) : html`<span class="flag first">${shown.hands ? gettext("No cards left") : ""}</span>`}</div>`;
    })}</div>
    <div class="replay-middle">${trick.map((play, index) => html`<div class="play ${index === trick.length - 1 ? "top" : ""}">${row(play.cards ?? [])}<p class="owner">${name(play.seat ?? 0)}</p></div>`)}</div>
    <p class="replay-line" role="status">${last ? eventWords(last, name) : interpolate(gettext("Match %(number)s"), { number: figure(shown.no) })}</p>
    <div class="replay-bar">${button("rotate-ccw", gettext("To the beginning"), go(0), !at.value)}${button("chevron-left", gettext("One step back"), go(at.value - 1), !at.value)}
      ${button(runs.value ? "pause" : "play", runs.value ? gettext("Pause") : gettext("Play"), () => run(!runs.value), at.value >= events.length)}${button("chevron-right", gettext("One step on"), go(at.value + 1), at.value >= events.length)}
      <input type="range" min="0" max=${events.length} .value=${String(at.value)} aria-label=${gettext("Place in the match")} @input=${(/** @type {Event} */ event) => go(Number(/** @type {HTMLInputElement} */ (event.target).value))()}></div>
    <div class="replay-facts"><section><h2 class="visually-hidden">${gettext("Result")}</h2>${shown.cancelled ? nothing : outcomeView(shown, who, over ?? null, seats)}</section>
      <section><h3>${icon("shield-check")}${gettext("The shuffle")}</h3>${proofView(shown)}</section></div></div>`;
}
