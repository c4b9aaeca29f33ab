/**
 * What waits about groups: who asks to be let in, where I am invited, what became of what I asked. A row above the list, and its dialog. Loaded when first needed.
 * @import {Invitation, JoinRequest, State, Told} from "../types.js"
 * @import {Dialog} from "../core/dom.js"
 */
import { effect, html, nothing, repeat, signal } from "../vendor/ui.js";
import { avatar, byId, icon, isComposing, lazy, mount, navigate, openDialog, tellError, toast } from "../core/dom.js";
import { figure, fullTime, gettext, interpolate, joinNames, listTime, ngettext } from "../core/i18n.js";
import { nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import "./groupstyle.js";

const WORDS_MAX = 200;
const ARRIVAL_MS = 10_000;
/** The request that is being refused: its reason is asked for. @type {import("../vendor/ui.js").Signal<number | null>} */
const refusing = signal(null);
/** Commands under way, so that a second press does nothing. @type {Set<string>} */
const busy = new Set();

/** @param {string} command @param {object} data @returns {Promise<any>} what the server answers, or null where it refused */
export async function run(command, data) {
  const key = command + JSON.stringify(data);
  if (busy.has(key)) return null;
  busy.add(key);
  try {
    return await store.socket.request(command, data) ?? {};
  } catch (error) {
    tellError(error);
    return null;
  } finally {
    busy.delete(key);
  }
}

/** Shows a conversation as soon as the server has told of it. @param {number} id */
export function goTo(id) {
  let stop = () => {};
  const timer = setTimeout(() => stop(), ARRIVAL_MS);
  stop = effect(() => {
    if (!store.state.value.conversations.has(id)) return;
    clearTimeout(timer);
    queueMicrotask(() => { stop(); navigate(`/c/${id}/`); });
  });
}

/** Draws a dialog again whenever the state changes. @param {Dialog} self */
export function follow(self) {
  const stop = effect(() => {
    store.state.value;
    refusing.value;
    self.redraw();
  });
  self.element.addEventListener("close", () => { stop(); refusing.value = null; });
}

/** @param {string} label @param {() => unknown} act @param {string} [look] @param {string} [spoken] with whom or what it deals */
export const small = (label, act, look = "", spoken = label) => html`<button class="button small ${look}" type="button" aria-label=${spoken} @click=${act}>${label}</button>`;

/** Somebody who wants to join, with the answers. @param {JoinRequest} request @param {State} state @param {boolean} [grouped] says which group */
export function requestView(request, state, grouped = false) {
  const name = nameOf(request.user, state.people);
  const group = grouped ? state.conversations.get(request.conversation)?.name : "";
  const answer = (/** @type {boolean} */ accept, reason = "") => run("request.answer", { request: request.id, accept, ...(reason ? { reason } : {}) });
  const refuse = (/** @type {Event} */ event) => {
    const row = /** @type {HTMLElement} */ (event.currentTarget).closest("li"); // drawing takes the button away
    refusing.value = request.id;
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (row?.querySelector("input"))?.focus());
  };
  return html`<li class="wait">${avatar(request.user, name, { picture: state.people.get(request.user)?.avatar })}
    <div class="wait-text"><b dir="auto">${name}</b>${group ? html`<span class="muted">${interpolate(gettext("wants to join %(group)s"), { group })}</span>` : nothing}
      ${request.words ? html`<q dir="auto">${request.words}</q>` : nothing}<time class="muted" datetime=${request.at} title=${fullTime(request.at)}>${listTime(request.at)}</time></div>
    ${refusing.value === request.id ? refuseForm(request, answer) : html`<div class="wait-acts">${small(gettext("Decline"), /** @type {any} */ (refuse), "", `${gettext("Decline")}: ${name}`)}${
      small(gettext("Accept"), () => answer(true), "button-primary", `${gettext("Accept")}: ${name}`)}</div>`}</li>`;
}

/** @param {JoinRequest} request @param {(accept: boolean, reason: string) => Promise<any>} answer */
function refuseForm(request, answer) {
  const id = `reason-${request.id}`;
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (/** @type {HTMLElement} */ (event.currentTarget).querySelector("input"));
    if (await answer(false, field.value.trim())) refusing.value = null;
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && isComposing(event)) event.preventDefault();
    if (event.key !== "Escape" || isComposing(event)) return;
    event.preventDefault();
    event.stopPropagation();
    refusing.value = null;
  };
  return html`<form class="wait-form" novalidate @submit=${submit} @keydown=${onKey}><div class="field"><label for=${id}>${gettext("Reason, if you like")}</label><input id=${id} maxlength=${WORDS_MAX} autocomplete="off"></div>
    <div class="actions">${small(gettext("Cancel"), () => { refusing.value = null; })}<button class="button small button-danger">${gettext("Decline")}</button></div></form>`;
}

/** A group, drawn as where I am invited or where I ask. @param {{conversation: number, name: string}} group @param {unknown} text @param {unknown} acts */
const groupRow = (group, text, acts) => html`<li class="wait">${avatar(group.conversation, group.name)}<div class="wait-text"><b dir="auto">${group.name}</b>${text}</div><div class="wait-acts">${acts}</div></li>`;

/** @param {Invitation} invitation @param {boolean} accept */
export async function answerInvitation({ id, conversation }, accept) {
  const done = await run("invitation.answer", { invitation: id, accept });
  if (done && accept) goTo(conversation);
  return done !== null;
}

/** @param {Invitation} invitation @param {State} state @param {() => void} done */
function invitationView(invitation, state, done) {
  const members = interpolate(ngettext("%(count)s member", "%(count)s members", invitation.members), { count: figure(invitation.members) });
  const by = interpolate(gettext("%(name)s invites you"), { name: nameOf(invitation.inviter, state.people) });
  const name = invitation.name;
  return groupRow(invitation, html`<span>${by}</span><span class="muted">${members} · ${listTime(invitation.at)}</span>`, html`${small(gettext("Decline"), () => answerInvitation(invitation, false), "", `${gettext("Decline")}: ${name}`)}${
    small(gettext("Accept"), async () => { if (await answerInvitation(invitation, true)) done(); }, "button-primary", `${gettext("Accept")}: ${name}`)}`);
}

/** What an answer says. @param {Told} told @param {State} state */
export function toldText({ kind, name: group, accepted, user }, state) {
  const values = { group, name: nameOf(user, state.people) };
  if (kind === "request") return interpolate(accepted ? gettext("You are now in %(group)s.") : gettext("You were not let into %(group)s."), values);
  return interpolate(accepted ? gettext("%(name)s has joined %(group)s.") : gettext("%(name)s does not want to join %(group)s."), values);
}

/** @param {Told} told @param {State} state @param {() => void} done */
function toldView(told, state, done) {
  const dismiss = () => run("joining.dismiss", { kind: told.kind, id: told.id });
  const open = () => { dismiss(); done(); navigate(`/c/${told.conversation}/`); };
  const mine = told.kind === "request" && told.accepted && state.conversations.has(told.conversation);
  const text = toldText(told, state);
  return html`<li class="wait">${told.kind === "request" ? avatar(told.conversation, told.name) : avatar(told.user ?? 0, nameOf(told.user, state.people), { picture: state.people.get(told.user ?? 0)?.avatar })}
    <div class="wait-text"><span>${text}</span>${told.reason ? html`<q dir="auto">${told.reason}</q>` : nothing}<time class="muted" datetime=${told.at} title=${fullTime(told.at)}>${listTime(told.at)}</time></div>
    <div class="wait-acts">${mine ? small(gettext("Open"), open, "", `${gettext("Open")}: ${told.name}`) : nothing}${small(gettext("OK"), dismiss, "button-primary", `${gettext("OK")}: ${text}`)}</div></li>`;
}

/** All that waits. */
export function openWaiting() {
  const self = openDialog(gettext("Requests and invitations"), (dialog) => {
    const state = store.state.value;
    const { requests, invitations, asked, told } = state.joining;
    const part = (/** @type {string} */ title, /** @type {any[]} */ list, /** @type {(entry: any) => unknown} */ row) => (list.length
      ? html`<section class="waits"><h3>${title} <span class="muted">${figure(list.length)}</span></h3><ul>${repeat(list, (entry) => `${entry.kind ?? ""}${entry.id}`, row)}</ul></section>` : nothing);
    const find = () => { dialog.close(); lazy(import("./discover.js")).then((module) => module?.openGroups()); };
    return html`<div class="dialog-body">
      ${part(gettext("Invitations to you"), invitations, (entry) => invitationView(entry, state, dialog.close))}
      ${part(gettext("They want to join"), requests, (entry) => requestView(entry, state, true))}
      ${part(gettext("Answers"), told, (entry) => toldView(entry, state, dialog.close))}
      ${part(gettext("You asked"), asked, (entry) => groupRow(entry, html`${entry.words ? html`<q dir="auto">${entry.words}</q>` : nothing}<span class="muted">${gettext("Waiting for an answer")} · ${listTime(entry.at)}</span>`,
        small(gettext("Withdraw"), () => run("request.withdraw", { request: entry.id }), "", `${gettext("Withdraw")}: ${entry.name}`)))}
      ${requests.length + invitations.length + asked.length + told.length ? nothing
        : html`<div class="notice" role="status"><span class="notice-icon">${icon("inbox")}</span><p>${gettext("Nothing waits for you.")}</p><button class="button" type="button" @click=${find}>${icon("compass")}${gettext("Find groups")}</button></div>`}</div>`;
  }, { kind: "waits-dialog" });
  follow(self);
  self.element.addEventListener("close", () => { if (document.activeElement === document.body) toList(); }); // the row that opened it is gone
}

/** Where the focus goes when the row goes. */
const toList = () => /** @type {HTMLElement | null} */ (document.querySelector("#conversations [tabindex='0']"))?.focus();

/** What the row says: one thing in full, several by their kinds. @param {State} state */
function rowText(state) {
  const { requests, invitations, told } = state.joining;
  const counted = (/** @type {string} */ text, /** @type {any[]} */ list) => (list.length ? [interpolate(text, { count: figure(list.length) })] : []);
  if (requests.length + invitations.length + told.length > 1) {
    return joinNames([
      ...counted(ngettext("%(count)s invitation", "%(count)s invitations", invitations.length), invitations),
      ...counted(ngettext("%(count)s join request", "%(count)s join requests", requests.length), requests),
      ...counted(ngettext("%(count)s answer", "%(count)s answers", told.length), told),
    ]);
  }
  const [request] = requests;
  const [invitation] = invitations;
  if (request) return interpolate(gettext("%(name)s wants to join %(group)s."), { name: nameOf(request.user, state.people), group: state.conversations.get(request.conversation)?.name ?? "" });
  if (invitation) return interpolate(gettext("%(name)s invites you to %(group)s."), { name: nameOf(invitation.inviter, state.people), group: invitation.name });
  return toldText(told[0], state);
}

function rowView() {
  const state = store.state.value;
  const { requests, invitations, told } = state.joining;
  const count = requests.length + invitations.length + told.length;
  if (!count) {
    if (document.activeElement?.matches(".waiting")) queueMicrotask(toList);
    return nothing;
  }
  const text = rowText(state);
  return html`<button class="waiting" type="button" aria-haspopup="dialog" @click=${openWaiting}>${icon("inbox")}<span class="waiting-text" dir="auto" title=${text}>${text}</span><span class="badge" aria-hidden="true">${figure(count)}</span></button>`;
}

/** Tells of what has come since. @param {State["joining"]} before @param {State} state */
function tellNews(before, state) {
  const fresh = (/** @type {"requests" | "invitations" | "told"} */ key) => /** @type {any[]} */ (state.joining[key]).filter((entry) => !before[key].some((old) => old.id === entry.id && (/** @type {any} */ (old).kind ?? "") === (entry.kind ?? "")));
  for (const { user, conversation } of fresh("requests")) toast(interpolate(gettext("%(name)s wants to join %(group)s."), { name: nameOf(user, state.people), group: state.conversations.get(conversation)?.name ?? "" }));
  for (const { inviter, name } of fresh("invitations")) toast(interpolate(gettext("%(name)s invites you to %(group)s."), { name: nameOf(inviter, state.people), group: name }));
  for (const entry of fresh("told")) toast(toldText(entry, state));
}

let started = false;

/** Shows the row above the list. @param {State["joining"]} before what is known already, and needs no words */
export function start(before) {
  if (started) return;
  started = true;
  const place = document.createElement("div");
  byId("conversations").before(place);
  mount(place, rowView);
  let known = before;
  effect(() => {
    const state = store.state.value;
    if (state.joining === known) return;
    tellNews(known, state);
    known = state.joining;
  });
}
