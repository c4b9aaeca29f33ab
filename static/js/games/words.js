/** What the card table says, in the language of the page. */
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { classify, rankOf, suitOf } from "./rules.js";

export const RANKS = ["3", "4", "5", "6", "7", "8", "9", "10", "J", "Q", "K", "A", "2"];
export const SIGNS = ["♠", "♣", "♦", "♥"];

/** A card for the eye: "7♥". @param {number} card */
export const short = (card) => `${RANKS[rankOf(card)]}${SIGNS[suitOf(card)]}`;

/** A card for the ear: "7 of hearts". @param {number} card */
export function cardName(card) {
  const suits = [gettext("spades"), gettext("clubs"), gettext("diamonds"), gettext("hearts")];
  return interpolate(gettext("%(rank)s of %(suit)s"), { rank: RANKS[rankOf(card)], suit: suits[suitOf(card)] });
}

/** What cards are together, in a word or two. @param {number[]} cards */
export function kindName(cards) {
  const combo = classify(cards);
  if (!combo) return "";
  const words = { single: gettext("single card"), pair: gettext("pair"), triple: gettext("three of a kind"), quad: gettext("four of a kind"),
    straight: gettext("straight of %(count)s"), run: gettext("run of %(count)s pairs") };
  return interpolate(words[combo.kind], { count: figure(combo.length) });
}

/** Cards for the ear, shortly: "pair of 7", "straight of 5 to K of clubs". @param {number[]} cards */
export function playName(cards) {
  const combo = classify(cards);
  if (!combo || combo.kind === "single") return cards.map(cardName).join(gettext(", "));
  const rank = RANKS[rankOf(combo.top)];
  return combo.kind === "straight" || combo.kind === "run" ? interpolate(gettext("%(kind)s up to %(rank)s"), { kind: kindName(cards), rank })
    : interpolate(gettext("%(kind)s: %(rank)s"), { kind: kindName(cards), rank });
}

/** A chopped or left-over play for the sheet: "2♥", "run of 3 pairs". @param {number[]} cards */
const priced = (cards) => (cards.length < 3 ? cards.map(short).join(" ") : kindName(cards) || cards.map(short).join(" "));

/** Why cards cannot be played. @param {{code: string, detail?: string} | null} why @param {{top: {cards: number[]} | null, must: number | null}} game */
export function reason(why, game) {
  if (!why) return "";
  const top = game.top?.cards ?? [];
  if (why.detail === "other_kind") return interpolate(gettext("Here goes only: %(kind)s"), { kind: kindName(top) });
  if (why.detail === "other_length") return interpolate(gettext("It takes %(count)s cards"), { count: figure(top.length) });
  return /** @type {Record<string, string>} */ ({
    not_playing: gettext("You are not in this match"), not_in_hand: gettext("Choose your cards"), not_a_combo: gettext("These cards do not go together"),
    not_your_turn: gettext("It is not your turn yet"), must_include_3s: interpolate(gettext("%(card)s has to be among them"), { card: short(game.must ?? 0) }),
    does_not_beat: gettext("Not high enough"), ends_on_two: gettext("A 2 may not be your last card"), leader_cannot_pass: gettext("You lead: play something"),
  })[why.code] ?? "";
}

/** A place: of four Nhất, Nhì, Ba, Bét. @param {number} place from 0 @param {number} count */
export function placeName(place, count) {
  if (place && place === count - 1) return gettext("Last place");
  return [gettext("First place"), gettext("Second place"), gettext("Third place"), gettext("Last place")][place];
}

/** Points with their sign. @param {number} points */
export const signed = (points) => `${points > 0 ? "+" : points < 0 ? "−" : ""}${figure(Math.abs(points))}`;

/** For what is paid. @param {{reason: string, cards: number[]}} entry */
export function entryWords({ reason: why, cards }) {
  const count = figure(cards.length);
  switch (why) {
    case "chop": return interpolate(gettext("chopped: %(cards)s"), { cards: priced(cards) });
    case "rot": return interpolate(gettext("left over: %(cards)s"), { cards: priced(cards) });
    case "last": return gettext("came last");
    case "third": return gettext("came third");
    case "blank": return gettext("played no card");
    case "instant": return gettext("won at the deal");
    case "cards": return interpolate(ngettext("%(count)s card left", "%(count)s cards left", cards.length), { count });
    case "cards_unplayed": return interpolate(gettext("%(count)s cards left, none played: double"), { count });
    default: return "";
  }
}

/** @param {string | null} kind */
export const instantName = (kind) => /** @type {Record<string, string>} */ ({
  dragon: gettext("dragon, 3 to ace"), five_run: gettext("five pairs in a row"), four_twos: gettext("four 2s"), six_pairs: gettext("six pairs"), one_colour: gettext("one colour"),
  four_triples: gettext("four triples"), four_threes: gettext("four 3s"), run3_with_3s: gettext("three pairs in a row with 3♠"),
})[kind ?? ""] ?? "";

/** What happened, for the ear and for the list of a replay; "" where nothing has to be said. @param {import("../types.js").TableEvent} event @param {(seat: number) => string} who */
export function eventWords(event, who) {
  const { kind, seat = 0, victim = 0 } = event;
  const name = who(seat);
  switch (kind) {
    case "started": return gettext("The cards are dealt");
    case "play": return interpolate(event.by_server ? gettext("%(name)s was absent; the server plays %(cards)s") : gettext("%(name)s plays %(cards)s"), { name, cards: playName(event.cards ?? []) });
    case "pass": return interpolate(gettext("%(name)s passes"), { name });
    case "chop": return interpolate(gettext("%(name)s chops %(victim)s: %(units)s"), { name, victim: who(victim), units: figure(event.units ?? 0) });
    case "paid": return interpolate(gettext("%(name)s gets %(units)s from %(victim)s"), { name: who(event.to ?? 0), victim: who(event.from ?? 0), units: figure(event.units ?? 0) });
    case "absent": return interpolate(gettext("%(name)s does not answer"), { name });
    case "left": return interpolate(event.gone ? gettext("%(name)s was absent twice and is out") : gettext("%(name)s left the match"), { name });
    case "out": return interpolate(gettext("%(name)s has no cards left: %(place)s"), { name, place: placeName((event.place ?? 1) - 1, 5) });
    case "blank": return interpolate(gettext("%(name)s has not played a card and is out"), { name });
    case "trick": return interpolate(gettext("%(name)s leads"), { name });
    case "waits": return interpolate(gettext("All wait a minute longer for %(name)s"), { name });
    case "silent": return interpolate(event.silent ? gettext("%(name)s has lost the connection") : gettext("%(name)s is back"), { name });
    case "paused": return gettext("The server was restarted; the clocks wait for half a minute");
    case "agreed": return interpolate(event.what === "cancel" ? gettext("%(name)s wants to call the match off") : gettext("%(name)s wants to wait longer"), { name });
    case "over": return event.instant ? interpolate(gettext("%(name)s wins at the deal: %(kind)s"), { name: who(event.places?.[0] ?? 0), kind: instantName(event.instant) })
      : interpolate(gettext("The match is over. %(name)s is first"), { name: who(event.places?.[0] ?? 0) });
    case "cancelled": return gettext("The match was called off. Nobody pays.");
    default: return "";
  }
}

/** What can be said from a seat with one press: code, sign, words. @returns {[string, string, string][]} */
export const phrases = () => [
  ["hello", "👋", gettext("Hello!")], ["good_luck", "🍀", gettext("Good luck!")], ["hurry", "⏳", gettext("Quick, please!")], ["wait", "✋", gettext("One moment")],
  ["well_played", "👏", gettext("Well played!")], ["nice", "😎", gettext("Nice!")], ["oops", "😭", gettext("Oops!")], ["wow", "😮", gettext("Wow!")],
  ["laugh", "😂", gettext("Haha!")], ["sorry", "🙏", gettext("Sorry!")], ["thanks", "❤️", gettext("Thank you!")], ["again", "🔁", gettext("Another one?")],
];

/** The names of the presets. @param {string} preset */
export const presetName = (preset) => /** @type {Record<string, string>} */ ({ standard: gettext("Standard"), count: gettext("Counting cards"), family: gettext("Family") })[preset] ?? gettext("Own rules");

/** What a preset means. @param {string} preset */
export const presetWords = (preset) => /** @type {Record<string, string>} */ ({
  standard: gettext("The rules of the South: chops, left-over 2s and who played nothing are paid"), count: gettext("The match ends with the first who is out; a point for each card left"),
  family: gettext("Only places, no points; a four of a kind beats one 2 alone"),
})[preset] ?? "";
