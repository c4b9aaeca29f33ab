/** Playing cards, drawn here: large figures in the corner that stays in sight, one large sign, figures of our own on the court cards. */
import { classMap, html, nothing, svg } from "../vendor/ui.js";
import { RANKS } from "./words.js";
import { TWO, rankOf, suitOf } from "./rules.js";

/** ♠ ♣ ♦ ♥ in a square of 24. */
export const PIPS = [
  "M12 1.6C13.3 5.4 21.4 9.2 21.4 14.6a4.5 4.5 0 0 1-8 2.8c.1 2 .9 3.6 2.5 4.9H8.1c1.6-1.3 2.4-2.9 2.5-4.9a4.5 4.5 0 0 1-8-2.8C2.6 9.2 10.7 5.4 12 1.6Z",
  "M12 1.7a4.7 4.7 0 0 1 3.9 7.3 4.7 4.7 0 1 1-2.7 8.3c.1 2 .9 3.7 2.5 5H8.3c1.6-1.3 2.4-3 2.5-5A4.7 4.7 0 1 1 8.1 9 4.7 4.7 0 0 1 12 1.7Z",
  "M12 1.4C14.4 5.6 17 9 20.4 12 17 15 14.4 18.4 12 22.6 9.6 18.4 7 15 3.6 12 7 9 9.6 5.6 12 1.4Z",
  "M12 21.8C7.2 17.2 2 13.2 2 8.3 2 5 4.4 2.8 7.2 2.8c2 0 3.8 1.1 4.8 3.1 1-2 2.8-3.1 4.8-3.1C19.6 2.8 22 5 22 8.3c0 4.9-5.2 8.9-10 13.5Z",
];
/** What the court cards wear: a cap with a feather, a diadem, a crown; in a square of 24. */
const SIGNS = /** @type {Record<number, string>} */ ({
  8: "M3.5 15.5c2.6 1.5 14.4 1.5 17 0l-.9 4.2c-3.4 1.2-11.8 1.2-15.2 0ZM5.2 13.4C5.6 9.6 8.3 7 12 7c1.2 0 2.3.3 3.2.8 1-2.6 2.9-4.6 5.8-5.6.2 3.8-1 6.9-3.5 9 .5.7.8 1.4 1.1 2.2-3.2 1.1-10.2 1.1-13.4 0Z",
  9: "M2.6 8.2 6.6 13 9 5.6l3 6.4 3-6.4 2.4 7.4 4-4.8-1.7 8.6c-4 1.2-11.4 1.2-15.4 0ZM9 1.9a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Zm6 0a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3ZM4.6 18.9c4.2 1.2 10.6 1.2 14.8 0l-.3 2c-4 1.1-10.2 1.1-14.2 0Z",
  10: "M2.4 6.4 7 10.6 12 3l5 7.6 4.6-4.2-1.8 10.4H4.2ZM4.3 18.4h15.4v2.9H4.3ZM12 .6a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8Z",
});

/** The letters of a rank in the corner; a 10 is set closer. @param {number} rank */
const corner = (rank) => svg`<text class="card-rank ${rank === 7 ? "wide" : ""}" x="21" y="36" text-anchor="middle">${RANKS[rank]}</text>`;

/** The middle of a card. @param {number} rank @param {string} pip */
function middle(rank, pip) {
  if (rank in SIGNS) {
    return svg`<rect class="card-court" x="41" y="46" width="50" height="88" rx="9"></rect><path class="card-sign" d=${SIGNS[rank]} transform="translate(48 54) scale(1.5)"></path><path d=${pip} transform="translate(49.2 94) scale(1.4)"></path>`;
  }
  if (rank === 11) return svg`<circle class="card-ring" cx="61" cy="93" r="33"></circle><path d=${pip} transform="translate(37.6 69.6) scale(1.95)"></path>`;
  return svg`<path d=${pip} transform="translate(${rank === TWO ? "33.6 66" : "30 62"}) scale(${rank === TWO ? "2.3" : "2.6"})"></path>`;
}

/** A card with its face up, as wide as its place. @param {number} card */
export function face(card) {
  const [rank, suit] = [rankOf(card), suitOf(card)];
  return html`<svg class="pcard suit-${suit} ${rank === TWO ? "highest" : ""}" viewBox="0 0 100 142" aria-hidden="true"><rect class="card-paper" x="0.75" y="0.75" width="98.5" height="140.5" rx="11"></rect>${
    rank === TWO ? svg`<rect class="card-gold" x="4.5" y="4.5" width="91" height="133" rx="8"></rect>` : nothing}${corner(rank)}<path d=${PIPS[suit]} transform="translate(9 43) scale(1)"></path>${middle(rank, PIPS[suit])}</svg>`;
}

/** A star of so many points. @param {number} points @param {number} outer @param {number} inner */
const star = (points, outer, inner) => Array.from({ length: points * 2 }, (_, at) => {
  const [r, turn] = [at % 2 ? inner : outer, (Math.PI * at) / points];
  return `${(50 + r * Math.sin(turn)).toFixed(1)},${(71 - r * Math.cos(turn)).toFixed(1)}`;
}).join(" ");

const BEADS = Array.from({ length: 28 }, (_, at) => {
  const turn = (2 * Math.PI * at) / 28;
  return svg`<circle cx=${(50 + 35.5 * Math.sin(turn)).toFixed(1)} cy=${(71 - 35.5 * Math.cos(turn)).toFixed(1)} r="1.7"></circle>`;
});

/** The back of a card: the star of a bronze drum between its rings. */
export const back = () => html`<svg class="pcard back-side" viewBox="0 0 100 142" aria-hidden="true"><rect class="card-paper" x="0.75" y="0.75" width="98.5" height="140.5" rx="11"></rect><rect class="back-field" x="6" y="6" width="88" height="130" rx="7"></rect>
  <g class="back-lines"><circle cx="50" cy="71" r="40"></circle><circle cx="50" cy="71" r="31"></circle><path d="M6 31 30 6M70 6l24 25M6 111l24 25M70 136l24-25M6 20 20 6M80 6l14 14M6 122l14 14M80 136l14-14"></path></g>
  <g class="back-marks"><polygon points=${star(14, 27, 10)}></polygon>${BEADS}</g><circle class="back-field" cx="50" cy="71" r="5"></circle></svg>`;

/** Cards that lie on each other with their corners in sight. @param {number[]} cards @param {string} [look] */
export const row = (cards, look = "") => html`<span class=${classMap({ cards: true, long: cards.length > 6, ...(look && { [look]: true }) })}>${cards.map((card) => html`<span class="slot">${face(card)}</span>`)}</span>`;
