/**
 * Finding people: to write to one of them, or to put several into a group.
 * @import {Person} from "../types.js"
 * @import {Dialog} from "../core/dom.js"
 */
import { html, nothing, repeat } from "../vendor/ui.js";
import { addStyle, avatar, byId, icon, isComposing, lazy, navigate, openDialog, personStatus, tellError } from "../core/dom.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { moveFocus } from "../core/menu.js";
import { get } from "../core/net.js";
import * as store from "../core/store.js";

// What uses this module waits for the style sheet: nothing is shown without it.
await addStyle(byId("info").dataset.style ?? "");

const SEARCH_MS = 150;
const NAME_MAX = 64;

/** A search field over all people whom I may see. @param {() => void} redraw */
function peopleSearch(redraw) {
  const search = { people: /** @type {Person[]} */ ([]), query: "", loading: true, failed: false };
  let latest = 0;
  /** @type {any} */
  let timer;
  const load = async () => {
    const mine = ++latest;
    try {
      const { people } = await get("people", { q: search.query });
      if (mine !== latest) return;
      Object.assign(search, { people, loading: false, failed: false });
      store.meet(people);
    } catch (error) {
      if (mine !== latest) return;
      tellError(error);
      Object.assign(search, { loading: false, failed: true });
    }
    redraw();
  };
  load();
  const onInput = (/** @type {Event} */ event) => {
    search.query = /** @type {HTMLInputElement} */ (event.target).value.trim();
    clearTimeout(timer);
    timer = setTimeout(load, SEARCH_MS);
  };
  const field = () => html`<div class="search">${icon("search")}<input type="search" autocomplete="off" enterkeyhint="search" placeholder=${gettext("Find people")}
    aria-label=${gettext("Find people")} ?autofocus=${matchMedia("(pointer: fine)").matches} @input=${onInput}></div>`;
  /** What stands where there is nobody. */
  const blank = () => {
    if (search.loading) return html`<div class="people-skeleton" aria-hidden="true"><i></i><i></i><i></i><i></i><i></i></div>`;
    if (search.failed) return html`<div class="notice"><p>${gettext("The list could not be read.")}</p><button class="button" type="button" @click=${load}>${gettext("Try again")}</button></div>`;
    const admin = !search.query && store.state.value.me.is_admin ? byId("menu-waiting").dataset.admin : "";
    return html`<div class="notice" role="status"><p>${search.query ? gettext("Nobody found") : gettext("Nobody else is here yet")}</p>${admin
      ? html`<a class="button button-primary" href="${admin}accounts/user/add/">${icon("user-plus")}${gettext("Add people")}</a><a class="button" href="${admin}messaging/invitelink/add/">${icon("link")}${gettext("Invite link")}</a>` : nothing}</div>`;
  };
  return { search, field, blank };
}

/** Arrows go through the rows; Enter in the field takes the first of those found. @param {KeyboardEvent} event */
function onKey(event) {
  const body = /** @type {HTMLElement} */ (event.currentTarget);
  const field = body.querySelector("input");
  const inField = event.target === body.querySelector("input[type=search]");
  if (/** @type {HTMLElement} */ (event.target).matches("select, summary")) return;
  if (event.key === "Enter" && (inField || /** @type {HTMLElement} */ (event.target).matches("[type=checkbox]"))) {
    event.preventDefault();
    if (isComposing(event)) return;
    const row = inField ? /** @type {HTMLElement | null} */ (body.querySelector(".found")) : /** @type {HTMLElement} */ (event.target);
    row?.click();
    if (inField) /** @type {HTMLInputElement} */ (event.target).select();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    moveFocus(event, [.../** @type {NodeListOf<HTMLElement>} */ (body.querySelectorAll("input[type=search], button.person, .person input"))]);
  } else if ((event.key === "Home" || event.key === "End") && event.target !== field) {
    moveFocus(event, [.../** @type {NodeListOf<HTMLElement>} */ (body.querySelectorAll("button.person, .person input"))]);
  }
}

/** Name and presence of a person. @param {Pick<Person, "id" | "name" | "username" | "presence" | "avatar">} person @param {unknown} below */
export const personView = (person, below) => html`${avatar(person.id, person.name, { presence: person.presence, picture: person.avatar })}
  <span class="person-text"><b dir="auto">${person.name}</b><span class="muted">${below}</span></span>`;

/** Opens a conversation that a command answers with. @param {string} command @param {object} data @param {object} [settings] of a new group */
async function request(command, data, settings = {}) {
  const conversation = await store.socket.request(command, data);
  store.adopt(conversation);
  if (Object.keys(settings).length) store.socket.request("group.settings", { conversation: conversation.id, ...settings }).catch(tellError);
  navigate(`/c/${conversation.id}/`);
}

/** Opens a conversation that a command answers with, or tells why not. @param {string} command @param {object} data @returns {Promise<boolean>} */
export const openBy = (command, data) => request(command, data).then(() => true, (error) => {
  if (error.code === "friends_only" && "user" in data) lazy(import("./person.js")).then((module) => module?.openPerson(Number(data.user), error.message));
  else tellError(error);
  return false;
});

/** The dialog for writing to somebody; a new group begins here too. */
export function openPeople() {
  /** @type {ReturnType<typeof peopleSearch>} */
  let people;
  /** @type {ReturnType<typeof groupForm> | null} */
  let group = null;
  /** The list of requests, while it is shown. @type {(() => unknown) | null} */
  let requests = null;
  const title = gettext("Write to somebody");
  openDialog(title, (self) => {
    if (group) return group();
    if (requests) return requests();
    people ??= peopleSearch(() => self.redraw());
    const me = store.state.value.me.id;
    const go = (/** @type {number} */ user) => openBy("direct.open", { user }).then((done) => { if (done) self.close(); });
    const back = () => { group = requests = null; self.retitle(title); focusFirst(self); };
    const begin = () => { group = groupForm(self); self.retitle(gettext("New group"), back); focusFirst(self); };
    const discover = async () => {
      const module = await lazy(import("./discover.js"));
      if (!module) return;
      self.close();
      module.openGroups();
    };
    const mail = async () => {
      const module = await lazy(import("./mailing.js"));
      if (!module) return;
      self.close();
      module.openMailing();
    };
    const asked = async () => {
      const module = await lazy(import("./person.js"));
      if (!module) return;
      requests = module.requestsView(self);
      self.retitle(gettext("Friend requests"), back);
    };
    const show = (/** @type {number} */ user) => lazy(import("./person.js")).then((module) => module?.openPerson(user));
    const { friends, incoming, outgoing } = store.state.value.relations;
    const found = people.search.people.filter((p) => p.id !== me);
    const listed = [[gettext("Friends"), found.filter((p) => friends.includes(p.id))], [gettext("Everybody"), found.filter((p) => !friends.includes(p.id))]];
    const parts = people.search.query || !listed[0][1].length ? [["", found]] : listed;
    return html`<div class="dialog-body" @keydown=${onKey}>${people.field()}
      ${people.search.query ? nothing : html`<div class="people entries">
        <button class="person" type="button" @click=${() => go(me)}><span class="avatar hue-0" aria-hidden="true">${icon("bookmark")}</span><span class="person-text"><b>${gettext("Saved messages")}</b><span class="muted">${gettext("Notes and files for yourself")}</span></span></button>
        <button class="person" type="button" @click=${begin}><span class="avatar hue-4" aria-hidden="true">${icon("users")}</span><span class="person-text"><b>${gettext("New group")}</b><span class="muted">${gettext("Talk with several people")}</span></span>${icon("chevron-right")}</button>
        <button class="person" type="button" @click=${discover}><span class="avatar hue-1" aria-hidden="true">${icon("compass")}</span><span class="person-text"><b>${gettext("Find groups")}</b><span class="muted">${gettext("Join one, or ask to be let in")}</span></span>${icon("chevron-right")}</button>
        <button class="person" type="button" @click=${mail}><span class="avatar hue-6" aria-hidden="true">${icon("mails")}</span><span class="person-text"><b>${gettext("Message to several people")}</b><span class="muted">${gettext("Everybody gets it in a chat of their own")}</span></span>${icon("chevron-right")}</button>
        ${incoming.length + outgoing.length ? html`<button class="person" type="button" @click=${asked}><span class="avatar hue-3" aria-hidden="true">${icon("user-plus")}</span><span class="person-text"><b>${gettext("Friend requests")}</b><span class="muted">${
          incoming.length ? interpolate(ngettext("%(count)s person asks you", "%(count)s people ask you", incoming.length), { count: figure(incoming.length) }) : gettext("Waiting for an answer")}</span></span>${
          incoming.length ? html`<span class="badge" aria-hidden="true">${figure(incoming.length)}</span>` : nothing}${icon("chevron-right")}</button>` : nothing}
      </div>`}
      ${parts.map(([label, some]) => html`${label && some.length ? html`<h3 class="people-part">${label}</h3>` : nothing}<div class="people">${repeat(/** @type {Person[]} */ (some), (p) => p.id, (p) =>
        html`<div class="person-row"><button class="person found" type="button" @click=${() => go(p.id)}>${personView(p, personStatus(p))}</button><button class="icon-button" type="button"
          aria-label=${gettext("Profile")} title=${gettext("Profile")} @click=${() => show(p.id)}>${icon("info")}</button></div>`)}</div>`)}
      <div class="people">${found.length ? nothing : people.blank()}</div></div>`;
  }, { kind: "tall" });
}

/** The dialog for a new group alone. */
export function openNewGroup() {
  /** @type {ReturnType<typeof groupForm>} */
  let group;
  openDialog(gettext("New group"), (self) => (group ??= groupForm(self))(), { kind: "tall" });
}

/** @param {Dialog} self */
function focusFirst(self) {
  /** @type {HTMLElement | null} */ (self.element.querySelector("input"))?.focus();
}

/** Choosing several people. @param {Dialog} self @param {Set<number>} without */
export function peoplePicker(self, without) {
  const { search, field, blank } = peopleSearch(() => self.redraw());
  /** @type {Map<number, Person>} */
  const chosen = new Map();
  const toggle = (/** @type {Person} */ p) => {
    if (!chosen.delete(p.id)) chosen.set(p.id, p);
    self.redraw();
  };
  const onErase = (/** @type {KeyboardEvent} */ event) => {
    const last = [...chosen.values()].at(-1);
    const target = /** @type {HTMLInputElement} */ (event.target);
    if (event.key === "Backspace" && !isComposing(event) && target.type === "search" && !target.value && last) toggle(last);
    onKey(event);
  };
  const view = (/** @type {unknown} */ above = nothing) => {
    const found = search.people.filter((p) => !without.has(p.id));
    return html`<div class="dialog-body" @keydown=${onErase}>${above}${field()}
      ${chosen.size ? html`<div class="chips" role="group" aria-label=${interpolate(ngettext("%(count)s chosen", "%(count)s chosen", chosen.size), { count: figure(chosen.size) })}>${[...chosen.values()].map((p) =>
        html`<button class="chip" type="button" @click=${() => toggle(p)} aria-label=${interpolate(gettext("Leave out %(name)s"), { name: p.name })}>${avatar(p.id, p.name, { picture: p.avatar })}${p.name}${icon("x")}</button>`)}</div>` : nothing}
      <div class="people">${repeat(found, (p) => p.id, (p) => html`<label class="person found">
        ${personView(p, personStatus(p))}<input type="checkbox" .checked=${chosen.has(p.id)} @change=${() => toggle(p)}></label>`)}
      ${found.length ? nothing : blank()}</div></div>`;
  };
  return { view, chosen };
}

/** Name and people of a new group. @param {Dialog} self */
function groupForm(self) {
  const picker = peoplePicker(self, new Set([store.state.value.me.id]));
  let wrong = "";
  let length = 0;
  let busy = false;
  let policy = "invitation";
  let discoverable = false;
  const tell = (/** @type {string} */ text) => {
    wrong = text;
    self.redraw();
    focusFirst(self);
  };
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (busy) return;
    const name = /** @type {HTMLInputElement} */ (self.element.querySelector("#group-name")).value.trim();
    if (!name) return tell(gettext("Give the group a name."));
    busy = true;
    try {
      const settings = { ...(policy === "invitation" ? {} : { join_policy: policy }), ...(discoverable ? { discoverable } : {}) };
      await request("group.create", { name, users: [...picker.chosen.keys()] }, settings);
      self.close();
    } catch (error) {
      if (error instanceof Error && "code" in error && ["name_taken", "bad_name"].includes(String(error.code))) tell(error.message);
      else tellError(error);
    } finally {
      busy = false;
    }
  };
  const onName = (/** @type {Event} */ event) => {
    ({ length } = /** @type {HTMLInputElement} */ (event.target).value);
    wrong = "";
    self.redraw();
  };
  const onEnter = (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter" && isComposing(event)) event.preventDefault(); };
  return () => html`<form class="dialog-form" novalidate @submit=${submit} @keydown=${onEnter}>
    ${picker.view(html`<div class="field"><label for="group-name">${gettext("Name of the group")}</label><div class="counted">
      <input id="group-name" autofocus maxlength=${NAME_MAX} autocomplete="off" @input=${onName} aria-invalid=${wrong ? "true" : nothing} aria-describedby="group-name-error">
      <span class="counter" aria-hidden="true">${figure(length)}/${figure(NAME_MAX)}</span></div>
      <p class="error" id="group-name-error" role="alert">${wrong}</p></div>
      <details class="group-more"><summary>${gettext("More")}</summary>
        <div class="field"><label for="group-policy">${gettext("Who may join")}</label><select id="group-policy" @change=${(/** @type {Event} */ event) => { policy = /** @type {HTMLSelectElement} */ (event.target).value; }}>
          <option value="invitation">${gettext("Only who is invited or has a link")}</option><option value="request">${gettext("On request")}</option><option value="open">${gettext("Anyone")}</option></select></div>
        <label class="group-found"><input type="checkbox" @change=${(/** @type {Event} */ event) => { discoverable = /** @type {HTMLInputElement} */ (event.target).checked; }}>${gettext("Shown to everybody in “Find groups”")}</label></details>`)}
    <div class="dialog-foot actions"><button class="button" type="button" @click=${self.close}>${gettext("Cancel")}</button><button class="button button-primary">${gettext("Create")}</button></div></form>`;
}
