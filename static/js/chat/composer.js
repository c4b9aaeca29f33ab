/**
 * Where messages are written. The textarea is never drawn by a template: its value is not touched while somebody composes a letter.
 * @import {Conversation} from "../types.js"
 */
import { effect, html, nothing, render, untracked } from "../vendor/ui.js";
import { announce, byId, icon, isComposing, needed, tellError, toast } from "../core/dom.js";
import { figure, gettext, interpolate } from "../core/i18n.js";
import { canEdit, nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import * as closed from "./closed.js";
import * as drafts from "./drafts.js";
import { MAX_LETTERS, WARN_LETTERS, letters, limitText } from "./drafts.js";
import { toEnd } from "./list.js";
import { quotedText } from "./message.js";

const TYPING_MS = 3000;
/** Two letters after a colon that begins a word: an emoji. */
const COLON_WORD = /(?:^|\s):(\p{L}[\p{L}\p{M}\p{N}_+-]+)$/u;
/** What follows an @ that is not inside an address of mail; Chinese has no blank before it. */
const AT_WORD = /(?:^|[^A-Za-z0-9_@])@([\p{L}\p{M}\p{N}._-]*)$/u;
const WORD_MAX = 40;
/** From here on a text may be sent as a file. */
const LONG_TEXT = 2000;

const form = byId("composer");
const area = /** @type {HTMLTextAreaElement} */ (byId("composer-text"));
const bar = byId("composer-bar");
const emojiButton = byId("composer-emoji");
const sendButton = /** @type {HTMLButtonElement} */ (byId("composer-send"));
const fileButton = byId("composer-file");
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
/** Where files come in: it comes once the box stands. @type {typeof import("./intake.js") | null} */
let intake = null;

/** The draft in the box. */
const draft = () => (owner === null || editing() ? null : { id: owner, body: area.value });
const editing = () => store.composing.value?.mode === "edit";
const enterSends = () => store.state.value.me.options.enter_sends !== false && !touch.matches;

/** @param {string} text */
function setText(text) {
  if (writing) area.blur(); // ends the letter in the making: its text belongs to what is replaced
  if (area.value !== text) area.value = text;
  completer?.closeList();
  refresh();
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
  const some = /\S/.test(text) || !!intake?.waiting(owner);
  if (long > MAX_LETTERS && !tooLong) announce(limitText(), limitText);
  tooLong = long > MAX_LETTERS;
  form.classList.toggle("filled", some);
  sendButton.classList.toggle("ready", some && !tooLong);
  put(count, long > WARN_LETTERS ? figure(MAX_LETTERS - long) : "");
  put(hint, tooLong ? limitText() : hintText());
  fileButton.hidden = long < LONG_TEXT || editing();
  form.classList.toggle("over", tooLong);
}

/** @param {HTMLElement} element @param {string} text */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function hintText() {
  if (touch.matches) return "";
  if (editing()) return enterSends() ? gettext("Enter saves, Esc cancels") : gettext("Ctrl+Enter saves, Esc cancels");
  return enterSends() ? gettext("Enter sends, Shift+Enter makes a new line") : gettext("Ctrl+Enter sends, Enter makes a new line");
}

/** Another conversation is on the screen. @param {Conversation | null} c */
function change(c) {
  if (writing) area.blur();
  if (owner !== null) drafts.finish(owner, area.value);
  owner = c?.id ?? null;
  setText(c ? drafts.keptHere(c.id) ?? c.draft : "");
  if (c && !touch.matches) area.focus();
}

function submit() {
  const id = owner;
  const coming = intake?.arriving();
  if (coming) {
    coming.then(() => { if (owner === id) submit(); });
    return;
  }
  const body = area.value.trim();
  const composing = store.composing.value;
  const files = composing?.mode === "edit" ? null : intake?.waiting(owner);
  if (owner === null || !(body || files)) return;
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
  if (closed.mustWait(store.open.value)) return; // the text stays in the box
  (files ? files.send : store.outbox.add.bind(store.outbox))(owner, body, composing?.mode === "reply" ? composing.message.seq : null);
  store.composing.value = null;
  lastTyping = 0;
  setText("");
  drafts.clear(owner);
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
  if (message && canEdit(message, state, store.now())) store.composing.value = { mode: "edit", message };
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
  drafts.saveSoon(draft);
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

/** Offers emoji for a word after a colon, people for one after an @. */
function complete() {
  const end = area.selectionStart;
  const before = end === area.selectionEnd ? area.value.slice(Math.max(0, end - WORD_MAX), end) : "";
  const word = COLON_WORD.exec(before)?.[1];
  const name = AT_WORD.exec(before)?.[1];
  if (word === undefined && name === undefined) return completer?.closeList();
  const still = (/** @type {string} */ typed) => !writing && area.value.slice(0, area.selectionStart).endsWith(typed);
  const give = (/** @type {string} */ text, /** @type {string} */ typed) => { if (still(typed)) insert(`${text} `, area.selectionStart - typed.length); };
  import("./complete.js").then(async (module) => {
    completer = module;
    if (word !== undefined) {
      if (still(`:${word}`)) module.offer(area, word, (emoji) => give(emoji, `:${word}`));
      return;
    }
    const { offerPeople } = await import("./mention.js");
    if (still(`@${name}`)) offerPeople(area, String(name), (text) => give(text, `@${name}`));
  }).catch((error) => { if (!(error instanceof TypeError)) throw error; }); // without a network nothing is offered
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

/** Starts the composer. */
export function start() {
  area.addEventListener("compositionstart", () => { writing = true; });
  area.addEventListener("compositionend", () => { writing = false; complete(); });
  effect(() => {
    const id = store.openId.value;
    untracked(() => change(id === null ? null : store.open.value));
  });
  effect(() => {
    const written = store.open.value?.draft ?? "";
    untracked(() => {
      // Written on another device: shown here unless somebody is writing.
      if (owner !== null && !writing && !editing() && drafts.resting() && document.activeElement !== area && !drafts.keptHere(owner) && area.value !== written) setText(written);
    });
  });
  drafts.start();
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
        drafts.forget();
        setText(setAside);
      } else refresh();
      const label = editing() ? gettext("Save") : gettext("Send");
      sendButton.title = label;
      sendButton.setAttribute("aria-label", label);
      render(icon(editing() ? "check" : "send-horizontal"), sendButton);
      if (now) area.focus();
    });
  });
  closed.start(sendButton);
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
  needed(() => import("./intake.js")).then((module) => {
    intake = module;
    module.start({ refresh, clear: () => { setText(""); if (owner !== null) drafts.clear(owner); } });
  });
  addEventListener("pagehide", () => drafts.saveNow(draft));
  startKeyboard();
  refresh();
}
