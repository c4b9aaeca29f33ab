/**
 * The panel of the open conversation: beside it on wide windows, over it on others, the whole screen on phones. Loaded when first opened.
 * @import {Conversation, State} from "../types.js"
 */
import { effect, html, keyed, nothing, signal } from "../vendor/ui.js";
import { byId, icon, isComposing, keepHere, lazy, mount, tellError } from "../core/dom.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { hasTables, titleOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { historyView } from "./history.js";
import { levelView } from "./levels.js";
import { REMEMBERED, conversationAvatar, panelOpen, phone, statusText, wide } from "./header.js";
import { membersView, rename } from "./members.js";
import { blockView, relationView } from "./person.js";
import { watch } from "./roster.js";
import { readAgain, sentView } from "./sent.js";

const app = byId("app");
const panel = byId("info");
const scrim = document.createElement("div");
const mode = signal(modeNow());
/** The name is being changed. */
const renaming = signal(false);
const renameError = signal("");
/** A page of the panel: whom it is for, what it shows, what opens it. @typedef {{may: (c: Conversation) => boolean, title: (c: Conversation) => string, view: (c: Conversation, state: State) => unknown, opener: string}} Page */
/** The page that is shown in place of the panel's own: governing the group, or its files. @type {import("../vendor/ui.js").Signal<Page | null>} */
const page = signal(null);

/** @returns {"beside" | "over" | "full"} */
function modeNow() {
  if (wide.matches) return "beside";
  return phone.matches ? "full" : "over";
}

/** Opens or closes the panel, as its button does. */
export function toggle() {
  if (panelOpen.value) close();
  else open();
}

function open() {
  panelOpen.value = true;
  if (mode.value === "beside") keepHere(REMEMBERED, "1");
  if (mode.value === "full") history.pushState({ inside: true, info: true }, "", location.href);
  panel.focus();
}

/** Opens the page for governing the group. @param {string} [field] where the focus goes */
export async function openGovern(field) {
  const module = await lazy(import("./govern.js"));
  if (!module || !module.mayGovern(store.open.value)) return;
  readAgain();
  show({ may: module.mayGovern, view: module.governView, opener: ".tile.govern-tile",
    title: (c) => (c.kind === "group" ? gettext("Manage the group") : gettext("Manage the conversation")) });
  const target = /** @type {HTMLElement | null} */ (field ? panel.querySelector(`#govern-${field}`) : panel.querySelector(".info-head button"));
  target?.focus();
}

/** Opens the page with the files. */
export async function openFiles() {
  const module = await lazy(import("./filespanel.js"));
  if (!module || !store.open.value) return;
  show({ may: () => true, view: module.filesView, title: () => gettext("Shared files"), opener: ".info-files" });
  /** @type {HTMLElement | null} */ (panel.querySelector(".info-head button"))?.focus();
}

/** @param {Page} next */
function show(next) {
  if (!panelOpen.value) open();
  if (!page.value && mode.value === "full") history.pushState({ inside: true, info: true, page: true }, "", location.href);
  page.value = next;
  panel.querySelector(".info-body")?.scrollTo(0, 0);
}

function leavePage() {
  if (mode.value === "full" && history.state?.page) return history.back();
  const opener = page.value?.opener ?? "";
  page.value = null;
  /** @type {HTMLElement | null} */ (panel.querySelector(opener))?.focus();
}

function close() {
  if (mode.value === "full" && history.state?.info) history.back();
  else hide();
}

function hide() {
  const inside = panel.contains(document.activeElement) || mode.value !== "beside";
  panelOpen.value = false;
  page.value = null;
  if (mode.value === "beside") localStorage.removeItem(REMEMBERED);
  if (inside) /** @type {HTMLElement | null} */ (document.querySelector("#header .info-button"))?.focus();
}

/** @param {string} name @param {unknown} text @param {string} label */
const factView = (name, text, label) => html`<div class="info-fact">${icon(name)}<span class="person-text"><span class="info-value">${text}</span><span class="muted">${label}</span></span></div>`;

/** @param {Conversation} c @param {State} state */
function directView(c, state) {
  if (c.peer === state.me.id) return html`<p class="info-note muted">${gettext("Keep notes, links and texts here. Only you can see them, on every device where you sign in.")}</p>`;
  const person = state.people.get(c.peer ?? 0);
  if (!person) return nothing;
  return html`<div class="info-card">${factView("at-sign", `@${person.username}`, gettext("User name"))}
    ${person.status ? factView("smile", person.status, gettext("Status")) : nothing}</div>
    <div class="info-card"><div class="info-relation">${relationView(person.id, state)}</div>${blockView(person.id, state)}</div>`;
}

/** @param {Conversation} c */
function groupView(c) {
  return html`${c.notice ? html`<div class="info-card"><div class="info-fact top">${icon("megaphone")}<span class="person-text">
      <span class="info-value info-notice" dir="auto">${c.notice}</span><span class="muted">${gettext("Group notice")}</span></span></div>${
    c.notice_seq ? html`<button class="menu-item" type="button" @click=${() => lazy(import("./notice.js")).then((module) => module?.openNoticeReaders(c))}>${icon("check-check")}${gettext("Who has read it")}</button>` : nothing}</div>` : nothing}
    ${keyed(c.id, membersView(c))}
    ${c.role === "member" ? sentView(store.state.value) : nothing}
    ${c.kind === "group" ? html`<div class="info-card"><button class="menu-item danger" type="button" @click=${() => lazy(import("./leaving.js")).then((module) => module?.leave(c))}>${icon("log-out")}${gettext("Leave the group")}</button></div>` : nothing}`;
}

/** @param {Conversation} c @param {State} state */
function nameView(c, state) {
  const title = titleOf(c, state);
  const editable = c.kind === "group" && c.role !== "member";
  if (!editable || !renaming.value) {
    return html`<h3><span dir="auto">${title}</span>${editable ? html`<button class="icon-button" type="button" aria-label=${gettext("Rename the group")} title=${gettext("Rename the group")}
      @click=${() => { renaming.value = true; /** @type {HTMLElement | null} */ (panel.querySelector("#rename"))?.focus(); }}>${icon("pencil")}</button>` : nothing}</h3>`;
  }
  const stop = () => {
    renaming.value = false;
    renameError.value = "";
    /** @type {HTMLElement | null} */ (panel.querySelector("h3 .icon-button"))?.focus();
  };
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    renameError.value = await rename(c, /** @type {HTMLInputElement} */ (panel.querySelector("#rename")).value.trim());
    if (!renameError.value) stop();
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && isComposing(event)) event.preventDefault();
    if (event.key !== "Escape" || isComposing(event)) return;
    event.stopPropagation();
    stop();
  };
  return html`<form class="info-rename" novalidate @submit=${submit} @keydown=${onKey}><label class="visually-hidden" for="rename">${gettext("Name of the group")}</label>
    <input id="rename" maxlength="64" autocomplete="off" .defaultValue=${c.name} aria-invalid=${renameError.value ? "true" : nothing} aria-describedby="rename-error">
    <p class="error" id="rename-error" role="alert">${renameError.value}</p>
    <div class="actions"><button class="button" type="button" @click=${stop}>${gettext("Cancel")}</button><button class="button button-primary">${gettext("Save")}</button></div></form>`;
}

/** Quiet or not, pinned or not. @param {Conversation} c @param {State} state */
function tilesView(c, state) {
  const tile = (/** @type {string} */ name, /** @type {string} */ label, /** @type {string} */ command, /** @type {object} */ data) => html`<button class="tile" type="button"
    @click=${() => store.socket.request(command, { conversation: c.id, ...data }).catch(tellError)}>${icon(name)}<span>${label}</span></button>`;
  const waiting = state.joining.requests.filter((request) => request.conversation === c.id).length;
  const more = waiting ? interpolate(ngettext("%(count)s join request", "%(count)s join requests", waiting), { count: figure(waiting) }) : "";
  const manage = html`<button class="tile govern-tile" type="button" aria-label=${[gettext("Manage"), more].filter(Boolean).join(", ")} title=${more} @click=${() => openGovern()}>${icon("sliders-horizontal")}<span>${gettext("Manage")}</span>${
    waiting ? html`<span class="badge" aria-hidden="true">${figure(waiting)}</span>` : nothing}</button>`;
  const quiet = c.level === "none";
  return html`<div class="tiles">${c.peer === state.me.id ? nothing
    : tile(quiet ? "bell-off" : "bell", quiet ? gettext("Unmute") : gettext("Mute"), "conversation.level", { level: quiet ? "all" : "none" })}
    ${tile(c.pinned ? "pin-off" : "pin", c.pinned ? gettext("Unpin") : gettext("Pin"), "conversation.pin", { on: !c.pinned })}${c.kind !== "direct" && c.role !== "member" ? manage : nothing}</div>`;
}

function view() {
  const c = store.open.value;
  if (!c || !panelOpen.value) return nothing;
  const state = store.state.value;
  const shown = page.value?.may(c) ? page.value : null;
  const [name, label] = shown || mode.value === "full" ? ["arrow-left", gettext("Back")] : ["x", gettext("Close")];
  if (shown) {
    return html`<header class="info-head"><button class="icon-button" type="button" aria-label=${label} title=${label} @click=${leavePage}>${icon(name)}</button><h2>${
      shown.title(c)}</h2></header><div class="info-body">${shown.view(c, state)}</div>`;
  }
  return html`<header class="info-head"><button class="icon-button" type="button" aria-label=${label} title=${label} @click=${close}>${icon(name)}</button><h2>${gettext("Conversation info")}</h2></header>
    <div class="info-body">
      <div class="info-hero">${conversationAvatar(c, state, "large")}${nameView(c, state)}<p class="muted">${statusText(c, state)}</p>${tilesView(c, state)}</div>
      <div class="info-card"><button class="menu-item info-files" type="button" @click=${openFiles}>${icon("images")}<span>${gettext("Pictures, files and links")}</span>${icon("chevron-right")}</button>${
        hasTables(c, state) ? html`<button class="menu-item" type="button" data-open="tables">${icon("spade")}<span>${gettext("Play Tiến Lên")}</span>${icon("chevron-right")}</button>` : nothing}</div>
      ${levelView(c)}${historyView(c)}
      ${c.kind === "direct" ? directView(c, state) : groupView(c)}
    </div>`;
}

/** Escape leaves the panel where it has the focus. @param {KeyboardEvent} event */
function onEscape(event) {
  if (event.key !== "Escape" || event.defaultPrevented || isComposing(event) || document.querySelector("dialog[open], :popover-open")) return;
  event.preventDefault();
  if (page.value) leavePage();
  else close();
}

scrim.className = "scrim";
scrim.addEventListener("click", close);
panel.before(scrim);
panel.addEventListener("keydown", onEscape);
for (const query of [wide, phone]) {
  query.addEventListener("change", () => {
    const before = mode.value;
    mode.value = modeNow();
    if (before === mode.value) return;
    // What was left open beside the conversation comes back there, and covers it nowhere else.
    panelOpen.value = mode.value === "beside" ? localStorage.getItem(REMEMBERED) !== null : false;
    if (!panelOpen.value) page.value = null;
  });
}
addEventListener("popstate", () => {
  if (page.value && !history.state?.page) page.value = null;
  if (mode.value === "full" && panelOpen.value !== Boolean(history.state?.info)) {
    if (panelOpen.value) hide();
    else panelOpen.value = true;
  } else if (mode.value === "over" && panelOpen.value) {
    hide();
  }
});
let shownOf = store.openId.value;
effect(() => {
  if (store.openId.value === shownOf) return;
  shownOf = store.openId.value;
  renaming.value = false;
  renameError.value = "";
  page.value = null;
});
effect(() => {
  const on = panelOpen.value && store.open.value !== null;
  const covers = on && mode.value !== "beside";
  if (on) app.dataset.info = mode.value;
  else delete app.dataset.info;
  panel.hidden = !on;
  scrim.hidden = !(on && mode.value === "over");
  for (const other of app.querySelectorAll(":scope > .sidebar, :scope > .pane")) other.toggleAttribute("inert", covers);
  panel.setAttribute("role", covers ? "dialog" : "region");
  if (covers) panel.setAttribute("aria-modal", "true");
  else panel.removeAttribute("aria-modal");
});
mount(panel, view);
watch();
