/**
 * The card table on the screen: the whole window on phones, beside the chat of its conversation on wide ones. Loaded when first opened.
 * @import {TableEvent, TableState} from "../types.js"
 */
import { classMap, effect, html, nothing, render, signal } from "../vendor/ui.js";
import { addStyle, ask, byId, icon, navigate, toast } from "../core/dom.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { popMenu } from "../core/menu.js";
import { titleOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { actionsView, onKey, ownView, passByItself, undo } from "./actions.js";
import * as effects from "./effects.js";
import { handView, onNarrow } from "./handview.js";
import { lobbyView, openRules } from "./lobby.js";
import { openPhrases } from "./phrases.js";
import { replayView, startReplay, stopReplay } from "./replay.js";
import { resultView } from "./result.js";
import { around, seatView, trickView } from "./seats.js";
import * as session from "./session.js";
import { left, userAt } from "./state.js";
import { eventWords, presetName } from "./words.js";

await addStyle(byId("app").dataset.games ?? "");

const TURN = 20;
const HURRY = 5;
const app = byId("app");
const root = document.createElement("section");
root.className = "table-screen";
root.id = "table";
root.tabIndex = -1;
/** The result sheet was put away: of which match. */
const putAway = signal(0);
const resized = signal(0);
/** What the line for screen readers says. */
const spoken = signal("");
/** @type {{conversation: number, table: number, match: number} | null} */
let now = null;
/** @type {(() => void)[]} */
let ends = [];
let hurried = 0;
let turned = false;
/** The match whose sheet is to be read: it stays until it is put away, or the next match begins. */
let ended = 0;

/** Shows a table, one of its matches again, or nothing any more. @param {number | null} conversation @param {number} table @param {number} match */
export function show(conversation, table, match) {
  if (now && now.table === table && now.match === match) return;
  hide();
  if (!table || conversation === null) return;
  now = { conversation, table, match };
  app.dataset.table = match ? "replay" : "open";
  root.ariaLabel = gettext("Card table");
  byId("main").before(root);
  if (match) {
    startReplay(table, match);
    ends = [stopReplay, effect(() => { render(html`${headView(gettext("Watch it again"))}${replayView()}`, root); })];
  } else {
    session.start(table, onEvents);
    const timer = setInterval(tick, 250);
    document.addEventListener("keydown", onKey);
    ends = [session.stop, effects.start(), () => clearInterval(timer), () => document.removeEventListener("keydown", onKey), undo, effect(draw), effect(() => {
      if (session.table.value?.closed) gone();
    })];
  }
  root.focus({ preventScroll: true });
}

function hide() {
  ends.forEach((end) => end());
  ends = [];
  now = null;
  ended = 0;
  delete app.dataset.table;
  delete app.dataset.chat;
  root.remove();
  render(nothing, root);
}

/** The table is closed. */
function gone() {
  const path = `/c/${now?.conversation}/`;
  toast(gettext("The table was closed."));
  setTimeout(() => navigate(path));
}

/** @param {TableEvent[]} events */
function onEvents(events) {
  effects.perform(events);
  const held = /** @type {TableState} */ (session.table.value);
  const who = (/** @type {number} */ seat) => session.person(userAt(held.view, seat)).name;
  const words = events.map((event) => eventWords(event, who));
  if (session.myTurn.value) words.push(gettext("Your turn"));
  const text = words.filter(Boolean).join(". ");
  if (text) spoken.value = text;
  for (const [index, { kind }] of events.entries()) if (["agreed", "waits", "paused"].includes(kind)) toast(words[index]);
  const turns = session.myTurn.value && !turned;
  turned = session.myTurn.value;
  if (turns) {
    passByItself();
    const typing = document.activeElement?.closest("#composer");
    if (app.dataset.chat && !typing) toggleChat(); // the table is wanted now
  } else if (!turned) undo();
  if (events.some(({ kind }) => kind === "started")) putAway.value = 0;
}

/** The chat over the table, where it does not stand beside it. */
function toggleChat() {
  if (app.dataset.chat) delete app.dataset.chat;
  else {
    app.dataset.chat = "open";
    requestAnimationFrame(() => requestAnimationFrame(() => byId("scroller").dispatchEvent(new Event("scroll")))); // its messages are seen now
  }
  resized.value++;
}

/** Where it was opened: at its table, or from the line in the messages. */
const leaveReplay = () => (history.state?.inside ? history.back() : navigate(`/c/${now?.conversation}/`));

/** Away from the table; the seat and its clock stay. */
async function away() {
  if (session.playing.value && !await ask(gettext("Go to the chat?"), gettext("You keep your seat, and your clock runs on. Whoever is absent twice in a row is out of the match."), gettext("Go to the chat"), "button-primary")) return;
  navigate(`/c/${now?.conversation}/`);
}

/** Out of the match, or off the table. @param {string} kind */
async function leave(kind) {
  if (session.playing.value && !await ask(gettext("Leave the match?"), gettext("You count as last, and the cards in your hand are paid for."), gettext("Leave the match"))) return;
  if (await session.act(kind) && kind === "stand") navigate(`/c/${now?.conversation}/`);
}

/** @param {MouseEvent} event */
function openMenu(event) {
  const held = /** @type {TableState} */ (session.table.value);
  const { view } = held;
  const { value: prefs } = session.prefs;
  const host = view.host === session.me();
  const between = view.phase !== "playing";
  const flip = (/** @type {keyof typeof prefs} */ name, /** @type {string} */ label, /** @type {string} */ sign) => ({ icon: sign, label, checked: prefs[name], act: () => session.setPrefs({ [name]: !prefs[name] }) });
  popMenu(/** @type {HTMLElement} */ (event.currentTarget), gettext("Table"), [
    { icon: "sliders-horizontal", label: gettext("Rules of this table"), act: openRules },
    ...(view.game?.over ? [{ icon: "trophy", label: gettext("Result of the last match"), act: () => { putAway.value = -1; } }] : []),
    flip("sound", gettext("Sounds"), "volume-2"), ..."vibrate" in navigator ? [flip("vibrate", gettext("Vibration"), "smartphone")] : [],
    flip("four", gettext("Four colours"), "palette"), flip("large", gettext("Large cards"), "zoom-in"), flip("hints", gettext("Suggest an answer when I tap a card"), "lightbulb"),
    ...(session.playing.value ? [{ icon: "forward", label: gettext("Pass by itself in this match"), checked: session.autopass.value, act: () => { session.autopass.value = !session.autopass.value; if (session.autopass.value) passByItself(); } },
      { icon: "timer", label: gettext("Wait a minute longer for the player"), act: () => { session.act("vote", { what: "wait" }); } },
      { icon: "ban", label: gettext("Call the match off, if all agree"), act: () => { session.act("vote", { what: "cancel" }); } },
      { icon: "eye", label: gettext("Leave the match and watch"), act: () => { leave("quit"); }, danger: true }] : []),
    ...(host && between ? [{ icon: "rotate-ccw", label: gettext("Points back to 0"), act: () => { session.act("reset"); } }] : []),
    ...(session.mySeat.value >= 0 ? [{ icon: "log-out", label: gettext("Leave the table"), act: () => { leave("stand"); }, danger: true }] : []),
    ...(held.may_close || (host && between) ? [{ icon: "x", label: gettext("Close the table"), act: () => { session.act("close"); }, danger: true }] : []),
  ], event);
}

/** @param {string} [title] */
function headView(title) {
  const c = store.open.value;
  const view = session.table.value?.view;
  const unread = c?.unread ?? 0;
  const chat = unread ? `${gettext("Chat")}, ${interpolate(ngettext("%(count)s new message", "%(count)s new messages", unread), { count: figure(unread) })}` : gettext("Chat");
  const watchers = view ? interpolate(ngettext("%(count)s watches", "%(count)s watch", view.watchers), { count: figure(view.watchers) }) : "";
  const button = (/** @type {string} */ name, /** @type {string} */ label, /** @type {(event: MouseEvent) => void} */ act, /** @type {unknown} */ more = nothing, look = "") => html`<button class="icon-button ${look}" type="button" aria-label=${label} title=${label} @click=${act}>${icon(name)}${more}</button>`;
  return html`<header class="table-head">${button("arrow-left", gettext("Back to the conversation"), title ? leaveReplay : away)}
    <div class="table-title"><h1>${title ?? "Tiến Lên"}</h1><p>${[view && !title ? presetName(view.preset) : "", view?.match && !title ? interpolate(gettext("Match %(number)s"), { number: figure(view.match) }) : "", c ? titleOf(c, store.state.value) : ""].filter(Boolean).join(" · ")}</p></div>
    ${view && !title ? html`${view.watchers ? html`<span class="watchers" title=${watchers}>${icon("eye")}<span aria-hidden="true">${figure(view.watchers)}</span><span class="visually-hidden">${watchers}</span></span>` : nothing}
      ${button("smile", gettext("Say something"), openPhrases)}` : nothing}
    ${button("message-circle", chat, toggleChat, unread ? html`<span class="badge" aria-hidden="true">${figure(unread)}</span>` : nothing, "chat-button")}
    ${view && !title ? button("ellipsis-vertical", gettext("More"), openMenu) : nothing}</header>`;
}

function draw() {
  const held = session.table.value;
  resized.value;
  const { state } = store.socket.connection.value;
  if (!held) {
    render(html`${headView()}<div class="felt"><p class="felt-note" role="status">${session.problem.value || gettext("One moment…")}</p></div>`, root);
    return;
  }
  const { view } = held;
  const { four, large } = session.prefs.value;
  if (view.phase === "result") ended = view.match;
  const sheet = view.game?.over && (putAway.value === -1 || (ended === view.match && putAway.value !== view.match));
  root.className = `table-screen ${four ? "four" : "two-colours"} ${large ? "large-cards" : ""}`;
  render(html`${headView()}
    <div class=${classMap({ felt: true, mine: session.myTurn.value })} data-phase=${view.phase}>
      <div class="seats">${around().map(seatView)}</div>
      <div class="middle">${view.phase === "playing" ? trickView() : view.phase === "result" && sheet ? nothing : lobbyView()}</div>
      ${effects.flashView()}
      ${state !== "live" && state !== "displaced" ? html`<p class="lost" role="status">${icon("wifi-off")}${gettext("Connection lost. Reconnecting…")}</p>` : nothing}
    </div>
    <div class="mine-area">${ownView()}${actionsView()}${session.playing.value ? handView() : nothing}</div>
    ${sheet ? resultView(() => { putAway.value = view.match; }) : nothing}
    <p class="visually-hidden" role="status" aria-live="polite">${spoken.value}</p>
    <button class="sheet-close" type="button" @click=${toggleChat}>${icon("chevron-down")}<span>${gettext("Back to the table")}</span></button>`, root);
  tick();
}

/** Moves the ring of who is to move, and the seconds that are left: without drawing the table anew. */
function tick() {
  const held = session.table.value;
  if (!held) return;
  const at = Date.now();
  const { game } = held.view;
  const rest = left(held, "turn", at);
  for (const seat of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-seat]"))) {
    const mine = game && Number(seat.dataset.seat) === game.turn && rest !== null;
    seat.querySelector(".ring-run")?.setAttribute("stroke-dashoffset", mine ? String(100 - (100 * rest) / Math.max(TURN, held.view.due.turn ?? TURN)) : "100");
    const text = mine && rest <= HURRY ? figure(Math.ceil(rest)) : "";
    const seconds = seat.querySelector(".seconds");
    if (seconds && seconds.textContent !== text) seconds.textContent = text;
    seat.classList.toggle("hurry", text !== "");
    if (text && session.myTurn.value && hurried !== held.seq * 100 + Math.ceil(rest ?? 0)) {
      hurried = held.seq * 100 + Math.ceil(rest ?? 0);
      effects.sound("hurry");
    }
  }
  const until = left(held, "result", at);
  for (const place of root.querySelectorAll("[data-due=result]")) place.textContent = until ? effects.secondsText(Math.ceil(until)) : "";
}

onNarrow(() => { resized.value++; });
