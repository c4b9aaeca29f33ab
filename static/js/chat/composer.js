/**
 * Where messages are written. The textarea is never drawn by a template: its value is not touched while somebody composes a letter.
 * @import {Conversation} from "../types.js"
 */
import { effect, html, nothing, render, untracked } from "../vendor/ui.js";
import { byId, icon, isComposing, tellError, toast } from "../core/dom.js";
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

const form = byId("composer");
const area = /** @type {HTMLTextAreaElement} */ (byId("composer-text"));
const bar = byId("composer-bar");
const sendButton = /** @type {HTMLButtonElement} */ (byId("composer-send"));
const count = byId("composer-count");
const touch = matchMedia("(pointer: coarse)");

/** The conversation the text belongs to. @type {number | null} */
let owner = null;
/** The draft set aside while a message is edited. */
let setAside = "";
let lastTyping = 0;
/** @type {any} */
let draftTimer;
/** @type {any} */
let syncTimer;

/** @param {number} id */
const draftKey = (id) => `chatroom.draft.${store.state.value.me.id}.${id}`;
const editing = () => store.composing.value?.mode === "edit";

/** @param {string} text */
function setText(text) {
  area.value = text;
  refresh();
}

/** Size, send button, counter. */
function refresh() {
  if (!CSS.supports("field-sizing", "content")) {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  }
  const letters = [...area.value].length;
  sendButton.classList.toggle("ready", area.value.trim() !== "" && letters <= MAX_LETTERS);
  count.textContent = letters > WARN_LETTERS ? figure(MAX_LETTERS - letters) : "";
  count.classList.toggle("error", letters > MAX_LETTERS);
}

/** Keeps the draft here at once, and on the server a little later. */
function saveDraft() {
  if (owner === null || editing()) return;
  const id = owner;
  const body = area.value;
  if (body) localStorage.setItem(draftKey(id), body);
  store.setDraft(id, body);
  clearTimeout(syncTimer);
  syncTimer = setTimeout(() => syncDraft(id, body), SYNC_MS);
}

/** @param {number} id @param {string} body */
function syncDraft(id, body) {
  clearTimeout(syncTimer);
  syncTimer = null;
  if (!body) localStorage.removeItem(draftKey(id));
  store.socket.request("draft.save", { conversation: id, body }).then(() => localStorage.removeItem(draftKey(id)), (error) => {
    if (error.code !== "offline") tellError(error);
  });
}

/** Another conversation is on the screen. @param {Conversation | null} c */
function change(c) {
  if (owner !== null && (draftTimer || syncTimer)) {
    clearTimeout(draftTimer);
    draftTimer = null;
    store.setDraft(owner, area.value);
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
  if ([...body].length > MAX_LETTERS) {
    toast(interpolate(gettext("A message has at most %(count)s letters."), { count: figure(MAX_LETTERS) }), "error");
    return;
  }
  if (composing?.mode === "edit") {
    if (body !== composing.message.body) {
      store.socket.request("message.edit", { conversation: owner, seq: composing.message.seq, body }).then(() => { if (editing()) stopComposing(); }, tellError);
    } else stopComposing();
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
  if (isComposing(event)) return;
  const enterSends = store.state.value.me.options.enter_sends !== false && !touch.matches;
  if (event.key === "Enter" && !event.shiftKey && !event.altKey && (event.ctrlKey || event.metaKey || enterSends)) {
    event.preventDefault();
    submit();
  } else if (event.key === "ArrowUp" && !area.value && !event.shiftKey) {
    event.preventDefault();
    editLast();
  } else if (event.key === "Escape" && store.composing.value) {
    event.preventDefault();
    stopComposing();
  }
}

function onInput() {
  refresh();
  clearTimeout(draftTimer);
  draftTimer = setTimeout(() => { draftTimer = null; saveDraft(); }, DRAFT_MS);
  if (area.value.trim() && !editing() && owner !== null && Date.now() - lastTyping > TYPING_MS) {
    lastTyping = Date.now();
    store.socket.tell("conversation.typing", { conversation: owner });
  }
}

/** The bar above the box: what is answered or changed. */
function barView() {
  const composing = store.composing.value;
  if (!composing) return nothing;
  const { mode, message } = composing;
  const state = store.state.value;
  const title = mode === "edit" ? gettext("Edit message") : interpolate(gettext("Reply to %(name)s"), { name: nameOf(message.sender, state.people, message.sender_name) });
  return html`<div class="composer-note">
    ${icon(mode === "edit" ? "pencil" : "reply")}
    <div><b>${title}</b><span>${quotedText(message, state)}</span></div>
    <button class="icon-button" type="button" aria-label=${gettext("Cancel")} @click=${stopComposing}>${icon("x")}</button>
  </div>`;
}

/** Starts the composer. */
export function startComposer() {
  effect(() => {
    const id = store.openId.value;
    untracked(() => change(id === null ? null : store.open.value));
  });
  effect(() => {
    const draft = store.open.value?.draft ?? "";
    untracked(() => {
      // Written on another device: shown here unless somebody is writing.
      if (owner !== null && !editing() && !draftTimer && !syncTimer && document.activeElement !== area && !localStorage.getItem(draftKey(owner)) && area.value !== draft) setText(draft);
    });
  });
  effect(() => { render(barView(), bar); });
  let before = store.composing.value;
  effect(() => {
    const now = store.composing.value;
    if (now === before) return;
    const wasEdit = before?.mode === "edit";
    before = now;
    if (now?.mode === "edit") {
      if (!wasEdit) setAside = area.value;
      setText(now.message.body);
    } else if (wasEdit) {
      clearTimeout(draftTimer);
      draftTimer = null;
      setText(setAside);
    }
    if (now) area.focus();
  });
  effect(() => {
    const c = store.open.value;
    form.hidden = !c?.can_post;
    byId("read-only").hidden = !c || c.can_post;
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  // A press on the button must not take the focus from the box: the keyboard of a phone would close.
  sendButton.addEventListener("pointerdown", (event) => event.preventDefault());
  area.addEventListener("keydown", onKey);
  area.addEventListener("input", onInput);
  addEventListener("pagehide", () => { if (draftTimer) saveDraft(); });
  refresh();
}
