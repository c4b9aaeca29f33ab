/**
 * Choosing what a search is narrowed by: a conversation, a person, dates. Loaded when first wanted.
 * @import {Person} from "../types.js"
 */
import { html, nothing, repeat } from "../vendor/ui.js";
import { addStyle, avatar, byId, icon, isComposing, openDialog } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { search as found } from "../core/match.js";
import { get } from "../core/net.js";
import { titleOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { conversationAvatar } from "./header.js";
import { filters } from "./search.js";

await addStyle(byId("info").dataset.style ?? "");

const WAIT_MS = 200;
const SHOWN = 50;

/** @typedef {{id: number, title: string, username: string, picture: unknown}} Choice */

/** Opens the dialog for a filter. @param {"conversation" | "from" | "date"} what */
export function pick(what) {
  if (what === "date") pickDates();
  else pickOne(what);
}

/** @param {Partial<import("./search.js").Filters>} changes */
function narrow(changes) {
  filters.value = { ...filters.value, ...changes };
}

/** @returns {Choice[]} */
function conversations() {
  const state = store.state.value;
  return store.list.value.map((c) => ({
    id: c.id, title: titleOf(c, state), username: c.kind === "direct" ? state.people.get(c.peer ?? 0)?.username ?? "" : "", picture: conversationAvatar(c, state),
  }));
}

/** @param {Map<number, Person>} people @returns {Choice[]} */
const persons = (people) => [...people.values()].filter((p) => p.username).map((p) => ({
  id: p.id, title: p.name, username: p.username, picture: avatar(p.id, p.name, { presence: p.presence, picture: p.avatar }),
}));

/** One out of a list that a few letters make shorter. @param {"conversation" | "from"} what */
function pickOne(what) {
  const people = new Map(store.state.value.people);
  let query = "";
  let asked = 0;
  /** @type {any} */
  let timer;
  const learn = async () => {
    const mine = ++asked;
    const { people: more } = await get("people", { q: query.trim() }).catch(() => ({ people: [] })); // those that are known will do
    if (mine !== asked || !dialog.element.open) return;
    for (const person of more) people.set(person.id, person);
    dialog.redraw();
  };
  const onInput = (/** @type {InputEvent} */ event) => {
    if (event.isComposing && !matchMedia("(pointer: coarse)").matches) return; // letters in the making
    query = /** @type {HTMLInputElement} */ (event.target).value;
    dialog.redraw();
    clearTimeout(timer);
    if (what === "from") timer = setTimeout(learn, WAIT_MS);
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (isComposing(event)) return;
    const rows = /** @type {HTMLElement[]} */ ([...dialog.element.querySelectorAll("button.person")]);
    const at = rows.indexOf(/** @type {HTMLElement} */ (event.target));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (event.key === "Enter" && at < 0) rows[0]?.click();
    else if (to === -1 && at === 0) dialog.element.querySelector("input")?.focus();
    else if (to !== undefined) rows[Math.max(0, Math.min(to, rows.length - 1))]?.focus();
    else return;
    event.preventDefault();
  };
  const label = what === "from" ? gettext("Find people") : gettext("Find a conversation");
  const dialog = openDialog(what === "from" ? gettext("From a person") : gettext("In a conversation"), () => {
    const all = what === "from" ? persons(people) : conversations();
    const shown = (query.trim() ? found(all, query, (one) => [one.title, one.username]).map((f) => f.thing) : all).slice(0, SHOWN);
    const choose = (/** @type {Choice} */ { id }) => {
      narrow(what === "from" ? { from: id } : { conversation: id });
      dialog.close();
    };
    return html`<div class="dialog-body" @keydown=${onKey}>
      <div class="search">${icon("search")}<input type="search" autocomplete="off" spellcheck="false" autofocus aria-label=${label} placeholder=${label} @input=${onInput} @compositionend=${onInput}></div>
      <div class="people">${repeat(shown, (one) => one.id, (one) => html`<button class="person" type="button" @click=${() => choose(one)}>${one.picture}
        <span class="person-text"><b dir="auto">${one.title}</b>${one.username ? html`<span class="muted">@${one.username}</span>` : nothing}</span></button>`)}</div>
      ${shown.length ? nothing : html`<div class="notice"><span class="notice-icon">${icon("search")}</span><p>${gettext("Nothing found")}</p></div>`}</div>`;
  }, { kind: "tall" });
  dialog.element.addEventListener("close", () => { clearTimeout(timer); byId("filter").focus(); });
  if (what === "from") learn();
}

/** The days between which to look. */
function pickDates() {
  const { after, before } = filters.value;
  const today = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  const dialog = openDialog(gettext("Date"), ({ close }) => html`<form class="dialog-form" @submit=${(/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    narrow({ after: String(data.get("after") ?? ""), before: String(data.get("before") ?? "") });
    close();
  }}><div class="dialog-body search-dates">
      <div class="field"><label for="search-after">${gettext("From this day on")}</label><input id="search-after" name="after" type="date" max=${today} .defaultValue=${after}></div>
      <div class="field"><label for="search-before">${gettext("Before this day")}</label><input id="search-before" name="before" type="date" .defaultValue=${before}></div>
    </div><div class="dialog-foot actions"><button class="button" type="button" @click=${close}>${gettext("Cancel")}</button><button class="button button-primary">${gettext("Search")}</button></div></form>`);
  dialog.element.addEventListener("close", () => byId("filter").focus());
}
