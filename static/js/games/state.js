/**
 * What the page holds of a card table, and how it changes. Pure: a function answers a new state.
 * @import {GameView, Hand, TableEvent, TableNews, TableSnapshot, TableState, TableView} from "../types.js"
 */

const LOG = 60;

/** @param {TableSnapshot} snapshot @param {number} now @returns {TableState} */
export function fromSnapshot(snapshot, now) {
  const { hand, log, ...rest } = snapshot;
  return { ...rest, log: log.flatMap(([, events]) => events), hand: hand && { seq: snapshot.seq, match: snapshot.view.match, cards: hand }, at: now, pending: null, closed: "" };
}

/** A snapshot in the place of what is held: what is on its way stays so while the hand still has its cards. @param {TableState | null} state @param {TableSnapshot} snapshot @param {number} now @returns {TableState} */
export function refreshed(state, snapshot, now) {
  const next = fromSnapshot(snapshot, now);
  if (!state || state.seq > next.seq) return state ?? next;
  return { ...next, names: { ...state.names, ...next.names }, pending: stillHeld(state.pending, next.hand), closed: state.closed };
}

/** @param {number[] | null} cards @param {Hand | null} hand */
const stillHeld = (cards, hand) => (cards && hand && cards.every((card) => hand.cards.includes(card)) ? cards : null);

/** News of the table. Old ones change nothing; each bears the whole view, so a gap costs only the events in it. @param {TableState} state @param {TableNews} news @param {number} me @param {number} now @returns {TableState} */
export function apply(state, news, me, now) {
  if (news.seq <= state.seq) return news.closed ? { ...state, closed: news.closed } : state;
  let { hand, pending } = state;
  const mine = news.view.players.indexOf(me);
  if (news.events.some(({ kind }) => kind === "started")) pending = null;
  for (const { kind, seat, cards = [] } of news.events) {
    if (kind !== "play" || seat !== mine || !hand || hand.match !== news.view.match || hand.seq >= news.seq) continue;
    hand = { ...hand, cards: hand.cards.filter((card) => !cards.includes(card)) };
  }
  return { ...state, seq: news.seq, view: news.view, at: now, hand, pending: stillHeld(pending, hand), names: { ...state.names, ...news.names }, log: [...state.log, ...news.events].slice(-LOG), closed: news.closed ?? "" };
}

/** Cards of my own hand; an older hand than the one that is held changes nothing. @param {TableState} state @param {Hand | undefined} hand @returns {TableState} */
export function withHand(state, hand) {
  if (!hand || (state.hand && (hand.match < state.hand.match || (hand.match === state.hand.match && hand.seq < state.hand.seq)))) return state;
  return { ...state, hand, pending: stillHeld(state.pending, hand) };
}

/** Cards leave the hand for the table, as far as this page knows. @param {TableState} state @param {number[]} cards @returns {TableState} */
export const submitted = (state, cards) => ({ ...state, pending: cards });

/** They come back. @param {TableState} state @returns {TableState} */
export const refused = (state) => ({ ...state, pending: null });

/** The seat of somebody: where he plays in a match, else where he sits. @param {TableView} view @param {number} user */
export function seatOf(view, user) {
  const sits = view.seats.findIndex((seat) => seat?.user === user);
  return sits >= 0 ? sits : view.phase === "waiting" ? -1 : view.players.indexOf(user);
}

/** Who is on a seat: in a match its player, also when he has left. @param {TableView} view @param {number} seat */
export const userAt = (view, seat) => (view.phase === "waiting" ? null : view.players[seat]) ?? view.seats[seat]?.user ?? null;

/** Do I hold cards of the match that runs? @param {TableState} state @param {number} me */
export function plays(state, me) {
  const seat = state.view.players.indexOf(me);
  return state.view.phase === "playing" && seat >= 0 && state.view.seats[seat]?.user === me && !!state.view.game?.live.includes(seat);
}

/** Is it for somebody to play or pass? @param {TableView} view @param {number} user */
export const isTurnOf = ({ phase, game, players }, user) => phase === "playing" && !!game && !game.closing && game.turn !== null && players[game.turn] === user;

/** My cards that are not on their way. @param {TableState} state @param {number} me @returns {number[]} */
export function handOf(state, me) {
  if (!plays(state, me) || state.hand?.match !== state.view.match) return [];
  return state.hand.cards.filter((card) => !state.pending?.includes(card));
}

/** Is a hand owed that has not come? @param {TableState} state @param {number} me */
export const wantsHand = (state, me) => plays(state, me) && state.hand?.match !== state.view.match;

/** The game as my own seat sees it: who has to open the first game holds the card that must be in it. @param {TableState} state @param {number} me @returns {GameView | null} */
export function gameFor(state, me) {
  const { game, phase, match } = state.view;
  if (!game || phase !== "playing") return null;
  const seat = state.view.players.indexOf(me);
  const opens = game.turn === seat && game.number === 0 && !game.top && state.hand?.match === match;
  const { opening } = game.options;
  const first = opening === "every_game" || (opening === "first_game" && state.view.first);
  return { ...game, must: game.must ?? (opens && first && state.hand ? Math.min(...state.hand.cards) : null) };
}

/** The plays of the open trick, the oldest first. @param {TableEvent[]} log */
export function trickOf(log) {
  const from = log.findLastIndex(({ kind }) => kind === "trick" || kind === "started" || kind === "over" || kind === "cancelled");
  return log.slice(from + 1).filter(({ kind }) => kind === "play");
}

/** Units in the open chain of chops. @param {GameView} game */
export const chainSum = (game) => game.chain.reduce((sum, { units }) => sum + units, 0);

/** Seconds until something is due; null where nothing is. @param {TableState} state @param {"turn" | "close" | "result"} what @param {number} now */
export function left(state, what, now) {
  const due = state.view.due[what];
  return due === undefined ? null : Math.max(0, due - (now - state.at) / 1000);
}

/** The lines of the sheet: of each pair of seats one, with all that one pays the other. @param {GameView} game */
export function sheet(game) {
  /** @type {Map<string, {from: number, to: number, units: number, entries: GameView["entries"]}>} */
  const lines = new Map();
  for (const entry of game.entries) {
    const key = `${entry.from}>${entry.to}`;
    const line = lines.get(key) ?? { from: entry.from, to: entry.to, units: 0, entries: [] };
    lines.set(key, { ...line, units: line.units + entry.units, entries: [...line.entries, entry] });
  }
  return [...lines.values()].sort((a, b) => b.units - a.units);
}
