/** What a player can do: play, pass with a moment to think again, chop out of turn; keys for all of it. */
import { classMap, html, nothing, signal } from "../vendor/ui.js";
import { avatar, icon, isComposing } from "../core/dom.js";
import { gettext, interpolate } from "../core/i18n.js";
import { byKey } from "./hand.js";
import { flagOf, ring, saidView } from "./seats.js";
import * as session from "./session.js";
import { classify, isChop, plays, whyNot } from "./rules.js";
import { kindName, playName, reason, signed } from "./words.js";

const UNDO_MS = 600;
const AUTOPASS_MS = 1200;

/** A pass that is not yet sent. */
const passing = signal(false);
/** @type {any} */
let timer;

/** Why what is chosen cannot be played now; null where it can. */
export function problem() {
  const { value: game } = session.game;
  if (!game || !session.playing.value) return { code: "not_playing" };
  return whyNot(game, session.mySeat.value, session.hand.value, session.chosen.value);
}

/** The cheapest chop that may be played now, also where another one is to move. */
function chop() {
  const { value: game } = session.game;
  const top = game?.top && classify(game.top.cards);
  if (!game || !top || !session.playing.value || session.table.value?.pending) return null;
  return plays(game, session.mySeat.value, session.hand.value).find((combo) => isChop(combo, top)) ?? null;
}

/** Plays what is chosen. */
function play() {
  if (problem() || session.table.value?.pending) return;
  undo();
  const byKeys = document.activeElement?.closest(".hand");
  session.play([...session.chosen.value]);
  if (byKeys) requestAnimationFrame(() => /** @type {HTMLElement | null} */ (document.querySelector(".hand [tabindex='0']"))?.focus());
}

/** Passes, unless it is taken back at once. @param {number} after */
export function pass(after = UNDO_MS) {
  if (!session.myTurn.value || !session.game.value?.top || passing.value) return;
  passing.value = true;
  timer = setTimeout(() => {
    passing.value = false;
    if (session.myTurn.value) session.act("pass");
  }, after);
}

/** Takes the pass back. */
export function undo() {
  clearTimeout(timer);
  passing.value = false;
}

/** Passes by itself where the player wants that, always after the same time. */
export function passByItself() {
  if (session.autopass.value && !session.chosen.value.length) pass(AUTOPASS_MS);
}

/** Lays the hand in the next order. */
export const sort = () => session.arrange(session.arranged.value.order === "rank" ? "groups" : "rank", []);

/** My own seat: face, points, and in words what goes on. */
export function ownView() {
  const held = /** @type {import("../types.js").TableState} */ (session.table.value);
  const { value: seat } = session.mySeat;
  if (seat < 0) return nothing;
  const my = session.person(session.me());
  const score = held.view.scores[session.me()] ?? 0;
  const [look, word] = flagOf(seat);
  const turn = session.myTurn.value;
  const { value: game } = session.game;
  const why = session.chosen.value.length ? problem() : null;
  const text = !game || !session.playing.value ? word
    : why && why.code !== "not_your_turn" ? reason(why, game)
      : session.chosen.value.length ? kindName(session.chosen.value)
        : turn ? gettext("Your turn") : word || (game.turn === null || game.closing ? "" : interpolate(gettext("%(name)s is thinking"), { name: session.person(held.view.players[game.turn]).name }));
  return html`<div class="own-seat ${turn ? "turn" : ""} ${look}" data-seat=${seat}><div class="seat-face">${ring()}${avatar(my.id, my.name, { picture: my.avatar, size: "small" })}${
    my.id === held.view.host ? html`<span class="host" title=${gettext("Host")}>${icon("crown")}</span>` : nothing}</div>
    <span class="own-points ${score < 0 ? "minus" : ""}">${signed(score)}</span>
    <p class=${classMap({ "own-text": true, wrong: !!why && why.code !== "not_your_turn", yours: turn && !why })} id="table-why">${text}</p>${saidView(my.id)}</div>`;
}

/** The buttons under the thumb. */
export function actionsView() {
  const { value: game } = session.game;
  if (!game || !session.playing.value) return nothing;
  const turn = session.myTurn.value;
  const some = session.chosen.value.length > 0;
  const why = problem();
  const top = game.top && classify(game.top.cards);
  const combo = classify(session.chosen.value);
  const chops = !!top && !!combo && isChop(combo, top);
  const early = chop();
  return html`<div class="actions-bar">
    ${passing.value ? html`<button class="felt-button undo" type="button" @click=${undo}><i aria-hidden="true"></i>${icon("undo-2")}${gettext("Undo")}</button>`
    : html`<button class="felt-button" type="button" ?disabled=${!turn || !game.top} title=${turn && !game.top ? reason({ code: "leader_cannot_pass" }, game) : `${gettext("Pass")} (${gettext("Space")})`} @click=${() => pass()}>${gettext("Pass")}</button>`}
    <span class="actions-middle">
      ${early && !(chops && !why) ? html`<button class="felt-button chop" type="button" title=${playName(early.cards)} @click=${() => session.play(early.cards)}>${gettext("Chop!")}</button>`
      : html`<button class="felt-button small" type="button" title=${gettext("Sort by rank or in groups")} @click=${sort}>${icon("refresh-cw")}<span>${gettext("Sort")}</span></button>
      <button class="felt-button small" type="button" ?disabled=${!some} title="${gettext("Put back")} (Esc)" @click=${() => { session.chosen.value = []; }}>${icon("x")}<span>${gettext("Put back")}</span></button>`}</span>
    <button class="felt-button go ${chops && !why ? "chop" : ""}" type="button" ?disabled=${!some || !!why || !!session.table.value?.pending} aria-describedby="table-why" @click=${play}>${chops && !why ? gettext("Chop!") : gettext("Play them")}</button></div>`;
}

/** Keys of the table; what is typed into a field is not for it. @param {KeyboardEvent} event */
export function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target instanceof HTMLElement ? event.target : document.body);
  if (isComposing(event) || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.closest("input, textarea, select, [contenteditable], dialog, [popover], #main, #info") || !session.playing.value || document.querySelector("dialog:modal")) return;
  const onButton = target.closest("button, a") && !target.closest(".hand");
  if (event.key === "Enter" && !onButton) play();
  else if (event.key === " " && !onButton) {
    if (passing.value) undo();
    else pass();
  } else if (event.key === "Escape" && (session.chosen.value.length || passing.value)) {
    undo();
    session.chosen.value = [];
  } else {
    const next = byKey(event.key, session.hand.value, session.chosen.value);
    if (!next) return;
    session.chosen.value = next;
  }
  event.preventDefault();
}
