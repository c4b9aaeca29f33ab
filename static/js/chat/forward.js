/**
 * Sending a message on to other conversations, or to oneself as a bookmark.
 * @import {Conversation, Message, Person} from "../types.js"
 */
import { html, nothing, repeat } from "../vendor/ui.js";
import { avatar, icon, isComposing, navigate, openDialog, personStatus, tellError, toast } from "../core/dom.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { pieces, search } from "../core/match.js";
import { moveFocus } from "../core/menu.js";
import { get } from "../core/net.js";
import { offer } from "../core/offer.js";
import { makeClientId } from "../core/outbox.js";
import { nameOf, titleOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { mayWrite } from "./closed.js";
import { conversationAvatar, statusText } from "./header.js";
import { quotedText } from "./message.js";
import "./parts.js";

const SEARCH_MS = 150;

/** A conversation, or somebody to begin one with. @typedef {{key: string, title: string, username: string, c?: Conversation, person?: Person}} Target */

/** Where I may write: saved messages first, then as the list has them, then people without a conversation. @param {Person[]} people @returns {Target[]} */
function targets(people) {
  const state = store.state.value;
  const own = [...state.conversations.values()].find((c) => c.peer === state.me.id);
  const listed = store.list.value.filter((c) => c !== own && mayWrite(c));
  const partners = new Set([state.me.id, ...store.list.value.map((c) => c.peer)]);
  const me = state.people.get(state.me.id);
  return [
    ...(own || me ? [{ key: "own", title: gettext("Saved messages"), username: state.me.username, c: own, person: me }] : []),
    ...listed.map((c) => ({ key: `c${c.id}`, title: titleOf(c, state), username: state.people.get(c.peer ?? 0)?.username ?? "", c })),
    ...people.filter((p) => !partners.has(p.id)).map((person) => ({ key: `p${person.id}`, title: person.name, username: person.username, person })),
  ];
}

/** @param {Target} target */
function pictureOf({ key, c, person, title }) {
  if (key === "own") return avatar(0, "", { icon: "bookmark" });
  return c ? conversationAvatar(c, store.state.value) : avatar(person?.id ?? 0, title, { presence: person?.presence, picture: person?.avatar });
}

/** @param {Target} target */
function detailOf({ key, c, person }) {
  if (key === "own") return gettext("Notes and files for yourself");
  return c ? statusText(c, store.state.value) : person ? personStatus(person) || `@${person.username}` : "";
}

/** Opens the dialog. @param {Message} message */
export function openForward(message) {
  /** @type {import("../core/dom.js").Dialog} */
  let dialog;
  /** @type {Map<string, Target>} */
  const chosen = new Map();
  let people = /** @type {Person[]} */ ([]);
  let query = "";
  let busy = false;
  let latest = 0;
  /** @type {any} */
  let timer;
  /** The same for a second try, so that nothing comes twice. @type {Map<string, string>} */
  const ids = new Map();

  const find = async () => {
    const mine = ++latest;
    const found = query ? await get("people", { q: query }).then((answer) => answer.people, (error) => {
      if (!("code" in error)) throw error;
      return []; // the conversations are found without the server
    }) : [];
    if (mine !== latest) return;
    people = found;
    dialog.redraw();
  };
  const onInput = (/** @type {Event} */ event) => {
    query = /** @type {HTMLInputElement} */ (event.target).value.trim();
    clearTimeout(timer);
    timer = setTimeout(find, SEARCH_MS);
    dialog.redraw();
  };
  const toggle = (/** @type {Target} */ target) => {
    if (!chosen.delete(target.key)) chosen.set(target.key, target);
    dialog.redraw();
  };
  /** Sends to one of those chosen; the number of its conversation. @param {Target} target */
  const sendTo = async (target) => {
    const id = target.c?.id ?? (await store.socket.request("direct.open", { user: target.person?.id })).id;
    if (!ids.has(target.key)) ids.set(target.key, makeClientId());
    await store.socket.request("message.forward", { conversation: message.conversation, seq: message.seq, to: id, client_id: ids.get(target.key) });
    return id;
  };
  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy || !chosen.size) return;
    busy = true;
    dialog.redraw();
    /** @type {{id: number, title: string}[]} */
    const done = [];
    try {
      for (const target of [...chosen.values()]) {
        done.push({ id: await sendTo(target), title: target.title });
        chosen.delete(target.key);
      }
    } catch (error) {
      const refused = /** @type {any} */ (error);
      if (!("code" in refused)) throw error;
      const [to] = [...chosen.values()];
      if (refused.code === "offline") tellError(refused);
      else toast(`${to.title}: ${refused.message || refused.code}`, "error");
    }
    busy = false;
    if (chosen.size) return dialog.redraw();
    dialog.close();
    const [first] = done;
    if (done.length > 1) toast(interpolate(ngettext("Forwarded to %(count)s conversation", "Forwarded to %(count)s conversations", done.length), { count: figure(done.length) }));
    else if (first.id === store.openId.value) toast(interpolate(gettext("Forwarded to %(name)s"), { name: first.title }));
    else offer(interpolate(gettext("Forwarded to %(name)s"), { name: first.title }), gettext("Open"), () => navigate(`/c/${first.id}/`), 6000);
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const body = /** @type {HTMLElement} */ (event.currentTarget);
    const inField = /** @type {HTMLElement} */ (event.target).matches("[type=search]");
    const boxes = /** @type {HTMLElement[]} */ ([...body.querySelectorAll("[type=search], .person input")]);
    if (event.key === "Enter" && inField) {
      event.preventDefault();
      if (isComposing(event)) return;
      boxes[1]?.click();
      /** @type {HTMLInputElement} */ (event.target).select();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") moveFocus(event, boxes);
  };
  const view = () => {
    const all = targets(people);
    const found = query ? search(all, query, (t) => [t.title, t.username]) : all.map((thing) => ({ thing, spans: /** @type {[number, number][]} */ ([]) }));
    const there = new Set(found.map(({ thing }) => thing.key));
    const more = query ? all.filter((t) => t.person && t.key !== "own" && !there.has(t.key)).map((thing) => ({ thing, spans: /** @type {[number, number][]} */ ([]) })) : [];
    const rows = [...found, ...more];
    const { people: known } = store.state.value;
    return html`<form class="dialog-form" @submit=${send}><div class="dialog-body" @keydown=${onKey}>
      <div class="forward-what"><b>${nameOf(message.sender, known, message.sender_name)}</b><span dir="auto">${quotedText(message, store.state.value)}</span></div>
      <div class="search">${icon("search")}<input type="search" autocomplete="off" enterkeyhint="search" placeholder=${gettext("Find a conversation or a person")}
        aria-label=${gettext("Find a conversation or a person")} ?autofocus=${matchMedia("(pointer: fine)").matches} @input=${onInput}></div>
      ${chosen.size ? html`<div class="chips" role="group" aria-label=${interpolate(ngettext("%(count)s chosen", "%(count)s chosen", chosen.size), { count: figure(chosen.size) })}>${[...chosen.values()].map((t) =>
        html`<button class="chip" type="button" @click=${() => toggle(t)} aria-label=${interpolate(gettext("Leave out %(name)s"), { name: t.title })}>${pictureOf(t)}<span>${t.title}</span>${icon("x")}</button>`)}</div>` : nothing}
      <div class="people">${repeat(rows, ({ thing }) => thing.key, ({ thing, spans }) => html`<label class="person found">${pictureOf(thing)}
        <span class="person-text"><b dir="auto">${pieces(thing.title, spans).map(({ text, marked }) => (marked ? html`<mark>${text}</mark>` : text))}</b><span class="muted">${detailOf(thing)}</span></span>
        <input type="checkbox" .checked=${chosen.has(thing.key)} @change=${() => toggle(thing)}></label>`)}</div>
      ${rows.length ? nothing : html`<p class="notice" role="status">${gettext("Nothing found")}</p>`}</div>
      <div class="dialog-foot actions"><button class="button" type="button" @click=${() => dialog.close()}>${gettext("Cancel")}</button><button class="button button-primary" ?disabled=${!chosen.size || busy}>${icon("forward")}${
        chosen.size > 1 ? interpolate(ngettext("Forward to %(count)s", "Forward to %(count)s", chosen.size), { count: figure(chosen.size) }) : gettext("Forward")}</button></div></form>`;
  };
  openDialog(gettext("Forward"), (self) => {
    dialog = self;
    return view();
  }, { kind: "tall" }).element.classList.add("forward");
}
