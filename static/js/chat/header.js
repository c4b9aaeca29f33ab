/**
 * The head of the open conversation, and the line that tells of a lost connection.
 * @import {Conversation, State} from "../types.js"
 */
import { effect, html, nothing, signal } from "../vendor/ui.js";
import { avatar, byId, icon, lazy, mount, needed, painted, personStatus } from "../core/dom.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { hasTables, titleOf } from "../core/rows.js";
import * as store from "../core/store.js";

const BANNER_MS = 4000;
/** Members are read for the head alone up to this size. */
const COUNTED = 500;
/** Where the panel stands beside the conversation, and where it covers all. */
export const wide = matchMedia("(width >= 68.75rem)");
export const phone = matchMedia("(width < 43.75rem)");
/** The panel of the open conversation is shown. */
export const panelOpen = signal(false);
/** Members of the conversations whose members were read. @type {import("../vendor/ui.js").Signal<Map<number, import("../types.js").Member[]>>} */
export const rosters = signal(new Map());
/** Who has just left the conversation, for a moment. */
export const leaving = signal("");
export const REMEMBERED = "chatroom.info";

/** Has the connection been away long enough to say so? */
const late = signal(false);
/** Moves what counts seconds or minutes. */
const tick = signal(0);

/** The picture of a conversation. @param {Conversation} c @param {State} state @param {string} [size] */
export function conversationAvatar(c, state, size) {
  if (c.kind === "everyone") return avatar(5, "", { icon: "megaphone" });
  if (c.kind === "group") return avatar(c.id, c.name, { picture: c.avatar, size });
  if (c.peer === state.me.id) return avatar(0, "", { icon: "bookmark" });
  const person = state.people.get(c.peer ?? 0);
  return avatar(c.peer ?? 0, titleOf(c, state), { presence: person?.presence, picture: person?.avatar, size });
}

/** @param {Conversation} c @param {State} state */
function typingText(c, state) {
  const names = (state.typing.get(c.id) ?? []).map((t) => t.name);
  if (!names.length) return "";
  if (c.kind === "direct") return gettext("typing…");
  if (names.length === 1) return interpolate(gettext("%(name)s is typing…"), { name: names[0] });
  if (names.length === 2) return interpolate(gettext("%(first)s and %(second)s are typing…"), { first: names[0], second: names[1] });
  return gettext("Several people are typing…");
}

/** How many of a group are here; presence of Everyone is not told as it changes. @param {Conversation} c @param {State} state */
function countHere(c, state) {
  if (c.kind !== "group" || c.members < 2) return 0;
  return (rosters.value.get(c.id) ?? []).filter((m) => m.id === state.me.id || (state.people.get(m.id)?.presence ?? "offline") !== "offline").length;
}

/** What stands under the name of a conversation. @param {Conversation} c @param {State} state */
export function statusText(c, state) {
  if (c.kind === "direct") {
    if (c.peer === state.me.id) return gettext("Notes and files for yourself");
    const person = state.people.get(c.peer ?? 0);
    if (!person) return "";
    const looking = person.presence !== "offline" && state.here.get(c.id)?.includes(person.id);
    return looking ? `${personStatus(person)} · ${gettext("in this chat now")}` : personStatus(person);
  }
  const members = interpolate(ngettext("%(count)s member", "%(count)s members", c.members), { count: figure(c.members) });
  const here = countHere(c, state);
  const looking = (state.here.get(c.id) ?? []).filter((id) => id !== state.me.id).length;
  const online = here ? interpolate(ngettext("%(count)s online", "%(count)s online", here), { count: figure(here) }) : "";
  return [members, online, looking ? interpolate(ngettext("%(count)s here now", "%(count)s here now", looking), { count: figure(looking) }) : ""].filter(Boolean).join(" · ");
}

/** Shows or hides the panel of the open conversation. */
function togglePanel() {
  lazy(import("./info.js")).then((module) => module?.toggle());
}

function headerView() {
  const c = store.open.value;
  if (!c) return nothing;
  const state = store.state.value;
  const typing = typingText(c, state);
  const label = gettext("Conversation info");
  const search = gettext("Search in this conversation");
  return html`
    <a class="icon-button back" href="/" data-nav data-back aria-label=${gettext("Back to the list")}>${icon("arrow-left")}</a>
    <div class="header-main" @click=${() => { if (!panelOpen.value) togglePanel(); }}>${conversationAvatar(c, state)}
      <div class="header-text"><h1>${titleOf(c, state)}</h1><p class=${typing ? "typing" : "muted"}>${typing
        ? html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${typing}` : leaving.value || statusText(c, state)}</p></div></div>
    ${hasTables(c, state) ? html`<button class="icon-button tables-button" type="button" data-open="tables" aria-label=${gettext("Play Tiến Lên")} title=${gettext("Play Tiến Lên")}>${icon("spade")}</button>` : nothing}
    <button class="icon-button search-button" type="button" data-open="search" aria-label=${search} title=${search} aria-keyshortcuts="Control+Shift+F">${icon("search")}</button>
    <button class="icon-button info-button" type="button" aria-label=${label} title=${label} aria-controls="info" aria-expanded=${panelOpen.value}
      @click=${togglePanel}>${icon("panel-right")}</button>`;
}

/** The seconds until the next try are for the eye only: a screen reader would read every one of them. */
function bannerView() {
  const { state, retryAt } = store.socket.connection.value;
  if (!late.value || state === "live" || state === "displaced" || state === "ended") return nothing;
  const seconds = Math.ceil((retryAt - Date.now()) / 1000) + 0 * tick.value;
  const text = navigator.onLine ? gettext("Reconnecting…") : `${gettext("You are offline.")} ${gettext("Messages will be sent later.")}`;
  const wait = navigator.onLine && state === "waiting" && seconds > 0;
  return html`<div class="banner">${icon(navigator.onLine ? "refresh-cw" : "wifi-off")}<span>${text}</span>${
    wait ? html`<span class="banner-wait" aria-hidden="true">${interpolate(gettext("%(count)s s"), { count: figure(seconds) })}</span>` : nothing}
    <button class="button-link" type="button" @click=${() => store.socket.wake()}>${gettext("Retry now")}</button></div>`;
}

/** Reads members in the background, and opens the panel where it was left open. */
function startPanel() {
  /** @param {Conversation} c */
  const wanted = (c) => c.kind === "group" && c.members <= COUNTED;
  const stop = store.open.subscribe((c) => {
    if (!c || !wanted(c)) return;
    queueMicrotask(() => stop());
    setTimeout(() => needed(() => import("./roster.js")).then(({ watch }) => watch(wanted)));
  });
  const beside = wide.matches && localStorage.getItem(REMEMBERED) !== null;
  if (!beside && !(phone.matches && history.state?.info)) return;
  panelOpen.value = true;
  if (beside && byId("app").dataset.view === "chat") {
    byId("app").dataset.info = "beside"; // its place is there before its contents are
    byId("info").hidden = false;
  }
  setTimeout(() => needed(() => import("./info.js")));
}

/** What few conversations have, when the first of them has it: a notice, and what waits about groups. */
async function startGroups() {
  const { joining } = store.state.value;
  await painted();
  const later = (/** @type {() => boolean} */ wanted, /** @type {() => unknown} */ start) => {
    let started = false;
    effect(() => {
      if (started || !wanted()) return;
      started = true;
      start();
    });
  };
  later(() => !!store.open.value?.notice, () => needed(() => import("./notice.js")).then(({ start }) => start()));
  later(() => Object.values(store.state.value.joining).some((list) => list.length), () => needed(() => import("./joining.js")).then(({ start }) => start(joining)));
}

/** Starts the header and the banner. */
export function start() {
  mount(byId("header"), () => {
    byId("header").hidden = !store.open.value;
    return headerView();
  });
  mount(byId("banner"), () => {
    const view = bannerView();
    byId("toasts").classList.toggle("lower", view !== nothing); // with :has() in its place each new row would cost the style of the whole page
    return view;
  });
  setInterval(() => { if (late.value) tick.value++; }, 1000);
  byId("menu").addEventListener("beforetoggle", () => needed(() => import("./account.js")), { once: true });
  /** @type {any} */
  let timer;
  let told = false;
  store.socket.connection.subscribe(({ state, since }) => {
    clearTimeout(timer);
    if (state === "live") late.value = false;
    else if (!late.value) timer = setTimeout(() => { late.value = true; }, Math.max(0, since + BANNER_MS - Date.now()));
    if (state === "displaced" && !told) {
      told = true;
      needed(() => import("./displaced.js"));
    }
  });
  startPanel();
  startGroups();
}
