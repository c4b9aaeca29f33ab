/**
 * New messages call for attention: a desktop notice, a sound, the number at the icon of the app. Of several tabs one does it, and none
 * while any of them shows the conversation. Loaded after the first render.
 * @import {Conversation, Message} from "../types.js"
 */
import { computed, effect, untracked } from "../vendor/ui.js";
import { rings } from "../core/attention.js";
import { navigate } from "../core/dom.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { isQuiet } from "../core/private.js";
import { fileWords, inWords, nameOf, titleOf, unmarked } from "../core/rows.js";
import * as store from "../core/store.js";
import { play, unlock, unlocked } from "./sound.js";

/** How long tabs wait for each other. */
const CLAIM_MS = 500;
const KEPT = 200;
const LETTERS = 200;

/** What tabs tell each other about a message. @typedef {{key: string, conversation: number, rank: number}} Claim `rank` is Infinity where it is seen or told already */

const me = store.state.value.me.id;
const tabs = "BroadcastChannel" in window ? new BroadcastChannel(`chatroom.notices.${me}`) : null;
const order = Math.random();
/** The highest rank that another tab has claimed a message with. @type {Map<string, number>} */
const claims = new Map();
/** The notices on the desktop, by conversation. @type {Map<number, {notice: Notification, seq: number}>} */
const notices = new Map();

/** Does this browser show notices of pages, here? Chrome on Android only those of service workers. */
export const canNotify = () => isSecureContext && "Notification" in window && !/Android.*Chrome|iPhone|iPad/u.test(navigator.userAgent);

/** Is somebody looking at this conversation in this tab? @param {number} conversation */
const watched = (conversation) => !document.hidden && document.hasFocus() && store.openId.value === conversation;

/** @param {Claim} claim */
const post = (claim) => tabs?.postMessage(claim);

/** @param {Claim} claim */
function onClaim({ key, conversation, rank }) {
  claims.set(key, Math.max(rank, claims.get(key) ?? 0));
  for (const old of [...claims.keys()].slice(0, -KEPT)) claims.delete(old);
  if (rank !== Infinity && watched(conversation)) post({ key, conversation, rank: Infinity });
}

/** @typedef {Pick<Message, "conversation" | "seq" | "sender" | "sender_name" | "kind" | "body" | "recalled_at" | "mentions" | "mentions_all" | "files" | "offer">} News */

/** @param {News} message */
function onNew(message) {
  const { conversations, me: { options } } = store.state.value;
  const c = conversations.get(message.conversation);
  if (!c || !rings(message, c, me) || options.busy || isQuiet(options, new Date())) return;
  const { conversation } = message;
  const key = `${conversation}.${message.seq}`;
  if (watched(conversation)) return post({ key, conversation, rank: Infinity });
  const rank = order + Number(unlocked());
  post({ key, conversation, rank });
  setTimeout(() => {
    if ((claims.get(key) ?? 0) > rank || watched(conversation)) return;
    post({ key, conversation, rank: Infinity });
    if (options.sounds) play().catch(() => {}); // the browser does not let the page sound
    if (options.desktop_notices && canNotify() && Notification.permission === "granted") show(message, c);
  }, tabs ? CLAIM_MS : 0);
}

/** What came with a conversation that begins, or while the connection was away: the last of it calls. @param {Conversation} c @param {Conversation} [before] */
function onLater(c, before) {
  const p = c.preview;
  if (!p || !c.unread || p.recalled || p.sender === me || p.seq <= Math.max(before?.last_seq ?? 0, heard.get(c.id) ?? 0)) return;
  const mentions = c.mentions > (before?.mentions ?? 0) ? [me] : [];
  onNew({ conversation: c.id, seq: p.seq, sender: p.sender, sender_name: p.sender_name ?? "", kind: p.kind, body: [fileWords(p.files ?? [], p.file), p.text].filter(Boolean).join(" "), recalled_at: null, mentions });
}

/** @param {News} message @param {Conversation} c */
function show(message, c) {
  const state = store.state.value;
  const unread = state.conversations.get(c.id)?.unread ?? 0;
  const author = nameOf(message.sender, state.people, message.sender_name);
  const picture = state.people.get(message.sender ?? 0)?.avatar;
  const text = [...inWords(message, message.body && unmarked(message.body)).replace(/\s+/gu, " ").trim()].slice(0, LETTERS).join("");
  const count = unread > 1 ? `\n${interpolate(ngettext("%(count)s new message", "%(count)s new messages", unread), { count: figure(unread) })}` : "";
  const options = { body: `${text || gettext("New message")}${count}`, tag: `chatroom.${me}.${c.id}`, icon: picture ? `/avatars/${picture}/256.webp` : undefined, silent: true, renotify: true };
  close(c.id);
  const notice = new Notification(c.kind === "direct" ? author : `${author} · ${titleOf(c, state)}`, options);
  notices.set(c.id, { notice, seq: message.seq });
  notice.onclick = () => {
    window.focus();
    navigate(`/c/${c.id}/${message.seq}/`);
    notice.close();
  };
  notice.onclose = () => { if (notices.get(c.id)?.notice === notice) notices.delete(c.id); };
}

/** @param {number} conversation */
function close(conversation) {
  const held = notices.get(conversation);
  notices.delete(conversation);
  held?.notice.close();
}

/** The number at the icon of the installed app. @param {number} count */
function badge(count) {
  if (!navigator.setAppBadge) return;
  (count ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => {}); // no icon to write on
}

/** The first click or key, where sounds are wanted. */
function onGesture() {
  if (store.state.value.me.options.sounds) unlock();
}

if (tabs) tabs.onmessage = (event) => onClaim(event.data);
for (const name of ["pointerdown", "keydown"]) addEventListener(name, onGesture, { capture: true, passive: true });
addEventListener("pagehide", () => { for (const id of [...notices.keys()]) close(id); });
/** The last message of each conversation that came by itself. @type {Map<number, number>} */
const heard = new Map();
let latest = store.news.value;
effect(() => {
  const message = store.news.value;
  if (message && message !== latest) {
    heard.set(message.conversation, message.seq);
    untracked(() => onNew(message));
  }
  latest = message;
});
let { conversations: known } = store.state.value;
effect(() => {
  const { conversations } = store.state.value;
  if (conversations === known) return;
  const changed = [...conversations.values()].filter((c) => c !== known.get(c.id)).map((c) => /** @type {const} */ ([c, known.get(c.id)]));
  known = conversations;
  untracked(() => { for (const [c, before] of changed) onLater(c, before); });
});
effect(() => { // read here or elsewhere, left, or quiet from now on
  const { conversations } = store.state.value;
  for (const [id, { seq }] of [...notices]) if ((conversations.get(id)?.read_seq ?? Infinity) >= seq) close(id);
});
effect(() => { // what was recalled is gone from here too
  const message = store.arrived.value;
  if (message?.recalled_at && notices.get(message.conversation)?.seq === message.seq) close(message.conversation);
});
effect(() => badge(store.calling.value));
const seated = computed(() => store.state.value.tables.some(({ seat }) => seat !== null));
effect(() => { if (seated.value) import("../games/cue.js").catch(() => {}); }); // offline: the page that is loaded next has it
