/**
 * The chat page: starts its parts and turns addresses into what is on the screen.
 * @import {Message, PageData, Snapshot} from "../types.js"
 */
import { effect } from "../vendor/ui.js";
import { announce, byId, lazy, navigate, needed, painted, pause, setWidth, tellError, toast } from "../core/dom.js";
import { fullTime, gettext, interpolate, loadCatalog, ngettext } from "../core/i18n.js";
import { inWords, nameOf, titleOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { jumpTo, markDivider, startList } from "./list.js";

const app = byId("app");
/** Signing out ends the session before its page has come: that is no reason to go elsewhere. */
let leaving = false;

/** @param {string} id @returns {any} */
const embedded = (id) => JSON.parse(byId(id).textContent ?? "null");

/** Shows what an address names: a conversation, one of its messages, or the list. */
async function route() {
  const [, id, seq, table, match] = /^\/c\/(\d+)\/(?:(\d+)\/|table\/(\d+)\/(?:match\/(\d+)\/)?)?$/.exec(location.pathname) ?? [];
  const wanted = id && store.state.value.conversations.has(Number(id)) ? Number(id) : null;
  if (id && wanted === null) {
    toast(gettext("This conversation does not exist, or you may not see it."), "error");
    history.replaceState(null, "", "/");
  }
  const needsPage = wanted !== null && !store.state.value.timelines.has(wanted);
  app.dataset.view = wanted === null ? "list" : "chat";
  store.show(wanted);
  const at = location.pathname;
  if (table || app.dataset.table) lazy(import("../games/table.js")).then((games) => { if (location.pathname === at) games?.show(wanted, Number(table ?? 0), Number(match ?? 0)); }); // it may have been left while it was loaded
  if (wanted === null) return;
  if (seq) await jumpTo(Number(seq));
  else if (needsPage) await store.loadOpen(wanted);
}

/** @param {MouseEvent} event */
function onClick(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const link = /** @type {HTMLAnchorElement | null} */ (target.closest("a[data-nav]"));
  if (link && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    if (link.dataset.back !== undefined && history.state?.inside) history.back();
    else navigate(link.pathname);
  }
  const opener = /** @type {HTMLElement | null} */ (target.closest("[data-open]"));
  if (opener?.dataset.open === "people") lazy(import("./people.js")).then((module) => module?.openPeople());
  if (opener?.dataset.open === "groups") lazy(import("./discover.js")).then((module) => module?.openGroups());
  if (opener?.dataset.open === "tables") lazy(import("../games/entry.js")).then((module) => module?.openTables());
  const theme = /** @type {HTMLElement | null} */ (target.closest("[data-theme-value]"))?.dataset.themeValue;
  if (theme) store.saveOptions({ theme }).catch(tellError);
  const presence = /** @type {HTMLElement | null} */ (target.closest("[data-presence]"))?.dataset.presence;
  if (presence) {
    store.saveOptions({ busy: presence === "busy", invisible: presence === "invisible" }).catch(tellError);
  }
  if (link || opener || presence) /** @type {HTMLElement} */ (byId("menu")).hidePopover();
}

/** Gives times their full form where somebody points or the focus goes: 5 ms for the first of them, and 0.02 for each, are not spent at the start. @param {Event} event */
function onNear({ target }) {
  const near = target instanceof Element ? target.closest("[datetime], [data-time], article, .item") : null;
  for (const time of near ? [near, .../** @type {NodeListOf<HTMLElement>} */ (near.querySelectorAll("[datetime], [data-time]"))] : []) {
    const at = time.getAttribute("datetime") ?? time.getAttribute("data-time");
    if (at) /** @type {HTMLElement} */ (time).title = fullTime(at);
  }
}

/** @param {Message} message */
function onNew(message) {
  if (!document.hasFocus() || document.hidden) markDivider(message);
  if (message.conversation !== store.openId.value || message.kind === "system") return;
  const state = store.state.value;
  announce(`${nameOf(message.sender, state.people, message.sender_name)}: ${inWords(message)}`,
    (count) => interpolate(ngettext("%(count)s new message", "%(count)s new messages", count), { count }));
}

const favicon = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=icon]"));
/** Without and with something unread. */
const icons = [favicon.href, new URL(favicon.dataset.unread ?? "", location.href).href];

/** Theme buttons, title. */
function startDocument() {
  effect(() => {
    const theme = String(store.state.value.me.options.theme ?? store.state.value.me.theme ?? "system");
    const { accent, density, text_size: textSize } = store.state.value.me.options;
    if (document.documentElement.dataset.theme !== theme) import("../core/bars.js").then(({ tintBars }) => tintBars(theme), () => {}); // they can wait
    Object.assign(document.documentElement.dataset, { theme, accent, density, textSize });
    for (const button of app.querySelectorAll("[data-theme-value]")) button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.themeValue === theme));
  });
  effect(() => {
    const state = store.state.value;
    const { busy, invisible } = state.me.options;
    const me = invisible ? "invisible" : busy ? "busy" : "online";
    for (const button of app.querySelectorAll("[data-presence]")) button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.presence === me));
    const unread = store.calling.value;
    const title = store.open.value ? `${titleOf(store.open.value, state)} · ${state.site.name}` : state.site.name;
    const cue = store.cue.value;
    document.title = `${cue && `${cue} · `}${unread ? `(${unread}) ` : ""}${title}`;
    const look = icons[Number(unread > 0 || cue !== "")];
    if (favicon.href !== look) favicon.href = look;
  });
  startRequests();
  let reloads = false;
  effect(() => { // another device changed the language: its words come with the page, when nobody is writing here
    const { language } = store.state.value.me;
    if (reloads || !language || language === document.documentElement.lang) return;
    reloads = true;
    if (document.hasFocus()) addEventListener("blur", () => location.reload(), { once: true });
    else location.reload();
  });
  effect(() => { byId("empty").hidden = store.openId.value !== null; });
}

/** How many people ask to be friends, at the button for people; a word when somebody asks, and when somebody says yes. */
function startRequests() {
  const button = /** @type {HTMLElement} */ (app.querySelector(".sidebar-head [data-open=people]"));
  const label = button.title;
  /** @type {import("../types.js").Relations | null} */
  let before = null;
  effect(() => {
    const { people, relations } = store.state.value;
    if (relations === before) return;
    const count = relations.incoming.length;
    button.dataset.count = count ? String(count) : "";
    button.ariaLabel = count ? `${label}, ${interpolate(ngettext("%(count)s friend request", "%(count)s friend requests", count), { count })}` : label;
    const tell = (/** @type {string} */ text, /** @type {number} */ id) => toast(interpolate(text, { name: nameOf(id, people) }));
    for (const { user } of relations.incoming) if (before && !before.incoming.some((asked) => asked.user === user)) tell(gettext("%(name)s wants to be your friend."), user);
    for (const id of relations.friends) if (before?.outgoing.includes(id)) tell(gettext("You and %(name)s are friends now."), id);
    before = relations;
  });
}

async function start() {
  /** @type {Snapshot} */
  const snapshot = embedded("snapshot");
  /** @type {PageData | null} */
  const page = embedded("page");
  setWidth(Number(localStorage.getItem("chatroom.sidebar")) || null);
  await Promise.all([loadCatalog(document.documentElement.lang, app.dataset.catalog ?? ""), pause()]);
  const [visit] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  store.start(snapshot, page, {
    ahead: Date.now() - performance.now() + (visit?.responseStart ?? 0) - Number(app.dataset.now) * 1000, // the clock when the page came
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/`,
    onNew,
    onGone: (id) => {
      if (store.openId.value !== id) return;
      toast(gettext("You are no longer in this conversation."));
      history.replaceState(null, "", "/");
      route();
    },
    onEnded: () => {
      if (!leaving) location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname)}`);
    },
  });
  store.show(page?.conversation ?? null);
  startDocument(); // before the list: it draws with the look that is set here
  if (page && matchMedia("(width >= 68.75rem)").matches && localStorage.getItem("chatroom.info") !== null) {
    app.dataset.info = "beside"; // the panel's place is there before the panel is
    byId("info").hidden = false;
  }
  await pause();
  await startList();
  // What follows comes piece by piece: the messages are painted and clicks are answered in between.
  const parts = [() => import("./header.js"), () => import("./sidebar.js"), () => import("./acts.js"), () => import("./composer.js"), () => import("./keys.js"), () => import("./resize.js")].map((load) => needed(/** @type {() => Promise<{start: () => void}>} */ (load)));
  // What these import, asked for at once with them: else it costs one more way there and back.
  for (const load of [() => import("./closed.js"), () => import("./drafts.js")]) load().catch(() => {}); // told above
  const routed = route();
  addEventListener("popstate", route);
  byId("menu").addEventListener("submit", () => { leaving = true; });
  document.addEventListener("click", onClick);
  for (const name of ["pointerover", "focusin"]) document.addEventListener(name, onNear);
  for (const name of ["online", "offline"]) addEventListener(name, () => store.socket.wake());
  addEventListener("pageshow", (event) => { if (event.persisted) store.socket.wake(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { store.flush(); store.socket.wake(); } });
  await painted();
  for (const part of parts) {
    (await part).start();
    await pause();
  }
  import("./idle.js").catch(() => {}); // offline: nobody is away then
  import("./notify.js").catch(() => {});
  import("./announcement.js").catch(() => {});
  if (store.state.value.me.is_admin) import("./room.js").catch(() => {});
  await routed;
  app.dataset.ready = "true";
}

start();
