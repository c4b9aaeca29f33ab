/**
 * What can be done with one message, and who has reacted to it.
 * @import {Conversation, Message} from "../types.js"
 */
import { html, nothing, render } from "../vendor/ui.js";
import { ask, avatar, byId, copyText, icon, lazy, showAt, tellError, toast } from "../core/dom.js";
import { compareNames, figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { moveFocus } from "../core/menu.js";
import { canEdit, canPin, canRecall, nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { QUICK, copy, pickEmoji, react } from "./acts.js";
import { mayWrite } from "./closed.js";
import { unreadFrom } from "./list.js";
import { openReaders, readersLine } from "./readers.js";

/** Opens the menu of a message at a point. @param {Message} message @param {Conversation} c @param {HTMLElement} row @param {{x: number, y: number}} at */
export function openMenu(message, c, row, at) {
  const menu = byId("message-menu");
  const state = store.state.value;
  const now = store.now();
  const own = message.sender === state.me.id;
  menu.classList.add("sheet");
  const done = (/** @type {() => void} */ action) => () => { menu.hidePopover(); action(); };
  const item = (/** @type {string} */ name, /** @type {unknown} */ label, /** @type {() => void} */ action, key = "", danger = false) =>
    html`<button class="menu-item ${danger ? "danger" : ""}" role="menuitem" type="button" @click=${done(action)}>${icon(name)}<span>${label}</span>${key ? html`<kbd aria-hidden="true">${key}</kbd>` : nothing}</button>`;
  render(html`
    <div class="menu-emoji" role="group" aria-label=${gettext("React")}>${QUICK.map((emoji) =>
      html`<button type="button" role="menuitem" aria-label=${emoji} class=${mine(message, emoji) ? "on" : ""} @click=${done(() => react(message, emoji))}>${emoji}</button>`)}
      <button type="button" role="menuitem" aria-label=${gettext("More emoji")} title=${gettext("More emoji")} @click=${done(() => pickEmoji(message, row))}>${icon("smile-plus")}</button></div>
    ${mayWrite(c) ? item("reply", gettext("Reply"), () => { store.composing.value = { mode: "reply", message }; }, "R") : nothing}
    ${message.files?.length || message.offer ? fileItems(message, row, item) : nothing}
    ${message.body ? item("copy", gettext("Copy text"), () => copy(message.body), "C") : nothing}
    ${item("link", gettext("Copy link"), () => copyLink(message), "L")}
    ${item("forward", gettext("Forward"), () => forward(message), "F")}
    ${canPin(c) ? item(message.pinned ? "pin-off" : "pin", message.pinned ? gettext("Unpin") : gettext("Pin"), () => pin(message), "P") : nothing}
    ${canEdit(message, state, now) && mayWrite(c) ? item("pencil", gettext("Edit"), () => { store.composing.value = { mode: "edit", message }; }, "E") : nothing}
    ${own ? nothing : item("mail", gettext("Mark as unread from here"), () => unreadFrom(message), "U")}
    ${own && c.kind !== "direct" ? item("check-check", readersLine(message), () => openReaders(message)) : nothing}
    ${own || !message.seq ? nothing : item("flag", gettext("Report…"), () => report(message), "!")}
    ${canRecall(message, c, state, now) ? html`<div class="menu-group" role="presentation">${item("undo-2", gettext("Recall"), () => recall(message), gettext("Delete"), true)}</div>` : nothing}`, menu);
  showAt(menu, at.x, at.y);
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("button")]);
  items[0].focus();
  menu.onkeydown = (event) => {
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      event.preventDefault();
      const step = event.key === "ArrowRight" ? 1 : -1;
      items[(items.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + step + items.length) % items.length].focus();
    } else moveFocus(event, items);
  };
  row.classList.add("chosen");
  menu.ontoggle = (event) => { if (/** @type {ToggleEvent} */ (event).newState === "closed") row.classList.remove("chosen"); };
}

/** What can be done with the files of a message. @param {Message} message @param {HTMLElement} row @param {(name: string, label: unknown, action: () => void, key?: string) => unknown} item */
function fileItems(message, row, item) {
  const own = message.sender === store.state.value.me.id;
  const files = message.files?.filter((file) => own || file.status !== "processing") ?? [];
  const main = /** @type {HTMLElement | null} */ (row.querySelector(".files :is(.picture-open, .video-play, .sound-play)"));
  const label = main?.matches(".picture-open") ? gettext("Open the picture") : gettext("Play");
  return html`${main ? item(main.matches(".picture-open") ? "image" : "play", label, () => main.click(), "O") : nothing}
    ${files.length ? item("download", files.length > 1 ? interpolate(ngettext("Download %(count)s file", "Download %(count)s files", files.length), { count: figure(files.length) }) : gettext("Download"), () => download(files)) : nothing}`;
}

/** Downloads files, one after the other: browsers drop those that come at once. @param {import("../types.js").Attachment[]} files */
async function download(files) {
  for (const file of files) {
    const link = document.createElement("a");
    link.href = `/files/${file.token}/${encodeURIComponent(file.name)}?download`;
    link.download = file.name;
    link.click();
    await new Promise((next) => setTimeout(next, 400));
  }
}

/** @param {Message} message @param {string} emoji */
const mine = (message, emoji) => message.reactions.some((r) => r.emoji === emoji && r.users.includes(store.state.value.me.id));

/** Copies the address of a message. @param {Message} message */
export const copyLink = (message) => copyText(`${location.origin}/c/${message.conversation}/${message.seq}/`).then(() => toast(gettext("Copied")));

/** Chooses where a message goes on to. @param {Message} message */
export const forward = async (message) => (await lazy(import("./forward.js")))?.openForward(message);

/** Tells the moderators of a message. @param {Message} message */
export const report = async (message) => (await lazy(import("./report.js")))?.openReport(message);

/** Pins a message, or takes the pin away. @param {Message} message */
export function pin(message) {
  store.socket.request("message.pin", { conversation: message.conversation, seq: message.seq, on: !message.pinned }).then(
    () => toast(message.pinned ? gettext("Unpinned") : gettext("Pinned")), tellError);
}

/** @param {number[]} users */
function peopleOf(users) {
  const { people, me } = store.state.value;
  return users.map((id) => ({ id, name: nameOf(id, people), picture: people.get(id)?.avatar, shown: id === me.id ? gettext("You") : nameOf(id, people) })).sort((a, b) => compareNames(a.shown, b.shown));
}

/** Who is behind the reactions of a message. @param {Message} message @param {HTMLElement} anchor */
export function openReactions(message, anchor) {
  const list = document.createElement("div");
  list.className = "menu who";
  list.popover = "auto";
  list.tabIndex = 0; // keys scroll it
  list.setAttribute("role", "dialog");
  list.setAttribute("aria-label", gettext("Reactions"));
  render(html`<ul class="people">${message.reactions.flatMap(({ emoji, users }) => peopleOf(users).map(({ id, name, picture, shown }) =>
    html`<li class="person">${avatar(id, name, { size: "small", picture })}<span class="person-text"><b>${shown}</b></span><span class="who-emoji">${emoji}</span></li>`))}</ul>`, list);
  document.body.append(list);
  const box = anchor.getBoundingClientRect();
  showAt(list, box.left, box.bottom + 4);
  list.focus();
  list.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    list.remove();
    anchor.focus({ preventScroll: true });
  });
}

/** Takes a message back, after asking. @param {Message} message */
export async function recall(message) {
  const yes = await ask(gettext("Recall this message?"), gettext("Everybody will see that a message was recalled, but no longer its text."), gettext("Recall"));
  if (yes) store.socket.request("message.recall", { conversation: message.conversation, seq: message.seq }).catch(tellError);
}
