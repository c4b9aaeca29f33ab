/**
 * Finding people: to write to one of them, or to put several into a group.
 * @import {Person} from "../types.js"
 */
import { html, nothing, repeat } from "../vendor/ui.js";
import { avatar, icon, isComposing, navigate, openDialog, presenceWord, tellError } from "../core/dom.js";
import { ago, gettext, interpolate } from "../core/i18n.js";
import { get } from "../core/net.js";
import * as store from "../core/store.js";

const SEARCH_MS = 200;

/** A search field over all people whom I may see. @param {() => void} redraw */
export function peopleSearch(redraw) {
  const search = { people: /** @type {Person[]} */ ([]), query: "", loading: true };
  let latest = 0;
  /** @type {any} */
  let timer;
  const load = async () => {
    const mine = ++latest;
    try {
      const { people } = await get("people", { q: search.query });
      if (mine !== latest) return;
      Object.assign(search, { people, loading: false });
      store.meet(people);
      redraw();
    } catch (error) {
      tellError(error);
    }
  };
  load();
  const onInput = (/** @type {Event} */ event) => {
    search.query = /** @type {HTMLInputElement} */ (event.target).value.trim();
    clearTimeout(timer);
    timer = setTimeout(load, SEARCH_MS);
  };
  return { search, field: () => html`<div class="search">${icon("search")}<input type="search" autocomplete="off" placeholder=${gettext("Find people")}
    aria-label=${gettext("Find people")} @input=${onInput}></div>` };
}

/** @param {Person} person */
function personStatus(person) {
  if (person.presence === "offline" && person.last_seen) return interpolate(gettext("last seen %(when)s"), { when: ago(person.last_seen) });
  return [presenceWord(person.presence), person.status].filter(Boolean).join(" · ");
}

/** Name and presence of a person. @param {Pick<Person, "id" | "name" | "username" | "presence">} person @param {unknown} below */
export const personView = (person, below) => html`${avatar(person.id, person.name, { presence: person.presence })}
  <span class="person-text"><b>${person.name}</b><span class="muted">${below}</span></span>`;

/** Opens a conversation that a command answered with. @param {string} command @param {object} data @returns {Promise<boolean>} */
async function openBy(command, data) {
  try {
    const conversation = await store.socket.request(command, data);
    store.adopt(conversation);
    navigate(`/c/${conversation.id}/`);
    return true;
  } catch (error) {
    tellError(error);
    return false;
  }
}

/** The people panel. */
export function openPeople() {
  /** @type {ReturnType<typeof peopleSearch>} */
  let people;
  const dialog = openDialog(gettext("Write to somebody"), (self) => {
    people ??= peopleSearch(() => self.redraw());
    const me = store.state.value.me.id;
    const go = (/** @type {number} */ user) => openBy("direct.open", { user }).then((done) => { if (done) self.close(); });
    const found = people.search.people.filter((p) => p.id !== me);
    return html`<div class="dialog-body">${people.field()}
      ${people.search.query ? nothing : html`<div class="people">
        <button class="person" type="button" @click=${() => { self.close(); openNewGroup(); }}><span class="avatar hue-4" aria-hidden="true">${icon("users")}</span><span class="person-text"><b>${gettext("New group")}</b></span></button>
        <button class="person" type="button" @click=${() => go(me)}><span class="avatar hue-0" aria-hidden="true">${icon("bookmark")}</span><span class="person-text"><b>${gettext("Saved messages")}</b><span class="muted">${gettext("Notes and files for yourself")}</span></span></button>
      </div><hr>`}
      <div class="people">${repeat(found, (p) => p.id, (p) => html`<button class="person" type="button" @click=${() => go(p.id)}>${personView(p, personStatus(p))}</button>`)}
      ${found.length || people.search.loading ? nothing : html`<p class="notice">${people.search.query ? gettext("Nobody found") : gettext("Nobody else is here yet")}</p>`}</div></div>`;
  });
  dialog.element.classList.add("tall");
}

/** Choosing several people. @param {() => void} redraw @param {Set<number>} without */
export function peoplePicker(redraw, without) {
  const { search, field } = peopleSearch(redraw);
  /** @type {Map<number, Person>} */
  const chosen = new Map();
  const toggle = (/** @type {Person} */ p) => {
    if (!chosen.delete(p.id)) chosen.set(p.id, p);
    redraw();
  };
  const view = () => html`${field()}
    ${chosen.size ? html`<div class="chips">${[...chosen.values()].map((p) => html`<button class="chip" type="button" @click=${() => toggle(p)}
      aria-label=${interpolate(gettext("Leave out %(name)s"), { name: p.name })}>${p.name}${icon("x")}</button>`)}</div>` : nothing}
    <div class="people">${repeat(search.people.filter((p) => !without.has(p.id)), (p) => p.id, (p) => html`<label class="person">
      ${personView(p, personStatus(p))}<input type="checkbox" .checked=${chosen.has(p.id)} @change=${() => toggle(p)}></label>`)}</div>`;
  return { view, chosen };
}

/** The dialog for a new group. */
export function openNewGroup() {
  /** @type {ReturnType<typeof peoplePicker>} */
  let picker;
  const dialog = openDialog(gettext("New group"), (self) => {
    picker ??= peoplePicker(() => self.redraw(), new Set([store.state.value.me.id]));
    const submit = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const name = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("name")).trim();
      openBy("group.create", { name, users: [...picker.chosen.keys()] }).then((done) => { if (done) self.close(); });
    };
    const onKey = (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter" && isComposing(event)) event.preventDefault(); };
    return html`<form class="dialog-form" @submit=${submit} @keydown=${onKey}>
      <div class="dialog-body"><div class="field"><label for="group-name">${gettext("Name of the group")}</label><input id="group-name" name="name" required autofocus maxlength="64" autocomplete="off"></div>
      ${picker.view()}</div>
      <div class="dialog-foot actions"><button class="button" type="button" @click=${self.close}>${gettext("Cancel")}</button><button class="button button-primary">${gettext("Create")}</button></div></form>`;
  });
  dialog.element.classList.add("tall");
}
