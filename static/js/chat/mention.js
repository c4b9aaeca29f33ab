/**
 * Whom one may mean with an @: the members of the open conversation, by name and user name, without marks, by initials and pinyin.
 * @import {Conversation, Person} from "../types.js"
 */
import { html } from "../vendor/ui.js";
import { avatar, icon } from "../core/dom.js";
import { compareNames, gettext } from "../core/i18n.js";
import { pieces, search } from "../core/match.js";
import { get } from "../core/net.js";
import * as store from "../core/store.js";
import { begin, show } from "./complete.js";
import { rosters } from "./header.js";
import { read } from "./roster.js";

const OFFERED = 8;
const ROW_PX = 46;
const ALL_FREE = 20; // in larger groups only managers may call everybody

/** As many as stand in the half of what is left of the window above a keyboard: a list of this kind does not scroll. */
const room = () => Math.max(3, Math.min(OFFERED, Math.floor((window.visualViewport?.height ?? innerHeight) * 0.45 / ROW_PX)));

/** @typedef {Pick<Person, "id" | "name" | "username" | "avatar" | "presence">} Face */

/** May I call everybody here? @param {Conversation} c */
const mayCallAll = (c) => c.kind !== "direct" && (c.role !== "member" || (c.kind === "group" && c.members <= ALL_FREE));

/** Who is here as far as it is known now, those who wrote last first. @param {Conversation} c @returns {Face[]} */
function members(c) {
  const { people, me } = store.state.value;
  const senders = (store.timeline.value?.rows ?? []).map((m) => m.sender).reverse();
  const roster = c.kind === "direct" ? [c.peer] : (rosters.value.get(c.id) ?? []).map((m) => m.id);
  const ids = new Set([...(c.kind === "everyone" ? senders : senders.filter((id) => roster.includes(id))), ...roster]);
  const faces = [...ids].map((id) => people.get(id ?? 0)).filter((p) => p !== undefined);
  return faces.filter((p) => p.id !== me.id && p.username);
}

/** People whom the server finds by the same letters: it knows pinyin, and everybody. @param {Conversation} c @param {string} word @returns {Promise<Face[]>} */
async function found(c, word) {
  const { people } = /** @type {{people: Person[]}} */ (await get("people", { q: word }));
  const here = new Set((rosters.value.get(c.id) ?? []).map((m) => m.id));
  const { me } = store.state.value;
  return people.filter((p) => p.id !== me.id && (c.kind === "everyone" || (c.kind === "direct" ? p.id === c.peer : here.has(p.id))));
}

/** Offers people for what follows an @. @param {HTMLTextAreaElement} area @param {string} word @param {(text: string) => void} pick */
export async function offerPeople(area, word, pick) {
  const c = store.open.value;
  if (!c) return;
  const mine = begin(`@${c.id} ${word}`);
  if (c.kind === "group" && !rosters.value.has(c.id)) await read(c.id);
  if (!mine()) return;
  const known = members(c);
  draw(known);
  if (!word) return;
  const more = await found(c, word).catch((error) => { // without the server those found here are enough
    if (!("code" in error)) throw error;
    return [];
  });
  if (more.length && mine()) draw(known, more);

  /** @param {Face[]} faces @param {Face[]} [also] */
  function draw(faces, also = []) {
    const hits = word ? search(faces, word, (p) => [p.name, p.username]) : faces.map((thing) => ({ thing, spans: /** @type {[number, number][]} */ ([]) }));
    const there = new Set(hits.map(({ thing }) => thing.id));
    const others = also.filter((p) => !there.has(p.id)).sort((a, b) => compareNames(a.name, b.name)).map((thing) => ({ thing, spans: /** @type {[number, number][]} */ ([]) }));
    const rows = [...hits, ...others].slice(0, room()).map(({ thing, spans }) => ({ view: personView(thing, spans), take: () => pick(`@${thing.username}`) }));
    show(area, gettext("Members"), c && mayCallAll(c) && callsAll(word) ? [...rows.slice(0, room() - 1), { view: ALL(), take: () => pick(allWord()) }] : rows);
  }
}

/** The word that calls everybody, in the language of the page. */
const allWord = () => (document.documentElement.lang.startsWith("zh") ? "@所有人" : "@all");
/** @param {string} word */
const callsAll = (word) => !word || search(["all", "所有人", "suoyouren", "everyone", gettext("Everybody here")], word, (name) => [name]).length > 0;

/** @param {Face} p @param {[number, number][]} spans */
const personView = (p, spans) => html`${avatar(p.id, p.name, { size: "small", presence: p.presence, picture: p.avatar })}<b>${
  pieces(p.name, spans).map(({ text, marked }) => (marked ? html`<mark>${text}</mark>` : text))}</b><span class="muted">@${p.username}</span>`;

const ALL = () => html`<span class="avatar small hue-4" aria-hidden="true">${icon("megaphone")}</span><b>${allWord()}</b><span class="muted">${gettext("Everybody here")}</span>`;
