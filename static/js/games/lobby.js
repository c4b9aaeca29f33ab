/** Before a match: who is ready, by which rules, and who starts. */
import { html, nothing } from "../vendor/ui.js";
import { icon, lazy } from "../core/dom.js";
import { figure, gettext, interpolate } from "../core/i18n.js";
import { titleOf } from "../core/rows.js";
import * as store from "../core/store.js";
import * as session from "./session.js";
import { PIPS } from "./cards.js";
import { presetName, presetWords } from "./words.js";

/** What a player adds to the shuffle: then nobody can have chosen a seed whose deck he knew. */
let words = "";

/** The four signs. */
export const signs = () => html`<span class="signs" aria-hidden="true">${PIPS.map((pip, suit) => html`<svg class="suit-${suit}" viewBox="0 0 24 24"><path d=${pip}></path></svg>`)}</span>`;

/** Opens the rules: to be changed by the host, to be read by others. */
export const openRules = async () => (await lazy(import("./options.js")))?.openOptions();

/** In the middle of the table between matches. */
export function lobbyView() {
  const held = /** @type {import("../types.js").TableState} */ (session.table.value);
  const { view } = held;
  const sitting = view.seats.filter((seat) => seat !== null);
  const ready = sitting.filter((seat) => seat.ready || seat.user === view.host);
  const my = view.seats[session.mySeat.value] ?? null;
  const host = view.host === session.me();
  const all = sitting.length >= 2 && ready.length === sitting.length;
  const c = store.open.value;
  const line = sitting.length < 2 && c?.kind === "direct" ? my ? interpolate(gettext("Waiting for %(name)s, who finds this table in the conversation."), { name: titleOf(c, store.state.value) }) : ""
    : sitting.length < 2 ? gettext("It takes two to four players. The others find this table in the conversation.")
    : all && !host ? gettext("All are ready. The host may start.")
      : interpolate(gettext("%(ready)s of %(count)s are ready"), { ready: figure(ready.length), count: figure(sitting.length) });
  return html`<section class="lobby" aria-label=${gettext("Waiting for players")}>${signs()}<h2>Tiến Lên</h2>
    <button class="rules-chip" type="button" @click=${openRules}>${icon("sliders-horizontal")}<span><b>${presetName(view.preset)}</b><small>${presetWords(view.preset)}</small></span></button>
    <p class="lobby-line">${line}</p>
    <div class="lobby-actions">${my ? html`
      <button class="felt-button ${my.ready ? "" : "go"}" type="button" aria-pressed=${my.ready} @click=${() => session.act(my.ready ? "unready" : "ready", my.ready || !words ? {} : { text: words })}>${my.ready ? html`${icon("check")}${gettext("Ready")}` : gettext("I am ready")}</button>
      ${host ? html`<button class="felt-button go" type="button" ?disabled=${!all} @click=${() => session.act("start")}>${gettext("Deal")}</button>` : nothing}`
    : view.seats.some((seat) => seat === null) ? html`<button class="felt-button go" type="button" @click=${() => session.act("sit")}>${icon("plus")}${gettext("Sit down")}</button>` : html`<p class="lobby-line">${gettext("All seats are taken. You watch.")}</p>`}</div>
    ${view.promise ? html`<details class="promise"><summary>${icon("shield-check")}${gettext("The shuffle is fixed and can be checked")}</summary><p>${gettext("Before the deal the server has bound itself to this number. When the match is over, its replay shows that the cards were mixed by it.")}</p><code>${view.promise}</code>
      ${my && !my.ready ? html`<label class="promise-words"><span>${gettext("Words of your own for the shuffle, if you like")}</span><input type="text" maxlength="20" autocomplete="off" @input=${(/** @type {Event} */ event) => { words = /** @type {HTMLInputElement} */ (event.target).value; }}></label>` : nothing}</details>` : nothing}</section>`;
}
