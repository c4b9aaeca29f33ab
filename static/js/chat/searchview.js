/**
 * What a search shows: chips for its filters, people, hits, and what to do where there are none.
 * @import {Hit, Person, State} from "../types.js"
 */
import { html, nothing, repeat } from "../vendor/ui.js";
import { avatar, icon, lazy, personStatus } from "../core/dom.js";
import { excerpt } from "../core/excerpt.js";
import { figure, fullTime, gettext, interpolate, listTime, ngettext } from "../core/i18n.js";
import { match } from "../core/match.js";
import { fileWords, kindsOf, nameOf, titleOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { conversationAvatar } from "./header.js";
import * as search from "./search.js";
import { found } from "./sidebar.js";

/** @param {string} text @param {string} name @param {unknown} [action] */
const notice = (text, name, action = nothing) => html`<div class="notice"><span class="notice-icon">${icon(name)}</span><p>${text}</p>${action}</div>`;

/** A date as the language writes it. @param {string} day */
const shortDay = (day) => (/^\d{4}-\d\d-\d\d$/.test(day) ? listTime(`${day}T12:00:00`) : day);

/** One filter: chosen with a cross, or the way to choose it. @param {string} name @param {string} iconName @param {string} label @param {string} value @param {() => unknown} choose */
function chip(name, iconName, label, value, choose) {
  const drop = interpolate(gettext("Remove the filter %(name)s"), { name: `${label}: ${value}` });
  return value
    ? html`<button class="search-chip chosen" type="button" title=${value === label ? label : `${label}: ${value}`} aria-label=${drop} @click=${() => search.drop(name)}>${icon(iconName)}<span dir="auto">${value}</span>${icon("x")}</button>`
    : html`<button class="search-chip" type="button" @click=${choose}>${label}</button>`;
}

/** Asks for the value of a filter. @param {"conversation" | "from" | "date"} what */
const pick = (what) => lazy(import("./searchpick.js")).then((module) => module?.pick(what));

/** The filters, where a search is under way. */
export function chipsView() {
  if (!search.active.value) return nothing;
  const state = store.state.value;
  const { conversation, from, after, before, has } = search.filters.value;
  const typed = search.typed.value;
  const inside = conversation === null ? undefined : state.conversations.get(conversation);
  const author = from === null ? typed.get("from") ?? "" : nameOf(from, state.people);
  const place = inside ? titleOf(inside, state) : typed.get("in") ?? "";
  const file = has || typed.has("has") ? gettext("Has a file") : "";
  const day = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string} */ text, /** @type {string} */ label) =>
    (value ? chip(name, "calendar-days", label, interpolate(text, { day: shortDay(value) }), () => {}) : nothing);
  const [since, until] = [after || (typed.get("after") ?? ""), before || (typed.get("before") ?? "")];
  return html`<div class="search-row" role="group" aria-label=${gettext("Filters")}>
    ${chip("in", "message-circle", gettext("Conversation"), place, () => pick("conversation"))}
    ${chip("from", "user", gettext("Sender"), author, () => pick("from"))}
    ${since || until ? nothing : chip("date", "calendar-days", gettext("Date"), "", () => pick("date"))}
    ${day("after", since, gettext("from %(day)s"), gettext("Date"))}${day("before", until, gettext("before %(day)s"), gettext("Date"))}
    ${chip("has", "file-text", gettext("Has a file"), file, () => { search.filters.value = { ...search.filters.value, has: "file" }; })}
  </div>`;
}

/** The way out of a search, at the end of its field. */
export const closerView = () => (search.active.value ? html`<button class="search-close" type="button" aria-label=${gettext("Close search")} title=${gettext("Close search")}
  @click=${search.closeSearch}>${icon("x")}</button>` : nothing);

/** The searches of this device. @param {string[]} list @param {(text: string) => void} choose @param {() => void} forget */
export function recentView(list, choose, forget) {
  if (!list.length) return nothing;
  return html`<div class="search-recent-list" role="group" aria-label=${gettext("Recent searches")}>
    ${list.map((text) => html`<button class="menu-item" type="button" tabindex="-1" @click=${() => choose(text)}>${icon("history")}<span dir="auto">${text}</span></button>`)}
    <button class="menu-item quiet" type="button" tabindex="-1" @click=${forget}>${icon("x")}<span>${gettext("Clear recent searches")}</span></button></div>`;
}

/** @param {Person} person */
const personView = (person) => html`<li><button class="hit hit-person" type="button" tabindex="-1" @click=${() => search.goToPerson(person)}>
  ${avatar(person.id, person.name, { presence: person.presence, picture: person.avatar })}
  <span class="hit-text"><b dir="auto">${person.name}</b><span class="muted">@${person.username}${personStatus(person) ? ` · ${personStatus(person)}` : ""}</span></span></button></li>`;

/** @param {import("./discover.js").Found} group */
const groupView = (group) => html`<li><button class="hit hit-group" type="button" tabindex="-1" aria-haspopup="dialog" @click=${() => search.goToGroup(group)}>
  ${avatar(group.id, group.name, { picture: group.avatar })}<span class="hit-text"><b dir="auto">${group.name}</b><span class="muted">${
    interpolate(ngettext("%(count)s member", "%(count)s members", group.members), { count: figure(group.members) })}</span></span></button></li>`;

/** @param {Hit} hit @param {boolean} first @param {State} state @param {boolean} inside */
function hitView(hit, first, state, inside) {
  const { message } = hit;
  const c = /** @type {import("../types.js").Conversation} */ (state.conversations.get(message.conversation));
  const author = message.sender === state.me.id ? gettext("You") : nameOf(message.sender, state.people, message.sender_name);
  const open = (/** @type {MouseEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    search.go(hit);
  };
  const picture = inside ? avatar(message.sender ?? 0, nameOf(message.sender, state.people, message.sender_name), { picture: state.people.get(message.sender ?? 0)?.avatar }) : conversationAvatar(c, state);
  const names = message.files?.map((file) => file.name) ?? (message.offer ? [message.offer.name] : []);
  const words = fileWords(kindsOf(message)); // the ranges go on through the names of files
  const text = [words ? `${words} ` : "", ...excerpt([message.body, ...names].join("\n"), hit.ranges).map((piece) => (piece.marked ? html`<mark>${piece.text}</mark>` : piece.text))];
  return html`<li><a class="hit" href="/c/${message.conversation}/${message.seq}/" data-hit=${message.id} tabindex=${first ? 0 : -1}
      aria-current=${search.chosen.value === message.id ? "true" : nothing} draggable="false" @click=${open}>${picture}
    <span class="hit-text"><span class="hit-top"><b dir="auto">${inside ? author : titleOf(c, state)}</b><time datetime=${message.sent_at} title=${fullTime(message.sent_at)}>${listTime(message.sent_at)}</time></span>
    <span class="hit-body" dir="auto">${inside || (c.kind === "direct" && message.sender !== state.me.id) ? nothing : html`<span class="who">${author}:</span> `}${text}</span></span></a></li>`;
}

/** People whom the rows above do not already show. @param {State} state */
function others(state) {
  const listed = new Set(store.list.value.filter((c) => c.kind === "direct" && (found.heard.value.has(c.id) || match(search.words.value, titleOf(c, state)))).map((c) => c.peer));
  return search.people.value.filter((p) => p.id !== state.me.id && !listed.has(p.id)).slice(0, 5);
}

/** Above the hits: what they are, which one was gone to, and the ways to its neighbours. @param {Hit[]} hits @param {boolean} inside */
function headView(hits, inside) {
  const { older } = search.answer.value;
  const at = hits.findIndex((hit) => hit.message.id === search.chosen.value);
  const count = `${figure(hits.length)}${older === null ? "" : "+"}`;
  const button = (/** @type {string} */ name, /** @type {string} */ label, /** @type {1 | -1} */ way, /** @type {string} */ keys, /** @type {boolean} */ off) => html`<button class="icon-button" type="button"
    aria-label=${label} title="${label} (${keys})" ?disabled=${off} @click=${() => search.step(way)}>${icon(name)}</button>`;
  return html`<div class="found-head"><h2 class="found-title">${gettext("Messages")} <span class="muted" aria-hidden="true">${
    at >= 0 && inside ? interpolate(gettext("%(at)s of %(count)s"), { at: figure(at + 1), count }) : count}</span></h2>${inside
    ? html`${button("arrow-up", gettext("Newer hit"), -1, "Shift+Enter", at <= 0)}${button("arrow-down", gettext("Older hit"), 1, "Enter", at === hits.length - 1 && older === null)}` : nothing}</div>`;
}

const SKELETON = html`<div class="found-skeleton" aria-hidden="true"><i></i><i></i><i></i><i></i></div>`;

/** All that was found, below the rows of the list. */
export function foundView() {
  if (!search.active.value) return nothing;
  const state = store.state.value;
  const { status, slow, error } = search.answer.value;
  const hits = search.hits.value;
  const inside = search.filters.value.conversation !== null || search.typed.value.has("in");
  const persons = others(state);
  const groups = search.groups.value.slice(0, 5);
  const again = html`<button class="button" type="button" @click=${search.retry}>${gettext("Try again")}</button>`;
  const people = gettext("People");
  const none = status === "here" && !hits.length;
  const rows = document.querySelector("#conversations .items") !== null || persons.length + groups.length > 0;
  return html`
    ${persons.length ? html`<h2 class="found-title">${people}</h2><ul class="hits">${repeat(persons, (p) => p.id, personView)}</ul>` : nothing}
    ${groups.length ? html`<h2 class="found-title">${gettext("Groups you can join")}</h2><ul class="hits">${repeat(groups, (group) => group.id, groupView)}</ul>` : nothing}
    ${hits.length ? html`${headView(hits, inside)}<ul class="hits" aria-busy=${status === "waiting"}>${repeat(hits, (h) => h.message.id, (h, i) => hitView(h, i === 0, state, inside))}</ul>` : nothing}
    ${status === "waiting" && slow ? (hits.length ? html`<div class="more">${icon("loader-circle")}</div>` : SKELETON) : nothing}
    ${status === "offline" ? notice(gettext("You are offline. The search goes on when the connection is back."), "wifi-off", again) : nothing}
    ${status === "failed" ? notice(error || gettext("The search did not work."), "circle-alert", again) : nothing}
    ${none ? notice(rows ? gettext("No messages found") : gettext("Nothing found"), "search", inside ? html`<button class="button" type="button" @click=${() => search.drop("in")}>${gettext("Search in all conversations")}</button>` : rows ? nothing
      : html`<button class="button" type="button" data-open="people">${icon("message-square-plus")}${gettext("Write to somebody")}</button>`) : nothing}
    ${status === "none" && inside ? notice(gettext("Type a word to search in this conversation."), "search") : nothing}
    <p class="visually-hidden" role="status">${status === "here" ? interpolate(ngettext("%(count)s message found", "%(count)s messages found", hits.length), { count: figure(hits.length) }) : ""}</p>`;
}
