/** The sheet after a match: places, what every point is for, the cards that were left, and the way on. */
import { html, nothing } from "../vendor/ui.js";
import { avatar, icon } from "../core/dom.js";
import { figure, gettext, interpolate } from "../core/i18n.js";
import { row } from "./cards.js";
import * as session from "./session.js";
import { sheet } from "./state.js";
import { entryWords, instantName, placeName, signed } from "./words.js";

/** @typedef {Pick<import("../types.js").GameView, "places" | "entries" | "points" | "instant">} Outcome */

/** Places and points. @param {Outcome} outcome @param {(seat: number) => {id: number, name: string, avatar: string}} who @param {(number[] | undefined)[] | null} hands @param {number[]} [all] seats that played */
export function outcomeView(outcome, who, hands, all = outcome.places) {
  const order = [...outcome.places, ...all.filter((seat) => !outcome.places.includes(seat))];
  const name = (/** @type {number} */ seat) => (who(seat).id === session.me() ? gettext("You") : who(seat).name);
  return html`${outcome.instant ? html`<p class="instant">${interpolate(gettext("Won at the deal: %(kind)s"), { kind: instantName(outcome.instant) })}</p>` : nothing}
    <ol class="places">${order.map((seat, place) => {
      const { id, avatar: picture } = who(seat);
      const points = outcome.points[seat] ?? 0;
      const left = hands?.[seat] ?? [];
      return html`<li class=${place === 0 ? "winner" : ""}><span class="place">${place === 0 ? icon("trophy") : ""}${outcome.places.includes(seat) ? placeName(place, order.length) : "–"}</span>${avatar(id, who(seat).name, { picture, size: "small" })}<b dir="auto">${name(seat)}</b>
        <span class="points ${points < 0 ? "minus" : points > 0 ? "plus" : ""}">${signed(points)}</span>${left.length ? html`<span class="left-over">${row(left)}</span>` : nothing}</li>`;
    })}</ol>
    ${outcome.entries.length ? html`<h3>${gettext("What was paid")}</h3><ul class="payments">${sheet(/** @type {any} */ (outcome)).map(({ from, to, units, entries }) => html`<li><span>${interpolate(gettext("%(from)s pays %(to)s %(units)s"), { from: who(from).name, to: who(to).name, units: figure(units) })}</span>
      <small>${entries.map((entry) => `${entryWords(entry)} (${figure(entry.units)})`).join(" + ")}</small></li>`)}</ul>` : nothing}`;
}

/** Over the table until it is put away. @param {() => void} close */
export function resultView(close) {
  const held = /** @type {import("../types.js").TableState} */ (session.table.value);
  const { view } = held;
  const { game } = view;
  if (!game?.over) return nothing;
  const sits = view.seats.find((seat) => seat?.user === session.me());
  const host = view.host === session.me();
  return html`<section class="result" role="dialog" aria-labelledby="result-title"><header><h2 id="result-title">${interpolate(gettext("Match %(number)s"), { number: figure(view.match) })}</h2>
      <button class="icon-button" type="button" aria-label=${gettext("Close")} title=${gettext("Close")} @click=${close}>${icon("x")}</button></header>
    <div class="result-body" tabindex="0">${outcomeView(game, (seat) => session.person(view.players[seat]), game.hands, game.players)}
      <a class="button button-wide" href="/c/${held.conversation}/table/${held.table}/match/${view.match}/" data-nav>${icon("history")}${gettext("Watch it again, with the proof of the shuffle")}</a></div>
    <footer>${sits ? html`<button class="button" type="button" @click=${() => session.act("stand")}>${gettext("Stand up")}</button>
      ${sits.ready && host ? html`<button class="button button-primary" type="button" @click=${() => session.act("start")}>${gettext("Deal")}</button>`
      : html`<button class="button button-primary" type="button" ?disabled=${sits.ready} @click=${() => session.act("ready")}>${sits.ready ? gettext("Waiting for the others") : gettext("Play on")} <span class="rematch" data-due="result"></span></button>`}`
    : view.seats.some((seat) => seat === null) ? html`<button class="button button-primary" type="button" @click=${() => session.act("sit")}>${gettext("Sit down")}</button>` : html`<button class="button" type="button" @click=${close}>${gettext("Close")}</button>`}</footer></section>`;
}
