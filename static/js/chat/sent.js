/**
 * Invitations into the open group that wait for an answer: all of them for who manages it, their own for others who may invite.
 * @import {State} from "../types.js"
 * @typedef {{id: number, user: number, name: string, inviter: number, at: string}} Sent
 */
import { effect, html, nothing, repeat, signal } from "../vendor/ui.js";
import { avatar, tellError } from "../core/dom.js";
import { figure, gettext, interpolate, listTime } from "../core/i18n.js";
import { nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { panelOpen } from "./header.js";
import { small } from "./joining.js";
import { offered } from "./roster.js";
import "./groupstyle.js";

/** @type {import("../vendor/ui.js").Signal<Sent[]>} */
const sent = signal([]);

/** @param {State} state */
export function sentView(state) {
  const withdraw = (/** @type {Sent} */ invitation) => store.socket.request("invitation.withdraw", { invitation: invitation.id }).catch(tellError).finally(readAgain);
  return !sent.value.length ? nothing : html`<section class="info-card"><h3>${gettext("Invited")} <span class="muted">${figure(sent.value.length)}</span></h3>
    <ul class="waits-list">${repeat(sent.value, (entry) => entry.id, (entry) => html`<li class="wait">${avatar(entry.user, entry.name, { picture: state.people.get(entry.user)?.avatar })}
      <div class="wait-text"><b dir="auto">${entry.name}</b><span class="muted">${interpolate(gettext("Invited by %(name)s"), { name: entry.inviter === state.me.id ? gettext("you") : nameOf(entry.inviter, state.people) })} · ${listTime(entry.at)}</span></div>
      <div class="wait-acts">${small(gettext("Withdraw"), () => withdraw(entry), "", `${gettext("Withdraw")}: ${entry.name}`)}</div></li>`)}</ul></section>`;
}

/** What they were last read for. */
let mark = "";
let shown = store.openId.value;
effect(() => {
  const c = store.open.value;
  const { state, since } = store.socket.connection.value;
  if (store.openId.value !== shown) {
    shown = store.openId.value;
    mark = "";
    sent.value = [];
  }
  if (c?.kind !== "group" || !panelOpen.value || state !== "live") return;
  if (c.role === "member" && !c.members_invite) {
    sent.value = [];
    return;
  }
  const now = JSON.stringify([c.id, c.role, c.members, since, store.state.value.joining.told, offered.value]);
  if (now === mark) return;
  mark = now;
  store.socket.request("invitation.list", { conversation: c.id }).then(({ invitations }) => { if (store.openId.value === c.id) sent.value = invitations; }, () => { sent.value = []; });
});

/** They may have changed without a word to me: they are read again. */
export const readAgain = () => { offered.value++; };
