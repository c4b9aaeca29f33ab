/** The people round the table, and what lies in its middle. */
import { html, nothing, repeat } from "../vendor/ui.js";
import { avatar, icon } from "../core/dom.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import * as store from "../core/store.js";
import { back, row } from "./cards.js";
import * as session from "./session.js";
import { chainSum, trickOf, userAt } from "./state.js";
import { classify, isBomb } from "./rules.js";
import { kindName, phrases, placeName, short, signed } from "./words.js";

/** Where a seat is drawn: the next to play sits to the right. */
const PLACES = ["own", "right", "top", "left"];
/** The seat at the lower edge: my own, or the first for who watches. */
export const below = () => Math.max(0, session.mySeat.value);
/** In a direct conversation nobody else can come: the two sit opposite each other. */
const between = () => store.open.value?.kind === "direct";
/** @param {number} seat */
export const placeOf = (seat) => (between() && seat !== session.mySeat.value ? "top" : PLACES[(seat - below() + 4) % 4]);

/** The seats that are drawn round the table, from the left to the right. @returns {number[]} */
export function around() {
  const { view } = /** @type {import("../types.js").TableState} */ (session.table.value);
  const others = [0, 1, 2, 3].filter((seat) => seat !== session.mySeat.value);
  if (between()) return [others.find((seat) => userAt(view, seat) !== null) ?? (below() + 2) % 4];
  return others.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

/** The ring that runs down round a face; table.js moves it. */
export const ring = () => html`<svg class="turn-ring" viewBox="0 0 44 44" aria-hidden="true"><circle class="ring-track" cx="22" cy="22" r="20.5"></circle><circle class="ring-run" cx="22" cy="22" r="20.5" pathLength="100" stroke-dasharray="100" stroke-dashoffset="0"></circle></svg><b class="seconds" aria-hidden="true"></b>`;

/** What somebody has just said. @param {number | null} user */
export function saidView(user) {
  const phrase = phrases().find(([code]) => code === session.said.value.get(user ?? 0));
  return phrase ? html`<span class="said">${phrase[1]} ${phrase[2]}</span>` : nothing;
}

/** One word on how it stands with a seat. @param {number} seat @returns {[string, string]} look and word */
export function flagOf(seat) {
  const { view } = /** @type {import("../types.js").TableState} */ (session.table.value);
  const { game } = view;
  const sits = view.seats[seat];
  if (game && view.phase !== "waiting" && view.players[seat] !== null) {
    const place = game.places.indexOf(seat);
    if (place >= 0) return [place ? "done" : "first", game.instant ? gettext("Won at the deal") : placeName(place, game.places.length)];
    if (game.out.includes(seat)) return ["first", placeName(game.out.indexOf(seat), game.players.length)];
    if (game.blank.includes(seat)) return ["bad", gettext("Played no card")];
    if (game.left.includes(seat)) return ["bad", game.gone.includes(seat) ? gettext("Absent") : gettext("Left")];
    if (sits?.silent) return ["bad", gettext("Not connected")];
    if (game.passed.includes(seat)) return ["passed", gettext("Passed")];
    if (game.counts[seat] === 1) return ["alarm", gettext("1 card!")];
    if (game.strikes[seat]) return ["passed", gettext("Was absent")];
    return ["", ""];
  }
  if (sits?.silent) return ["bad", gettext("Not connected")];
  if (view.phase !== "playing" && sits?.ready) return ["ready", gettext("Ready")];
  return view.phase === "playing" && sits ? ["passed", gettext("Watching")] : ["", ""];
}

/** Another one's seat. @param {number} seat */
export function seatView(seat) {
  const { view } = /** @type {import("../types.js").TableState} */ (session.table.value);
  const user = userAt(view, seat);
  const place = placeOf(seat);
  if (user === null) return emptyView(seat, place);
  const { name, avatar: picture } = session.person(user);
  const { game } = view;
  const sits = view.seats[seat];
  const inMatch = view.phase === "playing" && !!game?.players.includes(seat);
  const count = inMatch && game ? game.counts[seat] : 0;
  const turn = inMatch && game?.turn === seat && !game.closing;
  const [look, word] = flagOf(seat);
  const score = view.scores[user] ?? 0;
  const label = [name, user === view.host ? gettext("Host") : "", turn ? gettext("to move") : "", word, inMatch ? interpolate(ngettext("%(count)s card", "%(count)s cards", count), { count: figure(count) }) : "",
    interpolate(ngettext("%(count)s point", "%(count)s points", score), { count: figure(score) })].filter(Boolean).join(", ");
  return html`<div class="seat at-${place} ${turn ? "turn" : ""} ${look}" role="group" aria-label=${label} data-seat=${seat}>
    <div class="seat-face">${ring()}${avatar(user, name, { picture })}${user === view.host ? html`<span class="host" title=${gettext("Host")}>${icon("crown")}</span>` : nothing}
      ${count ? html`<span class="held ${count === 1 ? "one" : ""}" aria-hidden="true">${back()}<b>${figure(count)}</b></span>` : nothing}</div>
    <div class="seat-name" aria-hidden="true"><span dir="auto">${name}</span><small class=${score < 0 ? "minus" : ""}>${signed(score)}</small></div>
    ${view.host === session.me() && view.phase !== "playing" && sits && !sits.ready && user !== session.me() ? html`<button class="unseat" type="button" aria-label=${interpolate(gettext("Let %(name)s watch"), { name })} title=${interpolate(gettext("Let %(name)s watch"), { name })}
      @click=${() => session.act("unseat", { user })}>${icon("x")}</button>` : nothing}
    ${word ? html`<span class="flag ${look}" aria-hidden="true">${word}</span>` : nothing}${saidView(user)}</div>`;
}

/** A seat for somebody. @param {number} seat @param {string} place */
function emptyView(seat, place) {
  const { view } = /** @type {import("../types.js").TableState} */ (session.table.value);
  const free = view.phase !== "playing" || view.players[seat] === null;
  const may = free && session.mySeat.value < 0;
  return html`<div class="seat at-${place} vacant" data-seat=${seat}>${may ? html`<button class="seat-free" type="button" @click=${() => session.act("sit", { seat })}>${icon("plus")}<span>${gettext("Sit here")}</span></button>`
    : html`<span class="seat-free" aria-hidden="true">${icon("user")}</span>`}</div>`;
}

/** The plays of the trick: the last before the top one, and the top one with its owner. */
export function trickView() {
  const held = session.table.value;
  const { value: game } = session.game;
  if (!held || !game || held.view.phase !== "playing") return nothing;
  const plays = trickOf(held.log);
  const last = plays.at(-1);
  const { top } = game;
  const earlier = plays.slice(-3, top ? -1 : undefined);
  const name = (/** @type {number} */ seat) => (seat === session.mySeat.value ? gettext("You") : session.person(held.view.players[seat]).name);
  const sum = chainSum(game);
  const mine = held.pending;
  return html`<div class="earlier" aria-hidden="true">${repeat(earlier, (play) => play.cards?.join(), (play) => html`<div class="play">${row(play.cards ?? [])}<small dir="auto">${name(play.seat ?? 0)}</small></div>`)}</div>
    ${mine ? html`<div class="play top on-its-way">${row(mine)}<p class="owner">${icon("clock")}${gettext("On its way…")}</p></div>`
    : top ? repeat([top], () => `${held.view.match}.${top.cards.join()}`, () => html`<div class="play top from-${placeOf(top.by)} ${isBomb(/** @type {any} */ (classify(top.cards))) ? "bomb" : ""}" data-by=${top.by}>${row(top.cards)}
      <p class="owner"><b dir="auto">${name(top.by)}</b> · ${kindName(top.cards)}${last?.by_server ? html` · ${gettext("played by the server")}` : nothing}</p></div>`)
    : html`<p class="leads">${game.turn === session.mySeat.value ? game.must === null ? gettext("You lead: play anything") : interpolate(gettext("You open: %(card)s has to be among them"), { card: short(game.must) }) : interpolate(gettext("%(name)s leads"), { name: name(game.turn ?? 0) })}</p>`}
    ${sum ? html`<p class="chain">${icon("flag")}${interpolate(ngettext("In the pot: %(count)s point", "In the pot: %(count)s points", sum), { count: figure(sum) })}</p>` : nothing}
    ${game.closing ? html`<p class="closing">${gettext("A chop may still come…")}</p>` : nothing}`;
}
