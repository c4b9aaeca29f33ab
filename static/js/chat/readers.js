/**
 * Who has read a message: a line for its menu, and the names.
 * @import {Message, Readers} from "../types.js"
 */
import { computed, effect, html, nothing, signal } from "../vendor/ui.js";
import { avatar, icon, lazy, openDialog, tellError } from "../core/dom.js";
import { compareNames, figure, gettext, interpolate } from "../core/i18n.js";
import { nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { rosters } from "./header.js";
import { read as readMembers } from "./roster.js";

/** @typedef {Pick<Message, "conversation" | "seq" | "sender">} Place */

/** What the server told of the last message that was asked about. @type {import("../vendor/ui.js").Signal<{message: Place, readers: Readers | null, error: string} | null>} */
const told = signal(null);

/** @param {Place} message */
function load(message) {
  const now = () => told.peek()?.message.seq === message.seq && told.peek()?.message.conversation === message.conversation;
  const asked = { message, readers: now() ? told.peek()?.readers ?? null : null, error: "" };
  told.value = asked;
  return store.socket.request("message.readers", { conversation: message.conversation, seq: message.seq }).then(
    (/** @type {Readers} */ readers) => { if (now()) told.value = { ...asked, readers }; },
    (error) => {
      if (!("code" in error)) throw error;
      if (now()) told.value = { ...asked, error: error.message || gettext("No connection. Please try again in a moment.") };
    });
}

/** Do I take part in receipts? Who does not sees none. */
const takesPart = () => store.state.value.me.options.receipts !== false;

/** "Read by 3 of 12": an element that fills itself. @param {Place} message */
export function readersLine(message) {
  if (!takesPart()) return gettext("Who has read it");
  const place = document.createElement("span");
  place.textContent = gettext("Who has read it");
  load(message);
  const stop = effect(() => {
    const readers = told.value?.readers;
    if (!readers?.of) return;
    place.textContent = interpolate(gettext("Read by %(count)s of %(all)s"), { count: figure(readers.read.length), all: figure(readers.of) });
  });
  setTimeout(stop, 10_000);
  return place;
}

/** The dialog with the names. @param {Place} message */
export async function openReaders(message) {
  const c = store.state.value.conversations.get(message.conversation);
  if (!c) return;
  await lazy(import("./parts.js"));
  const dialog = openDialog(gettext("Read by"), () => view(message));
  dialog.element.classList.add("readers");
  const stop = effect(() => { rosters.value; told.value; store.state.value.people; dialog.redraw(); });
  const marks = computed(() => store.state.value.receipts.get(message.conversation));
  const again = takesPart() ? effect(() => { marks.value; load(message); }) : () => {};
  dialog.element.addEventListener("close", () => { stop(); again(); });
  if (!takesPart()) return;
  if (!rosters.value.has(c.id) && c.kind === "group") readMembers(c.id).catch(tellError);
}

/** @param {Place} message */
function view(message) {
  const { me } = store.state.value;
  if (!takesPart()) {
    return html`<div class="dialog-body"><div class="notice"><span class="notice-icon">${icon("eye-off")}</span>
      <p>${gettext("You take no part in read receipts: nobody sees what you have read, and you do not see what others have.")}</p>
      <a class="button" href="/accounts/settings/">${gettext("Account settings")}</a></div></div>`;
  }
  const { readers, error } = told.value ?? { readers: null, error: "" };
  if (error) return html`<div class="dialog-body"><p class="notice" role="alert">${error}</p></div>`;
  if (!readers) return html`<div class="dialog-body"><div class="people-skeleton" aria-hidden="true"><i></i><i></i><i></i></div></div>`;
  const read = new Set(readers.read);
  const others = (rosters.value.get(message.conversation) ?? []).map((m) => m.id).filter((id) => id !== me.id && id !== message.sender && !read.has(id));
  const exact = others.length === readers.of - read.size;
  return html`<div class="dialog-body" tabindex="0">
    ${part(interpolate(gettext("Read by %(count)s of %(all)s"), { count: figure(read.size), all: figure(readers.of) }), "check-check", readers.read)}
    ${others.length ? part(gettext("Not read yet"), "check", others) : nothing}
    ${others.length && !exact ? html`<p class="readers-note muted">${gettext("Some of them take no part in read receipts.")}</p>` : nothing}</div>`;
}

/** @param {string} title @param {string} name @param {number[]} ids */
function part(title, name, ids) {
  const { people } = store.state.value;
  const rows = ids.map((id) => ({ id, name: nameOf(id, people), person: people.get(id) })).sort((a, b) => compareNames(a.name, b.name));
  return html`<h3 class="people-part">${icon(name)}${title}</h3>${rows.length ? html`<ul class="people">${rows.map((row) =>
    html`<li class="person">${avatar(row.id, row.name, { picture: row.person?.avatar, presence: row.person?.presence })}<span class="person-text"><b dir="auto">${row.name}</b>${
      row.person?.username ? html`<span class="muted">@${row.person.username}</span>` : nothing}</span></li>`)}</ul>`
    : html`<p class="readers-note muted">${gettext("Nobody yet")}</p>`}`;
}
