/**
 * Where messages are written. The textarea is never drawn by a template: its value is not touched while somebody composes a letter.
 * @import {Conversation} from "../types.js"
 */
import { effect, html, nothing, render, untracked } from "../vendor/ui.js";
import { announce, byId, icon, isComposing, tellError, toast } from "../core/dom.js";
import { figure, gettext, interpolate } from "../core/i18n.js";
import { canEdit, nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { toEnd } from "./list.js";
import { quotedText } from "./message.js";

const MAX_LETTERS = 10_000;
const WARN_LETTERS = 9_500;
const DRAFT_MS = 500;
const SYNC_MS = 1500;
const TYPING_MS = 3000;
/** Two letters after a colon that begins a word. */
const COLON_WORD = /(?:^|\s):(\p{L}[\p{L}\p{M}\p{N}_+-]+)$/u;
const COLON_MAX = 32;

const form = byId("composer");
const area = /** @type {HTMLTextAreaElement} */ (byId("composer-text"));
const bar = byId("composer-bar");
const emojiButton = byId("composer-emoji");
const sendButton = /** @type {HTMLButtonElement} */ (byId("composer-send"));
const count = byId("composer-count");
const hint = byId("composer-hint");
const touch = matchMedia("(pointer: coarse)");
const growsItself = CSS.supports("field-sizing", "content");

/** The conversation the text belongs to. @type {number | null} */
let owner = null;
/** The draft set aside while a message is edited. */
let setAside = "";
let lastTyping = 0;
/** An input method has a letter in the making: the value is its own. */
let writing = false;
let sizing = false;
let tooLong = false;
/** @type {typeof import("./complete.js") | null} */
let completer = null;
/** @type {any} */
let draftTimer;
/** @type {any} */
let syncTimer;

/** @param {number} id */
const draftKey = (id) => `chatroom.draft.${store.state.value.me.id}.${id}`;
const editing = () => store.composing.value?.mode === "edit";
const enterSends = () => store.state.value.me.options.enter_sends !== false && !touch.matches;

/** @param {string} text */
function setText(text) {
  if (writing) area.blur(); // ends the letter in the making: its text belongs to what is replaced
  if (area.value !== text) area.value = text;
  completer?.closeList();
  refresh();
}

/** Letters as the server counts them. A short text is not looked through. @param {string} text */
function letters(text) {
  if (text.length <= WARN_LETTERS) return text.length;
  const units = text.normalize("NFC");
  let pairs = 0;
  for (let i = 0; i < units.length; i++) if ((units.charCodeAt(i) & 0xfc00) === 0xd800) pairs++;
  return units.length - pairs;
}

/** Size, send button, counter, hint. */
function refresh() {
  if (!growsItself && !sizing) {
    sizing = true;
    requestAnimationFrame(() => {
      sizing = false;
      area.style.height = "auto";
      area.style.height = `${area.scrollHeight}px`;
    });
  }
  const text = area.value;
  const long = letters(text);
  const some = /\S/.test(text);
  if (long > MAX_LETTERS && !tooLong) announce(limitText(), limitText);
  tooLong = long > MAX_LETTERS;
  form.classList.toggle("filled", some);
  sendButton.classList.toggle("ready", some && !tooLong);
  put(count, long > WARN_LETTERS ? figure(MAX_LETTERS - long) : "");
  put(hint, tooLong ? limitText() : hintText());
  form.classList.toggle("over", tooLong);
}

/** @param {HTMLElement} element @param {string} text */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const limitText = () => interpolate(gettext("A message has at most %(count)s letters."), { count: figure(MAX_LETTERS) });

function hintText() {
  if (touch.matches) return "";
  if (editing()) return enterSends() ? gettext("Enter saves, Esc cancels") : gettext("Ctrl+Enter saves, Esc cancels");
  return enterSends() ? gettext("Enter sends, Shift+Enter makes a new line") : gettext("Ctrl+Enter sends, Enter makes a new line");
}

/** Keeps the draft here at once, and on the server a little later. */
function saveDraft() {
  if (owner === null || editing()) return;
  const id = owner;
  const body = area.value;
  keepHere(id, body);
  clearTimeout(syncTimer);
  syncTimer = setTimeout(() => syncDraft(id, body), SYNC_MS);
}

/** @param {number} id @param {string} body */
function keepHere(id, body) {
  store.setDraft(id, body);
  if (!body) return;
  try {
    localStorage.setItem(draftKey(id), body);
  } catch (error) { // more text than a browser keeps: it stays in the box
    if (!(error instanceof DOMException)) throw error;
  }
}

/** Drafts of which the server could not be told yet. @type {Map<number, string>} */
const untold = new Map();

/** @param {number} id @param {string} body */
function syncDraft(id, body) {
  clearTimeout(syncTimer);
  syncTimer = null;
  untold.delete(id);
  if (letters(body) > MAX_LETTERS) return; // kept on this device only
  if (!body) localStorage.removeItem(draftKey(id));
  store.socket.request("draft.save", { conversation: id, body }).then(() => {
    if (localStorage.getItem(draftKey(id)) === body) localStorage.removeItem(draftKey(id));
  }, (error) => {
    if (error.code === "offline") untold.set(id, body);
    else tellError(error);
  });
}

/** Another conversation is on the screen. @param {Conversation | null} c */
function change(c) {
  if (writing) area.blur();
  if (owner !== null && (draftTimer || syncTimer)) {
    clearTimeout(draftTimer);
    draftTimer = null;
    keepHere(owner, area.value);
    syncDraft(owner, area.value);
  }
  owner = c?.id ?? null;
  setText(c ? localStorage.getItem(draftKey(c.id)) ?? c.draft : "");
  if (c && !touch.matches) area.focus();
}

function submit() {
  const body = area.value.trim();
  const composing = store.composing.value;
  if (owner === null || !body) return;
  if (letters(body) > MAX_LETTERS) {
    toast(limitText(), "error");
    return;
  }
  if (composing?.mode === "edit") {
    const written = area.value;
    if (body === composing.message.body) return stopComposing();
    store.socket.request("message.edit", { conversation: owner, seq: composing.message.seq, body }).then(() => {
      if (store.composing.value === composing && area.value === written) stopComposing();
    }, tellError);
    return;
  }
  store.outbox.add(owner, body, composing?.mode === "reply" ? composing.message.seq : null);
  store.composing.value = null;
  clearTimeout(draftTimer);
  draftTimer = null;
  lastTyping = 0;
  setText("");
  store.setDraft(owner, "");
  syncDraft(owner, "");
  toEnd();
}

/** Leaves replying or editing. */
function stopComposing() {
  store.composing.value = null;
  area.focus();
}

/** ↑ in an empty box: change my last message, where that is still allowed. */
function editLast() {
  const state = store.state.value;
  const message = store.timeline.value?.rows.findLast((m) => m.sender === state.me.id && m.kind === "text" && !m.recalled_at);
  if (message && canEdit(message, state, Date.now())) store.composing.value = { mode: "edit", message };
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (isComposing(event) || completer?.onKey(event)) return;
  if (event.key === "Enter" && !event.shiftKey && !event.altKey && (event.ctrlKey || event.metaKey || enterSends())) {
    event.preventDefault();
    submit();
  } else if (event.key === "ArrowUp" && !area.value && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    editLast();
  } else if (event.key === "Escape" && store.composing.value && !document.querySelector(".emoji-picker:popover-open")) {
    event.preventDefault();
    stopComposing();
  }
}

function onInput() {
  refresh();
  clearTimeout(draftTimer);
  draftTimer = setTimeout(() => { draftTimer = null; saveDraft(); }, DRAFT_MS);
  if (!writing) complete();
  if (area.value.trim() && !editing() && owner !== null && Date.now() - lastTyping > TYPING_MS) {
    lastTyping = Date.now();
    store.socket.tell("conversation.typing", { conversation: owner });
  }
}

/** Puts a text where the caret is, as if it had been typed. @param {string} text @param {number} [from] where what it replaces begins */
function insert(text, from = area.selectionStart) {
  if (writing) area.blur();
  area.setRangeText(text, from, area.selectionEnd, "end");
  area.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText", data: text }));
}

/** Offers emoji for a word after a colon. */
function complete() {
  const end = area.selectionStart;
  const word = end === area.selectionEnd ? COLON_WORD.exec(area.value.slice(Math.max(0, end - COLON_MAX), end))?.[1] : undefined;
  if (!word) return completer?.closeList();
  import("./complete.js").then((module) => {
    completer = module;
    const now = area.selectionStart;
    if (!writing && area.value.slice(0, now).endsWith(`:${word}`)) module.offer(area, word, (emoji) => insert(`${emoji} `, area.selectionStart - word.length - 1));
  }, () => {}); // without a network nothing is offered
}

/** The bar above the box: what is answered or changed. */
function barView() {
  const composing = store.composing.value;
  if (!composing) return nothing;
  const { mode, message } = composing;
  const state = store.state.value;
  const title = mode === "edit" ? gettext("Edit message") : interpolate(gettext("Reply to %(name)s"), { name: nameOf(message.sender, state.people, message.sender_name) });
  return html`<div class="composer-note hue-${mode === "reply" && message.sender !== null ? message.sender % 8 : "none"}">
    ${icon(mode === "edit" ? "pencil" : "reply")}
    <div><b>${title}</b><span dir="auto">${quotedText(message, state)}</span></div>
    <button class="icon-button" type="button" aria-label=${gettext("Cancel")} title=${gettext("Cancel")} @click=${stopComposing}>${icon("x")}</button>
  </div>`;
}

/** Phones that lay the keyboard over the page (iOS) say so only here. */
function startKeyboard() {
  const view = window.visualViewport;
  if (!view || !touch.matches) return;
  view.addEventListener("resize", () => {
    const covered = view.scale > 1.01 ? 0 : Math.max(0, Math.round(innerHeight - view.height));
    document.documentElement.style.setProperty("--keyboard", `${covered}px`);
    if (covered) scrollTo(0, 0);
  });
}

/** Why I may not write here. @param {import("../types.js").Conversation | null} c */
function whyClosed(c) {
  if (c?.kind === "group") return gettext("Only managers may write here.");
  if (!c?.closed) return gettext("You cannot write in this conversation.");
  if (store.state.value.relations.blocked.includes(c.peer ?? 0)) return gettext("You have blocked this person.");
  return c.closed === "friends" ? gettext("Only friends can write to this person.") : gettext("You cannot write to this person.");
}

/** Starts the composer. */
export function start() {
  area.addEventListener("compositionstart", () => { writing = true; });
  area.addEventListener("compositionend", () => { writing = false; complete(); });
  effect(() => {
    const id = store.openId.value;
    untracked(() => change(id === null ? null : store.open.value));
  });
  effect(() => {
    const draft = store.open.value?.draft ?? "";
    untracked(() => {
      // Written on another device: shown here unless somebody is writing.
      if (owner !== null && !writing && !editing() && !draftTimer && !syncTimer && document.activeElement !== area && !localStorage.getItem(draftKey(owner)) && area.value !== draft) setText(draft);
    });
  });
  effect(() => {
    if (store.socket.connection.value.state === "live") untracked(() => [...untold].forEach(([id, body]) => syncDraft(id, body)));
  });
  effect(() => { render(barView(), bar); });
  let before = store.composing.value;
  effect(() => {
    const now = store.composing.value;
    if (now === before) return;
    const wasEdit = before?.mode === "edit";
    before = now;
    untracked(() => {
      if (now?.mode === "edit") {
        if (!wasEdit) setAside = area.value;
        setText(now.message.body);
      } else if (wasEdit) {
        clearTimeout(draftTimer);
        draftTimer = null;
        setText(setAside);
      } else refresh();
      const label = editing() ? gettext("Save") : gettext("Send");
      sendButton.title = label;
      sendButton.setAttribute("aria-label", label);
      render(icon(editing() ? "check" : "send-horizontal"), sendButton);
      if (now) area.focus();
    });
  });
  effect(() => {
    const c = store.open.value;
    form.hidden = !c?.can_post;
    byId("read-only").hidden = !c || c.can_post;
    put(byId("read-only-reason"), whyClosed(c));
    if (c?.closed) import("./person.js").then(({ showClosed }) => showClosed(), () => {}); // the reason stands there without it
  });
  effect(() => { if (!tooLong) put(hint, hintText()); }); // what Enter does may change on another device
  form.inert = false;
  sendButton.replaceChildren();
  render(icon("send-horizontal"), sendButton);
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  // A press on the button must not take the focus from the box: the keyboard of a phone would close.
  sendButton.addEventListener("pointerdown", (event) => event.preventDefault());
  emojiButton.addEventListener("click", () => import("./emoji.js").then(
    ({ openEmoji }) => openEmoji(emojiButton, (emoji) => insert(emoji), { keep: true, focus: area }),
    () => toast(gettext("No connection. Please try again in a moment."), "error"),
  ));
  emojiButton.addEventListener("pointerenter", () => import("./emoji.js").catch(() => {}), { once: true });
  area.addEventListener("keydown", onKey);
  area.addEventListener("input", onInput);
  area.addEventListener("blur", () => completer?.closeList());
  addEventListener("pagehide", () => { if (draftTimer) saveDraft(); });
  startKeyboard();
  refresh();
}
