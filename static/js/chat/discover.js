/**
 * Finding groups that let themselves be found: join, ask to join, or open. Loaded when first used.
 * @import {JoinPolicy, State} from "../types.js"
 * @typedef {{id: number, name: string, avatar: string, notice: string, members: number, join_policy: JoinPolicy, state: string}} Found
 */
import { html, nothing, repeat } from "../vendor/ui.js";
import { avatar, icon, isComposing, navigate, openDialog, tellError } from "../core/dom.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { moveFocus } from "../core/menu.js";
import { get } from "../core/net.js";
import * as store from "../core/store.js";
import { answerInvitation, follow, goTo, run, small } from "./joining.js";
import { openNewGroup } from "./people.js";

const SEARCH_MS = 150;
const WORDS_MAX = 200;

/** The dialog. @param {string} query */
export function openGroups(query = "") {
  const found = { groups: /** @type {Found[]} */ ([]), query, loading: true, failed: false };
  let latest = 0;
  /** The group that is being asked. @type {number | null} */
  let asking = null;
  /** @type {any} */
  let timer;
  const load = async () => {
    const mine = ++latest;
    try {
      const { groups } = await get("groups", { q: found.query });
      if (mine !== latest) return;
      Object.assign(found, { groups, loading: false, failed: false });
    } catch (error) {
      if (mine !== latest) return;
      tellError(error);
      Object.assign(found, { loading: false, failed: true });
    }
    self.redraw();
  };
  const onInput = (/** @type {Event} */ event) => {
    found.query = /** @type {HTMLInputElement} */ (event.target).value.trim();
    clearTimeout(timer);
    timer = setTimeout(load, SEARCH_MS);
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const body = /** @type {HTMLElement} */ (event.currentTarget);
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest("form") || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    moveFocus(event, [.../** @type {NodeListOf<HTMLElement>} */ (body.querySelectorAll("input[type=search], .wait-acts > button:last-child"))]);
  };
  const blank = () => {
    if (found.loading) return html`<div class="people-skeleton" aria-hidden="true"><i></i><i></i><i></i><i></i></div>`;
    if (found.failed) return html`<div class="notice"><p>${gettext("The list could not be read.")}</p><button class="button" type="button" @click=${load}>${gettext("Try again")}</button></div>`;
    if (found.query) return html`<p class="notice" role="status">${gettext("No group found")}</p>`;
    const begin = () => { self.close(); openNewGroup(); };
    return html`<div class="notice" role="status"><span class="notice-icon">${icon("users")}</span><p>${gettext("No group shows itself here yet.")}</p><button class="button" type="button" @click=${begin}>${icon("plus")}${gettext("New group")}</button></div>`;
  };
  const ask = (/** @type {number | null} */ id) => {
    asking = id;
    self.redraw();
    if (id !== null) /** @type {HTMLElement | null} */ (self.element.querySelector(".wait-form input"))?.focus();
  };
  const join = async (/** @type {Found} */ group, words = "") => {
    const answer = await run("group.join", { conversation: group.id, ...(words ? { words } : {}) });
    if (!answer) return;
    asking = null;
    self.redraw();
    if (!answer.joined) return;
    self.close();
    goTo(group.id);
  };
  const self = openDialog(gettext("Find groups"), () => {
    const state = store.state.value;
    return html`<div class="dialog-body" @keydown=${onKey}><div class="search">${icon("search")}<input type="search" autocomplete="off" enterkeyhint="search" placeholder=${gettext("Name of the group")}
      aria-label=${gettext("Find groups")} ?autofocus=${matchMedia("(pointer: fine)").matches} .defaultValue=${query} @input=${onInput}></div>
      <ul class="waits-list">${repeat(found.groups, (group) => group.id, (group) => rowView(group, state, asking === group.id, { ask, join, close: self.close }))}</ul>${found.groups.length ? nothing : blank()}</div>`;
  }, { kind: "tall" });
  follow(self);
  load();
}

/**
 * @param {Found} group @param {State} state @param {boolean} asking
 * @param {{ask: (id: number | null) => void, join: (group: Found, words?: string) => unknown, close: () => void}} acts
 */
function rowView(group, state, asking, { ask, join, close }) {
  const members = interpolate(ngettext("%(count)s member", "%(count)s members", group.members), { count: figure(group.members) });
  return html`<li class="wait">${avatar(group.id, group.name, { picture: group.avatar })}<div class="wait-text"><b dir="auto">${group.name}</b><span class="muted">${members}</span>${
    group.notice ? html`<span class="wait-notice" dir="auto">${group.notice}</span>` : nothing}</div>
    ${asking ? askForm(group, () => ask(null), (words) => join(group, words)) : html`<div class="wait-acts">${actsView(group, state, { ask, join, close })}</div>`}</li>`;
}

/** What I may do about a group, by what is between us now. @param {Found} group @param {State} state @param {Parameters<typeof rowView>[3]} acts */
function actsView(group, state, { ask, join, close }) {
  const spoken = (/** @type {string} */ label) => `${label}: ${group.name}`;
  if (state.conversations.has(group.id)) return small(gettext("Open"), () => { close(); navigate(`/c/${group.id}/`); }, "", spoken(gettext("Open")));
  const request = state.joining.asked.find((entry) => entry.conversation === group.id);
  if (request) {
    return html`<span class="wait-state">${icon("clock")}${gettext("Asked")}</span>${small(gettext("Withdraw"), () => run("request.withdraw", { request: request.id }), "", spoken(gettext("Withdraw")))}`;
  }
  const invitation = state.joining.invitations.find((entry) => entry.conversation === group.id);
  if (invitation) {
    return html`<span class="wait-state">${icon("mail")}${gettext("You are invited")}</span>${small(gettext("Accept"), async () => { if (await answerInvitation(invitation, true)) close(); }, "button-primary", spoken(gettext("Accept")))}`;
  }
  if (group.join_policy === "open") return small(gettext("Join"), () => join(group), "button-primary", spoken(gettext("Join")));
  if (group.join_policy === "request") return small(gettext("Ask to join"), () => ask(group.id), "button-primary", spoken(gettext("Ask to join")));
  return html`<span class="wait-state">${icon("lock")}${gettext("By invitation")}</span>`;
}

/** @param {Found} group @param {() => void} cancel @param {(words: string) => unknown} send */
function askForm(group, cancel, send) {
  const id = `words-${group.id}`;
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    send(/** @type {HTMLInputElement} */ (/** @type {HTMLElement} */ (event.currentTarget).querySelector("input")).value.trim());
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && isComposing(event)) event.preventDefault();
    if (event.key !== "Escape" || isComposing(event)) return;
    event.preventDefault();
    event.stopPropagation();
    cancel();
  };
  return html`<form class="wait-form" novalidate @submit=${submit} @keydown=${onKey}><div class="field"><label for=${id}>${gettext("A few words, if you like")}</label><input id=${id} maxlength=${WORDS_MAX} autocomplete="off"></div>
    <div class="actions">${small(gettext("Cancel"), cancel)}<button class="button small button-primary">${gettext("Ask to join")}</button></div></form>`;
}
