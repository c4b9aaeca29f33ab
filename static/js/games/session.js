/**
 * The table on the screen and its connection: follows the feed, sends what the player does, keeps what is chosen and the order of the hand.
 * @import {Frame, TableAnswer, TableEvent, TableState} from "../types.js"
 * @import {Order} from "./hand.js"
 */
import { batch, computed, effect, signal, untracked } from "../vendor/ui.js";
import { keepHere, tellError, toast } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { CommandError, get } from "../core/net.js";
import { makeClientId } from "../core/outbox.js";
import * as store from "../core/store.js";
import { ordered } from "./hand.js";
import * as pure from "./state.js";

const HEARTBEAT_MS = 10_000;
const SAID_MS = 4000;
const KEEP = "chatroom.table";

/** @type {import("../vendor/ui.js").Signal<TableState | null>} */
export const table = signal(null);
/** Why there is no table to show. */
export const problem = signal("");
/** Cards that are raised. @type {import("../vendor/ui.js").Signal<number[]>} */
export const chosen = signal([]);
/** @type {import("../vendor/ui.js").Signal<{order: Order, own: number[]}>} */
export const arranged = signal({ order: "rank", own: [] });
/** What was just said, by user. @type {import("../vendor/ui.js").Signal<Map<number, string>>} */
export const said = signal(new Map());
/** What a player sets for himself on this device. @type {import("../vendor/ui.js").Signal<{sound: boolean, vibrate: boolean, four: boolean, large: boolean, hints: boolean}>} */
export const prefs = signal({ sound: true, vibrate: true, four: false, large: false, hints: true, ...JSON.parse(localStorage.getItem(KEEP) ?? "{}") });
/** Passing by itself, for this match. */
export const autopass = signal(false);

/** Who looks at this page. */
export const me = () => store.state.value.me.id;
/** Where I sit or play; -1: nowhere. */
export const mySeat = computed(() => (table.value ? pure.seatOf(table.value.view, me()) : -1));
/** Am I in the match that runs? */
export const playing = computed(() => !!table.value && pure.plays(table.value, me()));
/** The match that runs, as my seat sees it. */
export const game = computed(() => table.value && pure.gameFor(table.value, me()));
/** My cards as they lie on the screen. */
export const hand = computed(() => (table.value ? ordered(pure.handOf(table.value, me()), arranged.value.order, arranged.value.own) : []));
/** Is it for me to play or pass? */
export const myTurn = computed(() => playing.value && !!game.value && game.value.turn === mySeat.value && !game.value.closing && !table.value?.pending);

/** @type {((events: TableEvent[], before: TableState) => void) | null} */
let told = null;
/** @type {any[]} */
let timers = [];
/** @type {(() => unknown)[]} */
let ends = [];
let id = 0;
/** The server counts me among those at the table no longer: hidden for long, left in another tab, or no place was free. */
let dropped = false;

/** Opens a table. @param {number} wanted @param {(events: TableEvent[], before: TableState) => void} onEvents */
export function start(wanted, onEvents) {
  stop();
  id = wanted;
  told = onEvents;
  ends = [
    store.listen(onFrame),
    effect(() => { if (store.socket.connection.value.state === "live") untracked(follow); }),
    effect(() => { // what was chosen and is gone is not chosen any more
      const held = hand.value;
      const kept = untracked(() => chosen.value).filter((card) => held.includes(card));
      if (kept.length !== untracked(() => chosen.value).length) chosen.value = kept;
    }),
  ];
  timers = [setInterval(beat, HEARTBEAT_MS), setInterval(overdue, 500)];
  dropped = false;
  document.addEventListener("visibilitychange", beat);
}

/** Leaves the screen: who only watches is gone from the table. */
export function stop() {
  timers.forEach(clearInterval);
  document.removeEventListener("visibilitychange", beat);
  ends.forEach((end) => end());
  [timers, ends] = [[], []];
  if (id && store.socket.live) store.socket.tell("table.unfollow", { table: id });
  id = 0;
  batch(() => {
    table.value = null;
    problem.value = "";
    chosen.value = [];
    said.value = new Map();
  });
}

async function follow() {
  const wanted = id;
  try {
    const snapshot = await store.socket.request("table.follow", { table: wanted });
    if (wanted !== id) return;
    dropped = false;
    show(pure.refreshed(table.value && pure.refused(table.value), snapshot, Date.now()));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (wanted !== id || error.code === "offline") return;
    if (error.code === "too_many_watchers") return look(wanted);
    table.value = null; // closed, or not for me any more
    problem.value = error.message || error.code;
  }
}

/** Only a look: no place among the watchers was free. @param {number} wanted */
async function look(wanted) {
  dropped = true;
  const snapshot = await get(`v1/tables/${wanted}`).catch(() => null);
  if (snapshot && wanted === id) show(pure.refreshed(table.value, snapshot, Date.now()));
}

/** @param {TableState} next */
function show(next) {
  const before = table.value;
  table.value = next;
  if (before?.view.match !== next.view.match) remember(next);
  const unknown = [...next.view.seats.map((seat) => seat?.user), ...next.view.players].filter((user) => user && !next.names[user] && !store.state.value.people.has(user));
  if (unknown.length) get("people", { ids: unknown.join() }).then(({ people }) => store.meet(people), () => {});
}

/** @param {Frame} frame */
function onFrame(frame) {
  const held = table.value;
  if (!held) return;
  if (frame.type === "table" && frame.data.table === id) {
    const fresh = frame.data.seq > held.seq;
    show(pure.apply(held, frame.data, me(), Date.now()));
    if (fresh) told?.(frame.data.events, held);
    if (frame.prev > held.seq || (table.value && pure.wantsHand(table.value, me()))) setTimeout(() => { if (table.value && (frame.prev > held.seq || pure.wantsHand(table.value, me()))) follow(); }, 400);
  } else if (frame.type === "private") {
    if (frame.data.hands) show(pure.withHand(held, frame.data.hands[id]));
    if (!frame.data.tables) return;
    dropped = !held.closed && !frame.data.tables.some(({ table: at }) => at === id);
    if (dropped) setTimeout(beat);
  } else if (frame.type === "said" && frame.data.table === id) {
    const { user, phrase } = frame.data;
    said.value = new Map(said.value).set(user, phrase);
    setTimeout(() => {
      if (said.value.get(user) !== phrase) return;
      const rest = new Map(said.value);
      rest.delete(user);
      said.value = rest;
    }, SAID_MS);
  }
}

/** Does something at the table; what goes wrong is told. False where it was not done. @param {string} kind @param {object} [data] @returns {Promise<boolean>} */
export async function act(kind, data = {}) {
  const held = table.value;
  if (!held) return false;
  try {
    took(await store.socket.request("table.act", { table: id, client_id: makeClientId(), seq: held.seq, kind, ...data }));
    return true;
  } catch (error) {
    tellError(error);
    return false;
  }
}

/** @param {TableAnswer} answer */
function took(answer) {
  const held = table.value;
  if (!held) return;
  if (!answer.done) toast(gettext("The game had gone on meanwhile."));
  if (answer.snapshot) return show(pure.refreshed(pure.refused(held), answer.snapshot, Date.now()));
  if (answer.hand) show(pure.withHand(held, { seq: answer.seq, match: held.view.match, cards: answer.hand }));
}

/** Plays cards: they leave the hand at once and come back where they are refused. @param {number[]} cards */
export async function play(cards) {
  if (!table.value || table.value.pending) return;
  batch(() => {
    show(pure.submitted(/** @type {TableState} */ (table.value), cards));
    chosen.value = [];
  });
  await act("play", { cards });
  const after = /** @type {TableState | null} */ (table.value);
  if (!after?.pending) return;
  batch(() => {
    show(pure.refused(after));
    chosen.value = cards.filter((card) => hand.value.includes(card));
  });
}

/** A sign of life while somebody looks. */
function beat() {
  if (dropped && table.value && !document.hidden && store.socket.live) follow();
  else if (table.value && !document.hidden && store.socket.live) store.socket.request("table.act", { table: id, client_id: makeClientId(), seq: table.value.seq, kind: "heartbeat" }).then(took, () => {});
}

/** Asks where somebody is whose time is over, so that it goes on. */
let asked = 0;
function overdue() {
  const held = table.value;
  if (!held || held.seq === asked || !store.socket.live) return;
  const late = Object.values(held.view.due).some((due) => Date.now() - held.at > (due + 1) * 1000);
  if (!late) return;
  asked = held.seq;
  beat();
}

/** The name and the picture of somebody at the table. @param {number | null} user */
export function person(user) {
  const known = user === null ? undefined : store.state.value.people.get(user) ?? table.value?.names[user];
  return { id: user ?? 0, name: known?.name ?? "…", avatar: known?.avatar ?? "" };
}

/** Keeps the order of the hand over reconnects and reloads. @param {Order} order @param {number[]} own */
export function arrange(order, own) {
  arranged.value = { order, own };
  const match = table.value?.view.match;
  keepHere(`${KEEP}.order`, JSON.stringify({ table: id, match, order, own }));
}

/** A new match begins in the order that was liked last; places of one's own belong to one match. @param {TableState} next */
function remember(next) {
  const kept = JSON.parse(localStorage.getItem(`${KEEP}.order`) ?? "null");
  const same = kept?.table === next.table && kept?.match === next.view.match;
  autopass.value = false;
  arranged.value = { order: kept?.order === "own" && !same ? "rank" : kept?.order ?? "rank", own: same ? kept.own : [] };
}

/** Changes what the player sets for himself. @param {Partial<typeof prefs.value>} changed */
export function setPrefs(changed) {
  prefs.value = { ...prefs.value, ...changed };
  keepHere(KEEP, JSON.stringify(prefs.value));
}
