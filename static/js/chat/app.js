/**
 * The chat page: starts its parts and turns addresses into what is on the screen.
 * @import {Message, PageData, Snapshot} from "../types.js"
 */
import { effect } from "../vendor/ui.js";
import { announce, byId, navigate, tellError, toast } from "../core/dom.js";
import { gettext, interpolate, loadCatalog, ngettext } from "../core/i18n.js";
import { nameOf, titleOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { startHeader } from "./header.js";
import { jumpTo, markDivider, startList } from "./list.js";
import { startSidebar } from "./sidebar.js";

const app = byId("app");
/** Signing out ends the session before its page has come: that is no reason to go elsewhere. */
let leaving = false;

/** @param {string} id @returns {any} */
const embedded = (id) => JSON.parse(byId(id).textContent ?? "null");

/** Shows what an address names: a conversation, one of its messages, or the list. */
async function route() {
  const [, id, seq] = /^\/c\/(\d+)\/(?:(\d+)\/)?$/.exec(location.pathname) ?? [];
  const wanted = id && store.state.value.conversations.has(Number(id)) ? Number(id) : null;
  if (id && wanted === null) {
    toast(gettext("This conversation does not exist, or you may not see it."), "error");
    history.replaceState(null, "", "/");
  }
  const needsPage = wanted !== null && !store.state.value.timelines.has(wanted);
  app.dataset.view = wanted === null ? "list" : "chat";
  store.show(wanted);
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
  if (opener?.dataset.open === "people") import("./people.js").then(({ openPeople }) => openPeople());
  const theme = /** @type {HTMLElement | null} */ (target.closest("[data-theme-value]"))?.dataset.themeValue;
  if (theme) store.saveOptions({ theme }).catch(tellError);
  const presence = /** @type {HTMLElement | null} */ (target.closest("[data-presence]"))?.dataset.presence;
  if (presence) {
    const invisible = presence === "invisible";
    const kept = invisible === store.state.value.me.options.invisible ? Promise.resolve() : store.socket.request("options.save", { options: { invisible } });
    kept.then(() => store.socket.request("presence.set", { state: presence })).catch(tellError);
  }
  if (link || opener || presence) /** @type {HTMLElement} */ (byId("menu")).hidePopover();
}

/** @param {Message} message */
function onNew(message) {
  if (!document.hasFocus() || document.hidden) markDivider(message);
  if (message.conversation !== store.openId.value || message.kind === "system") return;
  const state = store.state.value;
  announce(`${nameOf(message.sender, state.people, message.sender_name)}: ${message.body}`,
    (count) => interpolate(ngettext("%(count)s new message", "%(count)s new messages", count), { count }));
}

/** Theme buttons, title. */
function startDocument() {
  effect(() => {
    const theme = String(store.state.value.me.options.theme ?? store.state.value.me.theme ?? "system");
    const { accent, density, text_size: textSize } = store.state.value.me.options;
    Object.assign(document.documentElement.dataset, { theme, accent, density, textSize });
    for (const button of app.querySelectorAll("[data-theme-value]")) button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.themeValue === theme));
  });
  effect(() => {
    const state = store.state.value;
    const known = state.people.get(state.me.id)?.presence;
    const me = state.me.options.invisible ? "invisible" : known === "busy" ? "busy" : "online";
    for (const button of app.querySelectorAll("[data-presence]")) button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.presence === me));
    const unread = store.list.value.reduce((sum, c) => sum + (c.level !== "all" || c.kind === "everyone" ? Number(c.mention && c.level !== "none") : c.unread), 0);
    const title = store.open.value ? `${titleOf(store.open.value, state)} · ${state.site.name}` : state.site.name;
    document.title = unread ? `(${unread}) ${title}` : title;
  });
  effect(() => { byId("empty").hidden = store.openId.value !== null; });
}

async function start() {
  /** @type {Snapshot} */
  const snapshot = embedded("snapshot");
  /** @type {PageData | null} */
  const page = embedded("page");
  await loadCatalog(document.documentElement.lang, app.dataset.catalog ?? "");
  store.start(snapshot, page, {
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
  startDocument();
  startSidebar();
  startHeader();
  startList();
  const routed = route();
  addEventListener("popstate", route);
  byId("menu").addEventListener("submit", () => { leaving = true; });
  document.addEventListener("click", onClick);
  for (const name of ["online", "offline"]) addEventListener(name, () => store.socket.wake());
  addEventListener("pageshow", (event) => { if (event.persisted) store.socket.wake(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { store.flush(); store.socket.wake(); } });
  const [{ startComposer }, { startKeys }, { startResize }, { startActs }] = await Promise.all([
    import("./composer.js"), import("./keys.js"), import("./resize.js"), import("./acts.js"),
  ]);
  startActs();
  startComposer();
  startKeys();
  startResize();
  await routed;
  app.dataset.ready = "true";
}

start();
