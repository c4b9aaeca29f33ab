/** What a table does beside its picture: a word across it for a moment, sounds, a buzz, a wake lock. */
import { effect, html, nothing, signal } from "../vendor/ui.js";
import { figure, gettext, interpolate } from "../core/i18n.js";
import * as session from "./session.js";
import { instantName } from "./words.js";

const SHOWN_MS = 1600;
const still = matchMedia("(prefers-reduced-motion: reduce)");
/** @type {import("../vendor/ui.js").Signal<{look: string, word: string, more: string} | null>} */
const shown = signal(null);
/** @type {any} */
let timer;

/** @param {string} look @param {string} word @param {string} [more] */
function flash(look, word, more = "") {
  if (still.matches) return;
  clearTimeout(timer);
  shown.value = { look, word, more };
  timer = setTimeout(() => { shown.value = null; }, SHOWN_MS);
}

/** The word across the table. */
export const flashView = () => (shown.value ? html`<div class="flash ${shown.value.look}" aria-hidden="true"><b>${shown.value.word}</b>${shown.value.more ? html`<span>${shown.value.more}</span>` : nothing}</div>` : nothing);

/** @type {AudioContext | null} */
let audio = null;

/** One short tone. @param {number} pitch @param {number} after @param {number} length @param {number} loud @param {OscillatorType} type */
function tone(pitch, after, length, loud, type = "triangle") {
  if (!audio) return;
  const at = audio.currentTime + after;
  const [source, volume] = [audio.createOscillator(), audio.createGain()];
  source.type = type;
  source.frequency.setValueAtTime(pitch, at);
  source.frequency.exponentialRampToValueAtTime(pitch * 0.7, at + length);
  volume.gain.setValueAtTime(loud, at);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + length);
  source.connect(volume).connect(audio.destination);
  source.start(at);
  source.stop(at + length);
}

const TUNES = /** @type {Record<string, [number, number, number, number, OscillatorType?][]>} */ ({
  card: [[310, 0, 0.07, 0.12], [900, 0, 0.03, 0.04, "square"]], pass: [[220, 0, 0.12, 0.07]], turn: [[660, 0, 0.18, 0.12], [880, 0.12, 0.28, 0.12]],
  chop: [[130, 0, 0.5, 0.3, "sawtooth"], [520, 0.05, 0.2, 0.12, "square"], [780, 0.14, 0.3, 0.1, "square"]], over: [[523, 0, 0.2, 0.1], [659, 0.13, 0.2, 0.1], [784, 0.26, 0.4, 0.12]], hurry: [[990, 0, 0.06, 0.08]],
});

/** @param {string} tune */
export function sound(tune) {
  if (!session.prefs.value.sound || !("AudioContext" in window) || !(audio || navigator.userActivation?.hasBeenActive)) return;
  audio ??= new AudioContext();
  audio.resume().then(() => TUNES[tune].forEach((notes) => tone(...notes)), () => {});
}

/** @param {number | number[]} pattern */
const buzz = (pattern) => { if (session.prefs.value.vibrate && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(pattern); };

/** Shows and sounds what happened. @param {import("../types.js").TableEvent[]} events */
export function perform(events) {
  for (const event of events) {
    if (event.kind === "play") sound("card");
    if (event.kind === "pass") sound("pass");
    if (event.kind === "chop") {
      const chain = session.table.value?.view.game?.chain.length ?? 1;
      flash("chop", chain > 1 ? gettext("Chopped again!") : gettext("Chop!"), `+${figure(event.units ?? 0)}`);
      sound("chop");
      buzz([60, 40, 120]);
    }
    if (event.kind === "blank") flash("bad", gettext("Not one card!"), session.person(session.table.value?.view.players[event.seat ?? 0] ?? null).name);
    if (event.kind === "over") {
      sound("over");
      if (event.instant) flash("gold", gettext("Won at the deal!"), instantName(event.instant));
      else if (session.table.value?.view.game?.entries.some(({ reason }) => reason === "rot")) flash("bad", gettext("2s or bombs left over!"), "");
    }
  }
}

/** @type {any} */
let lock = null;

/** The screen stays on while somebody plays; browsers give this to safe addresses alone. @param {boolean} on */
async function wake(on) {
  try {
    if (on && !lock && !document.hidden) lock = await /** @type {any} */ (navigator).wakeLock?.request("screen");
    else if (!on && lock) {
      lock.release();
      lock = null;
    }
  } catch {
    lock = null; // a phone short of power refuses: then it goes dark as it likes
  }
}

/** Follows the table until it is left. @returns {() => void} */
export function start() {
  let turned = false;
  const ends = [
    effect(() => { wake(session.playing.value); }),
    effect(() => {
      const turn = session.myTurn.value;
      if (turn && !turned) {
        sound("turn");
        buzz(80);
      }
      turned = turn;
    }),
  ];
  const onSight = () => {
    lock = null;
    wake(session.playing.value);
  };
  document.addEventListener("visibilitychange", onSight);
  return () => {
    document.removeEventListener("visibilitychange", onSight);
    ends.forEach((end) => end());
    wake(false);
  };
}

/** @param {number} count */
export const secondsText = (count) => interpolate(gettext("%(count)s s"), { count: figure(count) });
