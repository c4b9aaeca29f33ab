/**
 * Who has a seat at a card table and looks elsewhere learns that it is his turn: a line that leads there, a tone, the title of the page, a notice on the
 * desktop. Loaded for who sits somewhere, whatever page he is on.
 */
import { computed, effect, html, nothing, render, signal, untracked } from "../vendor/ui.js";
import { addStyle, byId, icon, navigate } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { get } from "../core/net.js";
import { isQuiet } from "../core/private.js";
import { titleOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { canNotify } from "../chat/notify.js";
import { sound } from "./effects.js";
import { table as shown } from "./session.js";
import { isTurnOf } from "./state.js";

const me = store.state.value.me.id;
const at = computed(() => store.state.value.tables.find(({ seat }) => seat !== null) ?? null);
const id = computed(() => at.value?.table ?? 0);
const path = () => `/c/${at.value?.conversation}/table/${id.value}/`;
/** Is it my turn there? */
const turn = signal(false);
const hidden = signal(document.hidden);
const live = computed(() => store.socket.connection.value.state === "live");
/** Is the table on the screen of this page? */
const inSight = computed(() => shown.value?.table === id.value);
const place = document.createElement("div");
let seq = 0;
/** @type {Notification | null} */
let notice = null;

/** @param {{table: number, seq: number, view: import("../types.js").TableView, closed?: string}} news */
function take({ table, seq: number, view, closed }) {
  if (table !== id.value || number < seq) return;
  seq = number;
  turn.value = !closed && isTurnOf(view, me);
}

/** How it stands, where no news has told it yet. */
async function look() {
  const snapshot = await get(`v1/tables/${id.value}`).catch(() => null); // closed meanwhile, or no connection: news will come
  if (snapshot) take(snapshot);
}

/** A tone, and a notice on the desktop where nobody looks at the page. */
function call() {
  const { options } = store.state.value.me;
  if (options.busy || isQuiet(options, new Date())) return;
  if (!inSight.value) sound("turn");
  if (document.hasFocus() || !options.desktop_notices || !canNotify() || Notification.permission !== "granted") return;
  const c = store.state.value.conversations.get(at.value?.conversation ?? 0);
  notice = new Notification(gettext("Your turn"), { body: ["Tiến Lên", c && titleOf(c, store.state.value)].filter(Boolean).join(" · "), tag: `chatroom.${me}.table`, silent: true });
  notice.onclick = () => {
    window.focus();
    navigate(path());
    notice?.close();
  };
}

await addStyle(byId("app").dataset.games ?? "");
byId("toasts").append(place);
document.addEventListener("visibilitychange", () => { hidden.value = document.hidden; });
store.listen((frame) => { if (frame.type === "table") take(frame.data); });
effect(() => {
  seq = 0;
  if (!id.value) turn.value = false;
  else if (live.value) untracked(look);
});
effect(() => {
  if (turn.value) untracked(call);
  else notice?.close();
});
effect(() => {
  store.cue.value = turn.value && (hidden.value || !inSight.value) ? `♥ ${gettext("Your turn")}` : "";
  render(turn.value && !inSight.value ? html`<a class="toast turn-cue" href=${path()} data-nav>${icon("spade")}<span>${gettext("It is your turn at the card table.")}</span>${icon("chevron-right")}</a>` : nothing, place);
});
