/**
 * Searching in messages, from the field above the list: words and filters, hits below the rows that match by name. Loaded when the field is first used.
 * @import {Hit, Person} from "../types.js"
 * @import {Found} from "./discover.js"
 */
import { computed, effect, signal, untracked } from "../vendor/ui.js";
import { addStyle, byId, isComposing, lazy, mount, navigate, tellError } from "../core/dom.js";
import { CommandError, get } from "../core/net.js";
import * as store from "../core/store.js";
import { phone } from "./header.js";
import { jumpTo } from "./list.js";
import { offering, recents, remember, startRecents } from "./searchrecent.js";
import { chipsView, closerView, foundView } from "./searchview.js";
import { filter, found } from "./sidebar.js";

const WAIT_MS = 200;
const SLOW_MS = 150;
const LIMIT = 30;
const NEAR = 400;
const TYPED = /(^|\s)(from|in|before|after|has):("[^"]*"?|\S+)/giu;

/** What the chips say. @typedef {{conversation: number | null, from: number | null, after: string, before: string, has: string}} Filters */
/** @typedef {{status: "none" | "waiting" | "here" | "failed" | "offline", slow: boolean, hits: Hit[], older: number | null, error: string}} Answer */
/** @type {Filters} */
const NO_FILTERS = { conversation: null, from: null, after: "", before: "", has: "" };
/** @type {Answer} */
const NO_ANSWER = { status: "none", slow: false, hits: [], older: null, error: "" };

const app = byId("app");
const field = /** @type {HTMLInputElement} */ (byId("filter"));
const scroller = byId("conversations");
const chips = document.createElement("div");

/** Opened by a button or a key, with or without words. */
const opened = signal(false);
/** @type {import("../vendor/ui.js").Signal<Filters>} */
export const filters = signal(NO_FILTERS);
/** @type {import("../vendor/ui.js").Signal<Answer>} */
export const answer = signal(NO_ANSWER);
/** People that answer to the words, as the server finds them. @type {import("../vendor/ui.js").Signal<Person[]>} */
export const people = signal([]);
/** Groups that let themselves be found, likewise; without my own. @type {import("../vendor/ui.js").Signal<Found[]>} */
export const groups = signal([]);
/** The hit that was gone to last: the number of its message. @type {import("../vendor/ui.js").Signal<number | null>} */
export const chosen = signal(null);

/** The words and what they are narrowed by. */
export const words = computed(() => filter.value.trim());
/** What is typed as a filter, by name. */
export const typed = computed(() => new Map([...words.value.matchAll(TYPED)].map(([, , name, value]) => [name.toLowerCase(), value.replaceAll('"', "")])));
const filtered = computed(() => Object.values(filters.value).some(Boolean) || typed.value.size > 0);
export const active = computed(() => opened.value || words.value !== "" || filtered.value);
/** Hits that may still be seen: what was recalled, cleared or left behind is gone at once. */
export const hits = computed(() => {
  const { conversations } = store.state.value;
  return answer.value.hits.filter(({ message }) => message.seq > (conversations.get(message.conversation)?.cleared_seq ?? Infinity));
});

let ticket = 0;
let asked = "";
/** @type {any} */
let timer;
/** Goes to a hit at this moment: the panel of a phone waits behind it. */
let following = false;
/** @type {HTMLElement | null} */
let opener = null;

/** What is asked for; empty where there is nothing to ask. */
const request = computed(() => {
  const { conversation, from, after, before, has } = filters.value;
  const given = Object.entries({ q: words.value, conversation, from, after, before, has }).filter(([, value]) => value);
  return words.value || from || has ? JSON.stringify(Object.fromEntries(given)) : "";
});

/** Asks the server; an answer that is no longer wanted is dropped. @param {number | null} older */
async function ask(older = null) {
  const mine = ++ticket;
  const wanted = request.value;
  const before = () => (older === null ? [] : answer.value.hits); // a recall may take one away meanwhile
  answer.value = { ...answer.value, status: "waiting", slow: false, error: "", ...(wanted === asked ? {} : { older: null }) };
  const slow = setTimeout(() => { if (mine === ticket) answer.value = { ...answer.value, slow: true, hits: before() }; }, SLOW_MS);
  try {
    const data = await get("search", { ...JSON.parse(wanted), limit: LIMIT, older: older ?? undefined });
    if (mine !== ticket) return;
    store.meet(data.people.filter((/** @type {Person} */ p) => !store.state.value.people.has(p.id)));
    const held = new Set(before().map((hit) => hit.message.id));
    const more = data.hits.filter((/** @type {Hit} */ hit) => !held.has(hit.message.id));
    answer.value = { status: "here", slow: false, hits: [...before(), ...more], older: data.older, error: "" };
    asked = wanted;
    if (older === null) chosen.value = null;
    if (!more.length && data.older !== null) await ask(data.older);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (mine !== ticket) return;
    answer.value = { ...answer.value, status: error.code === "offline" ? "offline" : "failed", slow: false, hits: before(), error: error.message };
  } finally {
    clearTimeout(slow);
  }
}

/** Tries again what has not come. */
export const retry = () => ask(answer.value.hits.length ? answer.value.older : null);

/** People and groups by the same words, where nothing narrows the search to messages. @param {string} text */
async function meetNames(text) {
  if (!text || filtered.value) return;
  const all = await Promise.all([get("people", { q: text }), get("groups", { q: text, mine: 1 })]).catch(() => null);
  if (!all || text !== words.value || filtered.value) return;
  const mine = store.state.value.conversations;
  const ids = new Set(all[0].people.map((/** @type {Person} */ p) => p.id));
  people.value = all[0].people;
  groups.value = all[1].groups.filter((/** @type {Found} */ group) => !mine.has(group.id));
  found.heard.value = new Set([...all[1].groups.map((/** @type {Found} */ group) => group.id), ...store.list.value.filter((c) => ids.has(c.peer ?? 0)).map((c) => c.id)]);
}

/** Nobody, until the server has answered. */
function forgetNames() {
  people.value = [];
  groups.value = [];
  found.heard.value = new Set();
}

/** Shows a group that may be joined, with what may be done about it. @param {Found} group */
export const goToGroup = (group) => lazy(import("./discover.js")).then((module) => module?.openGroups(group.name));

/** Asks for what follows when the end comes near. */
function onScroll() {
  const { status, older } = answer.value;
  if (status === "here" && older !== null && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR) ask(older);
}

/** Shows the place of a hit. The panel stays; on phones it waits behind it. @param {Hit} hit @param {boolean} [calm] does the focus stay where it is? */
export function go(hit, calm = false) {
  const { conversation, seq, id } = hit.message;
  const path = `/c/${conversation}/${seq}/`;
  chosen.value = id;
  remember(words.value);
  if (conversation === store.openId.value && !phone.matches) {
    history.replaceState(history.state, "", path);
    jumpTo(seq, calm);
    return;
  }
  following = true;
  delete app.dataset.search; // what is to be scrolled has to be shown first
  history.pushState({ inside: true }, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
  following = false;
}

/** Goes to the next (older) or previous hit. @param {1 | -1} way */
export async function step(way) {
  const at = hits.value.findIndex((hit) => hit.message.id === chosen.value);
  const { older, status } = answer.value;
  if (at + way >= hits.value.length && older !== null && status === "here") await ask(older);
  const next = hits.value[at < 0 ? 0 : at + way];
  if (!next) return;
  go(next, true);
  scroller.querySelector(`[data-hit="${next.message.id}"]`)?.scrollIntoView({ block: "nearest" });
}

/** Opens the conversation of somebody who was found. @param {Person} person */
export async function goToPerson(person) {
  try {
    const known = store.list.value.find((c) => c.kind === "direct" && c.peer === person.id);
    if (!known) store.adopt(await store.socket.request("direct.open", { user: person.id }));
    const c = [...store.state.value.conversations.values()].find((one) => one.kind === "direct" && one.peer === person.id);
    if (c) navigate(`/c/${c.id}/`);
  } catch (error) {
    tellError(error);
  }
}

/** Writes into the field, as a choice of the person at it. @param {string} text */
function setWords(text) {
  field.value = filter.value = text;
}

/** Takes a filter away, also one that was typed. @param {string} name */
export function drop(name) {
  const key = name === "in" ? "conversation" : name;
  filters.value = { ...filters.value, [key]: NO_FILTERS[/** @type {keyof Filters} */ (key)] };
  if (typed.value.has(name)) setWords(words.value.replace(TYPED, (all, _, one) => (one.toLowerCase() === name ? " " : all)).trim());
  field.focus();
}

/** Searches in a conversation, or everywhere. @param {number | null} conversation @param {string} [text] */
export function openSearch(conversation, text = field.value) {
  opener = /** @type {HTMLElement | null} */ (document.activeElement);
  if (text !== field.value) setWords(text);
  opened.value = true;
  filters.value = { ...NO_FILTERS, conversation };
  if (phone.matches && app.dataset.view === "chat" && !history.state?.search) {
    history.pushState({ inside: true, search: true }, "", location.href);
    sync();
  }
  field.focus();
  field.select();
  offering.value = true;
}

/** Leaves the search. */
export function closeSearch() {
  const back = opener?.isConnected ? opener : field;
  clear();
  if (history.state?.search) history.back();
  else back.focus();
  offering.value = false;
}

function clear() {
  setWords("");
  filters.value = NO_FILTERS;
  opened.value = offering.value = false;
  opener = null;
}

/** On phones the panel is a step of the history over a conversation. */
function sync() {
  const shown = phone.matches && Boolean(history.state?.search);
  if (!shown && app.dataset.search === "over" && !following) clear();
  if (shown) app.dataset.search = "over";
  else delete app.dataset.search;
}

/** Keys of the field that come before those of the list. @param {KeyboardEvent} event */
function onKey(event) {
  if (isComposing(event)) return;
  const first = /** @type {HTMLElement | null} */ (recents.querySelector("button"));
  const inside = filters.value.conversation !== null || typed.value.has("in");
  if (event.key === "Escape" && active.value) closeSearch();
  else if (event.key === "ArrowDown" && first && offering.value && !words.value) first.focus();
  else if (event.key === "Enter" && asked !== request.value && (inside || !scroller.querySelector(".item"))) { /* what is shown answers other words */ }
  else if (event.key === "Enter" && inside && hits.value.length) step(event.shiftKey ? -1 : 1);
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** Keys of what is below the field. @param {KeyboardEvent} event */
function onListKey(event) {
  if (event.key !== "Escape" || isComposing(event) || !active.value || document.querySelector(":popover-open, dialog[open]")) return;
  event.preventDefault();
  event.stopPropagation();
  field.focus();
}

function start() {
  addStyle(app.dataset.searchStyle ?? "");
  found.place.className = "found";
  chips.className = "search-chips";
  field.closest(".search")?.after(chips);
  startRecents(field, words, setWords);
  mount(chips, chipsView);
  const closer = document.createElement("div");
  /** @type {HTMLElement} */ (field.parentElement).append(closer);
  mount(closer, closerView);
  mount(found.place, foundView);
  effect(() => { found.on.value = active.value; });
  effect(() => { found.narrowed.value = filtered.value; });
  effect(() => { app.toggleAttribute("data-searching", active.value); });
  effect(() => {
    const wanted = request.value;
    const text = words.value;
    untracked(() => {
      clearTimeout(timer);
      ticket += 1;
      if (!text || filtered.value) forgetNames();
      else found.heard.value = new Set();
      if (!wanted) {
        answer.value = NO_ANSWER;
        asked = "";
        return;
      }
      answer.value = { ...answer.value, status: "waiting" };
      timer = setTimeout(() => {
        ask();
        meetNames(text);
      }, WAIT_MS);
    });
  });
  effect(() => { // what was recalled or rewritten while it is on the screen
    const message = store.arrived.value;
    const held = message && untracked(() => answer.value);
    if (!held?.hits.some((hit) => hit.message.id === message?.id)) return;
    const kept = held.hits.map((hit) => (hit.message.id === message?.id && hit.message.body !== message.body ? { message, ranges: [] } : hit));
    answer.value = { ...held, hits: kept.filter((hit) => hit.message.recalled_at === null) };
  });
  effect(() => {
    if (store.socket.connection.value.state === "live" && untracked(() => answer.value.status) === "offline") retry();
  });
  field.addEventListener("keydown", onKey, { capture: true });
  scroller.addEventListener("keydown", onListKey);
  chips.addEventListener("keydown", onListKey);
  scroller.addEventListener("scroll", onScroll, { passive: true });
  addEventListener("popstate", sync);
  phone.addEventListener("change", sync);
  if (field.matches(":focus:hover")) offering.value = true; // the click that has loaded this
}

start();
