/**
 * The head of the open conversation, and the line that tells of a lost connection.
 * @import {Conversation, State} from "../types.js"
 */
import { html, nothing, signal } from "../vendor/ui.js";
import { byId, icon, mount, openDialog, presenceWord } from "../core/dom.js";
import { ago, gettext, interpolate, ngettext } from "../core/i18n.js";
import { titleOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { conversationAvatar } from "./sidebar.js";

const BANNER_MS = 4000;
/** Has the connection been away long enough to say so? */
const late = signal(false);

/** @param {Conversation} c @param {State} state */
function typingText(c, state) {
  const names = (state.typing.get(c.id) ?? []).map((t) => t.name);
  if (!names.length) return "";
  if (c.kind === "direct") return gettext("typing…");
  if (names.length === 1) return interpolate(gettext("%(name)s is typing…"), { name: names[0] });
  if (names.length === 2) return interpolate(gettext("%(first)s and %(second)s are typing…"), { first: names[0], second: names[1] });
  return gettext("Several people are typing…");
}

/** @param {Conversation} c @param {State} state */
function statusText(c, state) {
  if (c.kind !== "direct") return interpolate(ngettext("%(count)s member", "%(count)s members", c.members), { count: c.members });
  if (c.peer === state.me.id) return gettext("Notes and files for yourself");
  const person = state.people.get(c.peer ?? 0);
  if (!person) return "";
  if (person.presence === "offline" && person.last_seen) return interpolate(gettext("last seen %(when)s"), { when: ago(person.last_seen) });
  return [presenceWord(person.presence), person.status].filter(Boolean).join(" · ");
}

function headerView() {
  const c = store.open.value;
  if (!c) return nothing;
  const state = store.state.value;
  const typing = typingText(c, state);
  const group = c.kind !== "direct";
  return html`
    <a class="icon-button back" href="/" data-nav data-back aria-label=${gettext("Back to the list")}>${icon("arrow-left")}</a>
    ${conversationAvatar(c, state)}
    <div class="header-text"><h1>${titleOf(c, state)}</h1><p class=${typing ? "typing" : "muted"}>${typing || statusText(c, state)}</p></div>
    ${group ? html`<button class="icon-button" type="button" data-open="group" aria-label=${gettext("Members")} title=${gettext("Members")}>${icon("users")}</button>` : nothing}`;
}

function bannerView() {
  const { state } = store.socket.connection.value;
  if (!late.value || state === "live" || state === "displaced" || state === "ended") return nothing;
  return html`<div class="banner">${icon("wifi-off")}<span>${navigator.onLine ? gettext("Reconnecting…") : gettext("Offline")} ${
    gettext("Messages will be sent later.")}</span><button class="button-link" type="button" @click=${() => store.socket.wake()}>${gettext("Try now")}</button></div>`;
}

/** Somebody signed in elsewhere: this page stays behind a dialog and does not come back by itself. */
function showDisplaced() {
  openDialog(gettext("Signed in elsewhere"), () => html`
    <p class="dialog-text">${gettext("Your account was signed in on another device or browser, so this page has been disconnected. If that was not you, change your password.")}</p>
    <div class="dialog-foot actions"><a class="button button-primary" href="/accounts/login/?next=${encodeURIComponent(location.pathname)}">${gettext("Sign in here again")}</a></div>`,
  { closable: false });
}

/** Starts the header and the banner. */
export function startHeader() {
  mount(byId("header"), () => {
    byId("header").hidden = !store.open.value;
    return headerView();
  });
  mount(byId("banner"), bannerView);
  /** @type {any} */
  let timer;
  let told = false;
  store.socket.connection.subscribe(({ state, since }) => {
    clearTimeout(timer);
    if (state === "live") late.value = false;
    else if (!late.value) timer = setTimeout(() => { late.value = true; }, Math.max(0, since + BANNER_MS - Date.now()));
    if (state === "displaced" && !told) {
      told = true;
      showDisplaced();
    }
  });
}
