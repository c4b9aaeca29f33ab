/**
 * One person and I: his card, what I may ask of him and he of me, who wants to be friends. Loaded when first used.
 * @import {Person, Relations, State} from "../types.js"
 * @import {Dialog} from "../core/dom.js"
 */
import { effect, html, nothing, repeat, signal } from "../vendor/ui.js";
import { ask, avatar, byId, icon, isComposing, mount, openDialog, personStatus, tellError, toast } from "../core/dom.js";
import { figure, gettext, interpolate, listTime } from "../core/i18n.js";
import { get } from "../core/net.js";
import { nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { openBy, personView } from "./people.js";

const WORDS_MAX = 200;

/** How somebody stands to me. @param {number} id @param {Relations} relations @returns {"blocked" | "friend" | "incoming" | "outgoing" | ""} */
export function relationTo(id, { friends, incoming, outgoing, blocked }) {
  if (blocked.includes(id)) return "blocked";
  if (friends.includes(id)) return "friend";
  if (incoming.some(({ user }) => user === id)) return "incoming";
  return outgoing.includes(id) ? "outgoing" : "";
}

/** Commands under way, so that a second press does nothing. @type {Set<string>} */
const busy = new Set();

/** @param {string} command @param {number} user @param {object} [more] @returns {Promise<boolean>} */
async function run(command, user, more = {}) {
  const key = `${command} ${user}`;
  if (busy.has(key)) return false;
  busy.add(key);
  try {
    await store.socket.request(command, { user, ...more });
    return true;
  } catch (error) {
    tellError(error);
    return false;
  } finally {
    busy.delete(key);
  }
}

/** @param {number} id */
async function removeFriend(id) {
  const name = nameOf(id, store.state.value.people);
  if (await ask(gettext("Remove this friend?"), interpolate(gettext("%(name)s will no longer be among your friends."), { name }), gettext("Remove"))) await run("friend.remove", id);
}

/** @param {number} id */
async function block(id) {
  const name = nameOf(id, store.state.value.people);
  const text = interpolate(gettext("You and %(name)s can no longer write to each other or see whether the other is online. Groups you share stay as they are. %(name)s is not told."), { name });
  if (await ask(gettext("Block this person?"), text, gettext("Block")) && await run("block.add", id)) toast(interpolate(gettext("%(name)s is blocked."), { name }));
}

/** What is between us, as buttons. @param {number} id @param {State} state @param {() => void} [write] asks for a few words first */
export function relationView(id, state, write) {
  const button = (/** @type {string} */ name, /** @type {string} */ label, /** @type {() => unknown} */ act, look = "") =>
    html`<button class="button ${look}" type="button" @click=${act}>${icon(name)}${label}</button>`;
  switch (relationTo(id, state.relations)) {
    case "blocked": return button("ban", gettext("Unblock"), () => run("block.remove", id));
    case "friend": return html`<button class="button" type="button" aria-haspopup="dialog" title=${gettext("Remove this friend?")} @click=${() => removeFriend(id)}>${icon("user-check")}${gettext("Friends")}</button>`;
    case "incoming": return html`${button("check", gettext("Accept"), () => run("friend.accept", id), "button-primary")}${button("x", gettext("Decline"), () => run("friend.refuse", id))}`;
    case "outgoing": return button("clock", gettext("Withdraw the request"), () => run("friend.withdraw", id));
    default: return button("user-plus", gettext("Add friend"), write ?? (() => run("friend.request", id)));
  }
}

/** The button that ends all contact, or nothing where it has ended. @param {number} id @param {State} state */
export const blockView = (id, state) => (state.relations.blocked.includes(id) || id === state.me.id ? nothing
  : html`<button class="menu-item danger" type="button" @click=${() => block(id)}>${icon("ban")}${gettext("Block this person")}</button>`);

/** Draws a dialog again whenever what it shows changes. @param {Dialog} self */
function follow(self) {
  const stop = effect(() => {
    store.state.value;
    self.redraw();
  });
  self.element.addEventListener("close", stop);
}

/** Reads people that are not known yet, or anew. @param {number[]} ids */
const learn = (ids) => (ids.length ? get("people", { ids: ids.join() }).then(({ people }) => store.meet(people), tellError) : null);

/** The card of a person. @param {number} id @param {string} [note] why it is shown */
export function openPerson(id, note = "") {
  let asking = false;
  learn([id]);
  const self = openDialog(gettext("Profile"), (dialog) => {
    const state = store.state.value;
    const person = state.people.get(id);
    if (!person) return html`<div class="dialog-body person-card"></div>`;
    const relation = relationTo(id, state.relations);
    const asked = state.relations.incoming.find(({ user }) => user === id);
    const write = () => { asking = true; dialog.redraw(); /** @type {HTMLElement | null} */ (dialog.element.querySelector("#friend-words"))?.focus(); };
    const talk = () => openBy("direct.open", { user: id }).then((done) => { if (done) for (const open of document.querySelectorAll("dialog")) open.close(); });
    return html`<div class="dialog-body person-card">
      ${avatar(id, person.name, { presence: person.presence, picture: person.avatar, size: "large" })}
      <h3 dir="auto">${person.name}</h3>
      <p class="muted">@${person.username}</p><p class="muted">${personStatus(person)}</p>
      ${note && relation !== "friend" ? html`<p class="card-note" role="status">${note}</p>` : nothing}
      ${asked ? html`<p class="card-words"><b>${gettext("Wants to be your friend")}</b>${asked.words ? html`<q dir="auto">${asked.words}</q>` : nothing}</p>` : nothing}
      ${asking && relation === "" ? wordsForm(id, () => { asking = false; dialog.redraw(); }) : html`<div class="card-acts">
        ${relation === "blocked" || (note && relation !== "friend") ? nothing : html`<button class="button ${relation === "incoming" ? "" : "button-primary"}" type="button" @click=${talk}>${icon("message-circle")}${gettext("Write a message")}</button>`}
        ${relationView(id, state, write)}</div>`}
      <div class="card-end">${blockView(id, state)}</div></div>`;
  }, { kind: "profile" });
  follow(self);
}

/** A few words that go with a request. @param {number} id @param {() => void} done */
function wordsForm(id, done) {
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (/** @type {HTMLElement} */ (event.currentTarget).querySelector("input"));
    if (await run("friend.request", id, { words: field.value.trim() })) done();
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter" && isComposing(event)) event.preventDefault(); };
  return html`<form class="card-form" novalidate @submit=${submit} @keydown=${onKey}>
    <div class="field"><label for="friend-words">${gettext("A few words, if you like")}</label><input id="friend-words" maxlength=${WORDS_MAX} autocomplete="off"></div>
    <div class="actions"><button class="button" type="button" @click=${done}>${gettext("Cancel")}</button><button class="button button-primary">${gettext("Send request")}</button></div></form>`;
}

/** Who wants to be friends with me, and whom I have asked: a part of the people dialog. @param {Dialog} self */
export function requestsView(self) {
  const { relations, people } = store.state.value;
  const ids = [...relations.incoming.map(({ user }) => user), ...relations.outgoing];
  learn(ids.filter((id) => !people.has(id)));
  follow(self);
  return () => {
    const state = store.state.value;
    const { incoming, outgoing } = state.relations;
    const known = (/** @type {number} */ id) => state.people.get(id) ?? /** @type {Person} */ ({ id, name: "…", username: "", avatar: "", presence: "offline", status: "", last_seen: null });
    const row = (/** @type {number} */ id, /** @type {unknown} */ below, /** @type {unknown} */ acts) => html`<li class="person request">${personView(known(id), below)}<span class="request-acts">${acts}</span></li>`;
    const small = (/** @type {string} */ label, /** @type {() => unknown} */ act, look = "") => html`<button class="button small ${look}" type="button" @click=${act}>${label}</button>`;
    return html`<div class="dialog-body requests">
      ${incoming.length ? html`<h3>${gettext("They ask")} <span class="muted">${figure(incoming.length)}</span></h3><ul class="people">${repeat(incoming, ({ user }) => user, ({ user, words, at }) =>
        row(user, words || `@${known(user).username} · ${listTime(at)}`, html`${small(gettext("Decline"), () => run("friend.refuse", user))}${small(gettext("Accept"), () => run("friend.accept", user), "button-primary")}`))}</ul>` : nothing}
      ${outgoing.length ? html`<h3>${gettext("You asked")} <span class="muted">${figure(outgoing.length)}</span></h3><ul class="people">${repeat(outgoing, (id) => id, (id) =>
        row(id, gettext("Waiting for an answer"), small(gettext("Withdraw"), () => run("friend.withdraw", id))))}</ul>` : nothing}
      ${ids.length && (incoming.length || outgoing.length) ? nothing : html`<p class="notice" role="status">${gettext("No open requests")}</p>`}</div>`;
  };
}

const closed = signal(false);

/** What may be done where I may not write to somebody, beside the reason. */
export function showClosed() {
  if (closed.value) return;
  closed.value = true;
  mount(byId("read-only-act"), () => {
    const c = store.open.value;
    const state = store.state.value;
    if (!c || c.kind !== "direct" || c.can_post || c.peer === null) return nothing;
    return c.closed === "friends" || state.relations.blocked.includes(c.peer) ? relationView(c.peer, state) : nothing;
  });
}
