/**
 * The quick switcher: conversations, people and groups by a few letters.
 * @import {Conversation, Person} from "../types.js"
 * @import {Found} from "./discover.js"
 */
import { html, nothing, render, repeat } from "../vendor/ui.js";
import { avatar, byId, icon, isComposing, lazy, navigate, personStatus, tellError } from "../core/dom.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { pieces, search } from "../core/match.js";
import { get } from "../core/net.js";
import { titleOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { conversationAvatar } from "./header.js";

const SHOWN_EMPTY = 12;
const SHOWN = 30;
const SEARCH_MS = 150;

/** Without a conversation, a person or a group it is the search in messages. @typedef {{key: string, title: string, username: string, c?: Conversation, person?: Person, group?: Found}} Choice */

/** @type {HTMLDialogElement | null} */
let dialog = null;

/** Opens the switcher, or closes it. */
export function toggleSwitcher() {
  if (dialog) dialog.close();
  else openSwitcher();
}

/** All there is to choose from: conversations, those visited last first, then people without one, then groups that may be joined. @param {Map<number, Person>} people @param {Found[]} groups @returns {Choice[]} */
function choices(people, groups) {
  const state = store.state.value;
  const visited = store.recentIds();
  const place = (/** @type {Conversation} */ c) => { const at = visited.indexOf(c.id); return at < 0 ? visited.length : at; };
  const listed = [...store.list.value].sort((a, b) => place(a) - place(b)).filter((c) => c.id !== store.openId.value);
  const partners = new Set(store.list.value.map((c) => c.peer));
  return [
    ...listed.map((c) => ({ key: `c${c.id}`, title: titleOf(c, state), username: c.kind === "direct" ? state.people.get(c.peer ?? 0)?.username ?? "" : "", c })),
    ...[...people.values()].filter((p) => !partners.has(p.id)).map((person) => ({
      key: `p${person.id}`, title: person.id === state.me.id ? gettext("Saved messages") : person.name, username: person.username, person,
    })),
    ...groups.filter((group) => !state.conversations.has(group.id)).map((group) => ({ key: `g${group.id}`, title: group.name, username: "", group })),
  ];
}

/** @param {Choice} choice */
function detail({ c, person, group, username }) {
  const state = store.state.value;
  if (person) return person.id === state.me.id ? gettext("Notes and files for yourself") : personStatus(person) || `@${username}`;
  const members = (/** @type {number} */ count) => interpolate(ngettext("%(count)s member", "%(count)s members", count), { count: figure(count) });
  if (group) return `${members(group.members)} · ${gettext("Not joined yet")}`;
  if (!c) return gettext("In all conversations");
  if (c.kind !== "direct") return members(c.members);
  const partner = state.people.get(c.peer ?? 0);
  return c.peer === state.me.id ? gettext("Notes and files for yourself") : partner ? personStatus(partner) : "";
}

/** @param {Choice} choice */
function pictureOf({ c, person, group, title }) {
  const state = store.state.value;
  if (c) return conversationAvatar(c, state);
  if (group) return avatar(group.id, title);
  if (!person) return avatar(0, "", { icon: "search" });
  return person?.id === state.me.id ? avatar(0, "", { icon: "bookmark" }) : avatar(person?.id ?? 0, title, { presence: person?.presence, picture: person?.avatar });
}

function openSwitcher() {
  const element = dialog = document.createElement("dialog");
  element.className = "dialog switcher";
  element.id = "switcher";
  element.setAttribute("aria-label", gettext("Go to a conversation"));
  /** People are learnt while one types. */
  const people = new Map([...store.state.value.people].filter(([, p]) => p.username));
  /** @type {Found[]} */
  let groups = [];
  /** Keys of what the server finds by the sound of a name, and for which words. */
  let heard = { words: "", keys: new Set() };
  let query = "";
  let active = 0;
  let composing = false;
  let asked = 0;
  /** @type {any} */
  let timer;
  /** @type {{thing: Choice, spans: [number, number][]}[]} */
  let found = [];
  /** How many of them answer by name. */
  let names = 0;

  const find = () => {
    const all = choices(people, groups);
    const words = query.trim();
    const sounds = (/** @type {Choice} */ choice) => (heard.words === words && heard.keys.has(choice.key) ? words : "");
    found = words ? search(all, query, (choice) => [choice.title, choice.username, sounds(choice)]).slice(0, SHOWN)
      : all.filter((choice) => choice.c).slice(0, SHOWN_EMPTY).map((thing) => ({ thing, spans: [] }));
    names = found.length;
    if (query.trim()) found.push({ thing: { key: "messages", title: interpolate(gettext("Search messages for “%(words)s”"), { words: query.trim() }), username: "" }, spans: [] });
    active = Math.min(active, Math.max(0, found.length - 1));
    draw();
  };
  const learn = async () => {
    const mine = ++asked;
    try {
      const words = query.trim();
      const [answer, named] = await Promise.all([get("people", { q: words }), words ? get("groups", { q: words, mine: 1 }) : { groups: [] }]);
      for (const person of answer.people) people.set(person.id, person);
      if (mine !== asked || !element.open) return;
      groups = named.groups;
      const ids = new Set(answer.people.map((/** @type {Person} */ p) => p.id));
      heard = { words, keys: new Set([...ids].map((id) => `p${id}`)) };
      for (const c of store.list.value) if (ids.has(c.peer ?? 0)) heard.keys.add(`c${c.id}`);
      for (const { id } of groups) heard.keys.add(`c${id}`).add(`g${id}`);
      find();
    } catch (error) {
      tellError(error);
    }
  };
  const choose = async (/** @type {Choice | undefined} */ choice) => {
    if (!choice) return;
    if (choice.group) {
      const module = await lazy(import("./discover.js"));
      element.close();
      module?.openGroups(choice.title);
      return;
    }
    if (!choice.c && !choice.person) {
      const module = await lazy(import("./search.js"));
      element.close();
      module?.openSearch(null, query.trim());
      return;
    }
    try {
      let id = choice.c?.id;
      if (choice.person) {
        const conversation = await store.socket.request("direct.open", { user: choice.person.id });
        store.adopt(conversation);
        id = conversation.id;
      }
      element.close();
      navigate(`/c/${id}/`);
      const area = byId("composer-text");
      if (!matchMedia("(pointer: coarse)").matches && area.checkVisibility()) area.focus();
    } catch (error) {
      tellError(error);
    }
  };
  const move = (/** @type {number} */ to) => {
    active = found.length ? (to + found.length) % found.length : 0;
    draw();
    element.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (isComposing(event)) return;
    const steps = /** @type {Record<string, () => unknown>} */ ({
      ArrowDown: () => move(active + 1), ArrowUp: () => move(active - 1), Home: () => move(0), End: () => move(-1), Enter: () => choose(found[active]?.thing),
    });
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !Object.hasOwn(steps, event.key)) return;
    event.preventDefault();
    steps[event.key]();
  };
  const onInput = (/** @type {Event} */ event) => {
    query = /** @type {HTMLInputElement} */ (event.target).value;
    active = 0;
    find();
    clearTimeout(timer);
    if (query.trim()) timer = setTimeout(learn, SEARCH_MS);
  };
  const optionView = (/** @type {{thing: Choice, spans: [number, number][]}} */ { thing, spans }, /** @type {number} */ i) => html`
    <div class="option" role="option" id="option-${thing.key}" aria-selected=${i === active} @pointermove=${() => { if (i !== active) { active = i; draw(); } }}
      @click=${() => choose(thing)}>
      ${pictureOf(thing)}<span class="person-text"><b dir="auto">${pieces(thing.title, spans).map((p) => (p.marked ? html`<mark>${p.text}</mark>` : p.text))}</b><span class="muted">${detail(thing)}</span></span>
      ${thing.c?.unread ? html`<span class="badge ${thing.c.level === "all" ? "" : "quiet"}"><span aria-hidden="true">${figure(thing.c.unread)}</span><span class="visually-hidden">${
        interpolate(ngettext("%(count)s new message", "%(count)s new messages", thing.c.unread), { count: figure(thing.c.unread) })}</span></span>` : nothing}
      ${icon("chevron-right")}
    </div>`;
  const draw = () => {
    const none = query.trim() !== "" && !names;
    render(html`
      <div class="switcher-field">${icon("search")}<input type="text" role="combobox" autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="go" aria-autocomplete="list"
        aria-expanded=${found.length > 0} aria-controls="switcher-list" aria-activedescendant=${found.length ? `option-${found[active].thing.key}` : nothing}
        aria-label=${gettext("Find a conversation or a person")} placeholder=${gettext("Find a conversation or a person")} @input=${onInput} @keydown=${onKey}
        @compositionstart=${() => { composing = true; }} @compositionend=${() => { composing = false; }}>
        <button class="icon-button" type="button" aria-label=${gettext("Close")} @click=${() => element.close()}>${icon("x")}</button></div>
      ${query.trim() || !found.length ? nothing : html`<p class="menu-caption">${gettext("Recent")}</p>`}
      <div class="options" id="switcher-list" role="listbox" aria-label=${gettext("Conversations")}>${repeat(found, (f) => f.thing.key, optionView)}</div>
      ${none ? html`<div class="notice"><span class="notice-icon">${icon("search")}</span><p>${gettext("Nothing found")}</p></div>` : nothing}
      <p class="visually-hidden" role="status">${query.trim() ? interpolate(ngettext("%(count)s result", "%(count)s results", names), { count: figure(names) }) : ""}</p>
      <footer class="switcher-foot" aria-hidden="true"><span><kbd>↑</kbd><kbd>↓</kbd>${gettext("Choose")}</span><span><kbd>Enter</kbd>${gettext("Open")}</span><span><kbd>Esc</kbd>${gettext("Close")}</span></footer>`,
    element);
  };

  element.addEventListener("click", (event) => { if (event.target === element) element.close(); });
  element.addEventListener("cancel", (event) => { if (composing) event.preventDefault(); });
  element.addEventListener("close", () => {
    clearTimeout(timer);
    dialog = null;
    element.remove();
  });
  document.body.append(element);
  find();
  element.showModal();
  element.querySelector("input")?.focus();
  learn();
}
