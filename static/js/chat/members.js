/**
 * The members of a group: the list, and what may be done with each of them.
 * @import {Conversation, Member, Person, State} from "../types.js"
 */
import { effect, guard, html, nothing, repeat, signal } from "../vendor/ui.js";
import { ask, avatar, icon, lazy, openDialog, personStatus, tellError, toast } from "../core/dom.js";
import { compareNames, figure, folded, gettext, interpolate, joinNames, span } from "../core/i18n.js";
import { moveFocus, popMenu } from "../core/menu.js";
import * as store from "../core/store.js";
import { rosters } from "./header.js";
import { openBy, peoplePicker } from "./people.js";
import { failed, offered, read } from "./roster.js";

const RANK = { master: 0, manager: 1, member: 2 };
/** From this many on there is a field for finding one. */
const MANY = 12;
const query = signal("");
/** The order on the screen, kept while somebody points at the list. @type {number[]} */
let order = [];

effect(() => {
  store.openId.value;
  query.value = "";
  order = [];
});

/** What a role is called. @param {string} role */
export const roleWord = (role) => ({ master: gettext("Group owner"), manager: gettext("Manager") })[role] ?? "";

/** May I remove this member? @param {Conversation} c @param {Member} member */
const canRemove = (c, member) => c.kind === "group" && (c.role === "master" ? member.role !== "master" : c.role === "manager" && member.role === "member");

/** May I mute this member? In Everyone its managers do. @param {Conversation} c @param {Member} member */
const canMute = (c, member) => canRemove(c, member) || (c.kind === "everyone" && c.role === "manager" && member.role === "member");

/** Owner, managers, members; those who are here first. @param {Member[]} members @param {(m: Member) => boolean} here */
export const sorted = (members, here) => members.toSorted((a, b) =>
  RANK[a.role] - RANK[b.role] || Number(here(b)) - Number(here(a)) || compareNames(a.name, b.name));

/** A command of the group. @param {Conversation} c @param {string} command @param {object} [data] @returns {Promise<boolean>} */
export async function run(c, command, data = {}) {
  try {
    await store.socket.request(command, { conversation: c.id, ...data });
    return true;
  } catch (error) {
    tellError(error);
    return false;
  }
}

/** Gives a group another name; answers what is wrong with it. @param {Conversation} c @param {string} name @returns {Promise<string>} */
export async function rename(c, name) {
  if (!name) return gettext("Give the group a name.");
  if (name === c.name) return "";
  try {
    await store.socket.request("group.rename", { conversation: c.id, name });
    return "";
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return error.code === "offline" ? gettext("No connection. Please try again in a moment.") : error.message;
  }
}

/** @param {Conversation} c @param {Member} m */
async function remove(c, m) {
  const text = interpolate(gettext("%(name)s will no longer see this group."), { name: m.name });
  if (await ask(gettext("Remove from the group?"), text, gettext("Remove"))) await run(c, "group.remove", { user: m.id });
}

/** @param {Conversation} c @param {Member} m */
async function handOver(c, m) {
  const text = interpolate(gettext("%(name)s becomes the owner of this group, and you a manager. Only %(name)s can undo this."), { name: m.name });
  if (await ask(gettext("Hand the group over?"), text, gettext("Hand over"), "button-primary")) await run(c, "group.role", { user: m.id, role: "master" });
}

/** Minutes that somebody may be muted for. */
const MUTES = [5, 60, 1440, 43_200];
/** Moves what counts the time that is left. */
const minute = signal(0);
setInterval(() => { minute.value++; }, 30_000);

/** Seconds that a mute has left. @param {Member} m */
const mutedFor = (m) => (m.muted_until ? Math.max(0, (Date.parse(m.muted_until) - store.now()) / 1000) : 0);

/** Asks for how long. @param {Conversation} c @param {Member} m @param {HTMLElement} anchor */
function chooseMute(c, m, anchor) {
  popMenu(anchor, interpolate(gettext("Mute %(name)s"), { name: m.name }), MUTES.map((minutes) => ({
    icon: "timer", label: span(minutes * 60), act: () => { run(c, "group.mute", { user: m.id, minutes }); },
  })));
}

/** What may be done with a member. @param {Conversation} c @param {Member} m @param {HTMLElement} anchor @returns {import("../core/menu.js").Action[]} */
function actions(c, m, anchor) {
  const list = [{ icon: "message-circle", label: gettext("Write a message"), act: () => { openBy("direct.open", { user: m.id }); }, danger: false },
    { icon: "user", label: gettext("Profile"), act: () => { lazy(import("./person.js")).then((module) => module?.openPerson(m.id)); }, danger: false }];
  if (c.kind === "group" && c.role === "master") {
    const up = m.role === "member";
    const role = up ? "manager" : "member";
    list.push({ icon: up ? "shield" : "user", label: up ? gettext("Make manager") : gettext("Make ordinary member"), act: () => { run(c, "group.role", { user: m.id, role }); }, danger: false });
    list.push({ icon: "crown", label: gettext("Hand the group over"), act: () => handOver(c, m), danger: false });
  }
  if (canMute(c, m)) {
    const muted = mutedFor(m) > 0;
    if (muted) list.push({ icon: "volume-2", label: gettext("Let write again"), act: () => { run(c, "group.mute", { user: m.id, minutes: 0 }); }, danger: false });
    list.push({ icon: "mic-off", label: muted ? gettext("Mute for another time") : gettext("Mute this member"), act: () => chooseMute(c, m, anchor), danger: false });
  }
  if (canRemove(c, m)) list.push({ icon: "user-minus", label: gettext("Remove from the group"), act: () => remove(c, m), danger: true });
  return list;
}

/** @param {Conversation} c @param {Member} m @param {Person | undefined} person @param {boolean} me */
function memberView(c, m, person, me) {
  const left = mutedFor(m);
  const looking = (person?.presence ?? "offline") !== "offline" && store.state.value.here.get(c.id)?.includes(m.id);
  const content = html`${avatar(m.id, m.name, { presence: me ? "online" : person?.presence, picture: person?.avatar })}
    <span class="person-text"><b dir="auto">${m.name}${me ? html` <span class="muted">(${gettext("you")})</span>` : nothing}</b>
      <span class="muted">${left ? html`<span class="muted-left">${icon("mic-off")}${interpolate(gettext("Muted for %(time)s"), { time: span(left) })}</span>` : me ? `@${m.username}` : person ? [personStatus(person), looking ? gettext("in this chat now") : ""].filter(Boolean).join(" · ") : nothing}</span></span>
    ${m.role === "member" ? nothing : html`<span class="role ${m.role}">${roleWord(m.role)}</span>`}`;
  if (me) return html`<li class="person">${content}</li>`;
  const show = (/** @type {MouseEvent} */ event) => {
    event.preventDefault();
    const anchor = /** @type {HTMLElement} */ (event.currentTarget);
    popMenu(anchor, m.name, actions(c, m, anchor), event);
  };
  return html`<li><button class="person" type="button" aria-haspopup="menu" aria-expanded="false" @click=${show} @contextmenu=${show}>${content}${icon("ellipsis-vertical")}</button></li>`;
}

/** The members in their order; it stays while the list has the pointer or the focus. @param {Member[]} members @param {State} state */
function arranged(members, state) {
  const fresh = sorted(members, (m) => m.id === state.me.id || (state.people.get(m.id)?.presence ?? "offline") !== "offline");
  const same = order.length === fresh.length && fresh.every((m) => order.includes(m.id));
  const byRole = same && order.map((id) => fresh.find((m) => m.id === id)?.role);
  const held = same && byRole && fresh.every((m, at) => byRole[at] === m.role) && document.querySelector(".members")?.matches(":hover, :focus-within");
  if (!held) {
    order = fresh.map((m) => m.id);
    return fresh;
  }
  const known = new Map(fresh.map((m) => [m.id, m]));
  return order.map((id) => /** @type {Member} */ (known.get(id)));
}

/** @param {Conversation} c @param {Member[]} members @param {State} state */
function listView(c, members, state) {
  const wanted = members.length > MANY ? folded(query.value.trim()) : "";
  const shown = arranged(members, state).filter((m) => !wanted || folded(`${m.name} ${m.username}`).includes(wanted));
  const onKey = (/** @type {KeyboardEvent} */ event) => moveFocus(event, [.../** @type {HTMLElement} */ (event.currentTarget).querySelectorAll("button")]);
  if (!shown.length) return html`<p class="notice">${gettext("Nobody found")}</p>`;
  return html`<ul class="members" @keydown=${onKey}>${repeat(shown, (m) => m.id, (m) => guard([m, state.people.get(m.id), c.role, m.muted_until ? minute.value : 0], () => memberView(c, m, state.people.get(m.id), m.id === state.me.id)))}</ul>`;
}

/** Members of a group or of Everyone. @param {Conversation} c */
export function membersView(c) {
  const state = store.state.value;
  const members = rosters.value.get(c.id);
  const again = () => { failed.value = new Set(); read(c.id); };
  return html`<section class="info-card" aria-label=${gettext("Members")} aria-busy=${members === undefined}>
    <h3>${gettext("Members")} <span class="muted">${figure(members?.length ?? c.members)}</span></h3>
    ${members && members.length > MANY ? html`<div class="search">${icon("search")}<input type="search" autocomplete="off" placeholder=${gettext("Find people")} aria-label=${gettext("Find a member")}
      @input=${(/** @type {Event} */ event) => { query.value = /** @type {HTMLInputElement} */ (event.target).value; }}></div>` : nothing}
    ${c.kind === "group" && members && mayInvite(c) ? html`<button class="person add" type="button" @click=${() => openAdd(c, members)}><span class="avatar" aria-hidden="true">${icon("user-plus")}</span><b>${
      c.role === "member" ? gettext("Invite people") : gettext("Add people")}</b></button>` : nothing}
    ${c.kind === "group" && c.role !== "member" ? html`<button class="person add" type="button" @click=${() => lazy(import("./invite.js")).then((module) => module?.openInvites(c))}><span class="avatar" aria-hidden="true">${icon("link")}</span><b>${gettext("Invite link")}</b></button>` : nothing}
    ${members ? guard([members, state.people, query.value, c.role, minute.value], () => listView(c, members, state))
      : failed.value.has(c.id) ? html`<div class="notice"><p>${gettext("The members could not be read.")}</p><button class="button" type="button" @click=${again}>${gettext("Try again")}</button></div>`
        : html`<div class="people-skeleton" aria-hidden="true"><i></i><i></i><i></i><i></i></div>`}
  </section>`;
}

/** May I ask somebody to join? @param {Conversation} c */
const mayInvite = (c) => c.kind === "group" && (c.role !== "member" || c.members_invite);

/** What became of those who were chosen. @param {number[]} joined @param {number[]} invited @param {Map<number, Person>} chosen */
function takenText(joined, invited, chosen) {
  const names = (/** @type {number[]} */ ids) => joinNames(ids.map((id) => chosen.get(id)?.name ?? ""));
  const say = (/** @type {number[]} */ ids, /** @type {string} */ one, /** @type {string} */ many) => (ids.length > 3 ? [many] : ids.length ? [interpolate(one, { name: names(ids) })] : []);
  return [...say(joined, gettext("%(name)s was added."), gettext("They were added.")), ...say(invited, gettext("%(name)s was invited."), gettext("They were invited."))].join(" ");
}

/** Managers put people in or invite them; members invite. @param {Conversation} c @param {Member[]} members */
function openAdd(c, members) {
  /** @type {ReturnType<typeof peoplePicker>} */
  let picker;
  let busy = false;
  const manages = c.role !== "member";
  openDialog(manages ? gettext("Add people") : gettext("Invite people"), (self) => {
    picker ??= peoplePicker(self, new Set(members.map((m) => m.id)));
    const take = async (/** @type {string} */ command) => {
      if (busy || !picker.chosen.size) return;
      busy = true;
      try {
        const { joined = [], invited = [] } = await store.socket.request(command, { conversation: c.id, users: [...picker.chosen.keys()] });
        self.close();
        const text = takenText(joined, invited, picker.chosen);
        if (text) toast(text);
        offered.value++;
      } catch (error) {
        tellError(error);
      }
      busy = false;
    };
    const submit = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      take(manages ? "group.add" : "group.invite");
    };
    return html`<form class="dialog-form" novalidate @submit=${submit}>${picker.view()}
      <div class="dialog-foot actions"><button class="button" type="button" @click=${self.close}>${gettext("Cancel")}</button>
      ${manages ? html`<button class="button" type="button" ?disabled=${!picker.chosen.size} @click=${() => take("group.invite")}>${gettext("Invite")}</button>` : nothing}
      <button class="button button-primary" ?disabled=${!picker.chosen.size}>${manages ? gettext("Add") : gettext("Invite")}</button></div></form>`;
  }, { kind: "tall" });
}
