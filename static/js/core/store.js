/**
 * The one state of the page: frames of the socket and answers of the API go through the pure functions of reduce.js, views read signals.
 * @import {Conversation, Frame, Message, PageData, Snapshot, State, Todo} from "../types.js"
 */
import { batch, computed, signal } from "../vendor/ui.js";
import { CommandError, Socket, get } from "./net.js";
import { Outbox } from "./outbox.js";
import * as reduce from "./reduce.js";
import * as rows from "./rows.js";

const HELD_TIMELINES = 12;

/** @type {import("../vendor/ui.js").Signal<State>} */
export const state = signal(/** @type {State} */ (/** @type {unknown} */ (null)));
/** The conversation on the screen. @type {import("../vendor/ui.js").Signal<number | null>} */
export const openId = signal(null);
/** What the composer answers or changes. @type {import("../vendor/ui.js").Signal<{mode: "reply" | "edit", message: Message} | null>} */
export const composing = signal(null);
/** The message frame that came last, for parts that hold messages of their own. @type {import("../vendor/ui.js").Signal<Message | null>} */
export const arrived = signal(null);
/** The last message of somebody else that came while the page stood. @type {import("../vendor/ui.js").Signal<Message | null>} */
export const news = signal(null);
/** What draws the files of a message on its way, and of an accepted offer of mine: comes with upload.js. @type {import("../vendor/ui.js").Signal<typeof import("../chat/pending.js") | null>} */
export const uploads = signal(null);
/** Pictures that were sent from this page, as it holds them, by their token: shown until the server's have come. @type {Map<string, string>} */
export const sentPictures = new Map();
/** What the title says first while something waits for me beside the messages. */
export const cue = signal("");
/** Why the last page did not come. */
export const loadError = signal("");

export const open = computed(() => (openId.value === null ? null : state.value.conversations.get(openId.value) ?? null));
export const timeline = computed(() => (openId.value === null ? null : state.value.timelines.get(openId.value) ?? null));
// A direct conversation that somebody has only opened is nobody else's business yet.
const isListed = (/** @type {import("../types.js").Conversation} */ c) => c.kind !== "direct" || c.last_seq > 0 || c.draft !== "" || c.id === openId.value;
export const list = computed(() => rows.ordered(state.value).filter(isListed));
/** How many messages call me, by the levels of their conversations: for the title and the icon. Everyone calls by name only. */
export const calling = computed(() => list.value.reduce((sum, c) => sum + (c.level === "none" ? 0 : c.level === "mentions" || c.kind === "everyone" ? c.mentions : c.unread), 0));

/** How far this device's clock is ahead of the server's, in milliseconds: what may be done for some minutes does not depend on it. */
let ahead = 0;

/** The server's time. */
export const now = () => Date.now() - ahead;

/** @type {Socket} */
export let socket;
/** @type {Outbox} */
export let outbox;
/** @type {{onNew: (message: Message) => void, onGone: (id: number) => void}} */
let hooks;
/** @type {State} */
let current;
let flushing = false;
/** @type {Set<(frame: Frame) => void>} */
const listeners = new Set();
/** @type {Map<number, number>} */
const tickets = new Map();
/** @type {number[]} */
let recent = [];

/**
 * Starts from what the page brought along.
 * @param {Snapshot} snapshot @param {PageData | null} page
 * @param {{onNew: (message: Message) => void, onGone: (id: number) => void, onEnded: () => void, url: string, ahead: number}} options
 */
export function start(snapshot, page, options) {
  hooks = options;
  ahead = options.ahead;
  current = reduce.fromSnapshot(snapshot);
  if (page && current.conversations.has(page.conversation)) current = reduce.embedPage(current, page.conversation, page);
  state.value = current;
  socket = new Socket(options.url, {
    hello: () => ({ cursors: reduce.helloCursors(current), heads: reduce.helloHeads(current), device: matchMedia("(pointer: coarse)").matches ? "phone" : "computer" }),
    onFrame: (frame) => {
      if (frame.type === "ready" && isForeign(frame.data)) return socket.end();
      step(reduce.apply(current, frame, Date.now()), frame);
      for (const take of listeners) take(frame);
    },
    onLive: () => {
      outbox.setOpen(true);
      tellOpen();
    },
    onDown: () => {
      outbox.setOpen(false);
      set(reduce.disconnected(current));
    },
    onEnded: options.onEnded,
  });
  outbox = new Outbox(snapshot.me.id, localStorage, ({ conversation, client_id, body, reply_to, files, offer }) => (offer
    ? socket.request("file.offer", { conversation, client_id, ...offer })
    : socket.request("message.send", { conversation, client_id, body, ...(reply_to === null ? {} : { reply_to }), ...(files && { files: files.map((f) => f.token) }) })), Date.now, (conversation) => current.cursors.get(reduce.feedOf(conversation)) ?? 0);
  outbox.seen([...(page?.messages ?? [])]);
  addEventListener("storage", ({ key, newValue }) => outbox.shared(key, newValue));
  socket.connect();
  setInterval(() => set(reduce.forgetTyping(current, Date.now())), 1000);
}

/** Somebody else has signed in with this browser: what the page holds, and has not sent yet, is not his. @param {Snapshot} snapshot */
const isForeign = ({ me }) => me.id !== current.me.id;

/** Hands every frame to a part with a state of its own: the card table. @param {(frame: Frame) => void} take @returns {() => boolean} ends it */
export const listen = (take) => {
  listeners.add(take);
  return () => listeners.delete(take);
};

/** Shows the state at the next frame, so that a burst of events costs one render. @param {State} next */
function set(next) {
  if (next === current) return;
  current = next;
  if (flushing) return;
  flushing = true;
  if (document.hidden) setTimeout(flush, 0);
  else requestAnimationFrame(flush);
}

/** Shows the state now. */
export function flush() {
  flushing = false;
  state.value = current;
}

/** @param {[State, Todo[]]} result @param {Frame} [frame] */
function step([next, todo], frame) {
  set(next);
  if (frame?.type === "message") {
    arrived.value = frame.data;
    if (frame.data.sender === current.me.id) {
      batch(() => { // its row takes the place of what was on its way in one picture
        flush();
        outbox.seen([frame.data]);
      });
    }
    if (frame.data.sender !== null) meetSoon(frame.data.sender);
    outbox.settled(frame.data.conversation, current.cursors.get(frame.feed) ?? 0);
  }
  // The server follows a new conversation only now: before, it did not know that this tab may show it.
  if (frame?.type === "head" && openId.value !== null && frame.feed === reduce.feedOf(openId.value)) tellOpen();
  for (const task of todo) perform(task);
}

/** @param {Todo} task */
function perform(task) {
  if (task.do === "new") {
    hooks.onNew(task.message);
    news.value = task.message;
  } else if (task.do === "gone") hooks.onGone(task.conversation);
  else if (task.do === "snapshot") setTimeout(refresh, task.later ? Math.random() * 1500 : 0);
  else if (task.do === "load") {
    if (task.conversation === openId.value) loadOpen(task.conversation);
  } else resume(task.feed, task.after);
}

/** @param {string} feed @param {number} after */
async function resume(feed, after) {
  try {
    step(reduce.resumed(current, feed, await socket.request("feed.resume", { feed, after })));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (error.code !== "offline") step(reduce.resumed(current, feed, { resync: true }));
  }
}

async function refresh() {
  const snapshot = await get("snapshot");
  if (isForeign(snapshot)) return socket.end();
  step(reduce.apply(current, { type: "ready", data: { ...snapshot, partial: false } }, Date.now()));
}

/** Messages shown on opening: the look-back count of the options. */
const pageSize = () => Number(current.me.options.look_back) || 50;

/** Fetches a page of history and merges it; false when it did not come or is no longer wanted. @param {number} id @param {"replace" | "before" | "after"} mode @param {{before?: number, after?: number, around?: number, at?: string}} where */
export async function loadPage(id, mode, where) {
  const ticket = (tickets.get(id) ?? 0) + 1;
  tickets.set(id, ticket);
  loadError.value = "";
  set(reduce.startPage(current, id, mode));
  try {
    const page = await get(`conversations/${id}/messages`, { ...where, limit: pageSize() });
    if (tickets.get(id) !== ticket) return false;
    outbox.seen(page.messages.filter((/** @type {Message} */ m) => m.sender === current.me.id));
    set(reduce.mergePage(current, id, page, mode));
    flush();
    return true;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (tickets.get(id) !== ticket) return false;
    set(reduce.failPage(current, id));
    loadError.value = error.message || error.code;
    return false;
  }
}

/** The page a conversation opens with: at the first unread message, else the newest. @param {number} id */
export function loadOpen(id) {
  const c = current.conversations.get(id);
  const far = c && c.unread > 0 && c.last_seq - c.read_seq > pageSize() * 0.8;
  return loadPage(id, "replace", far ? { around: c.read_seq + 1 } : {});
}

/** Makes a conversation the open one. Its messages are shown at once where they are held. @param {number | null} id */
export function show(id) {
  if (openId.value === id) return;
  if (id !== null) {
    recent = [id, ...recent.filter((r) => r !== id)];
    for (const old of recent.splice(HELD_TIMELINES)) set({ ...current, timelines: reduce.put(current.timelines, old, undefined) });
  }
  flush();
  composing.value = null;
  openId.value = id;
  loadError.value = "";
  if (socket.live) tellOpen();
}

/** The conversations that were open, the latest first. */
export const recentIds = () => recent;

/** Says which conversation is on the screen; the answer tells who else looks at it now. */
function tellOpen() {
  const id = openId.value;
  socket.request("conversation.open", { conversation: id }).then(({ here }) => {
    if (id !== null && id === openId.value) set({ ...current, here: reduce.put(current.here, id, here) });
  }, (error) => {
    if (!(error instanceof CommandError)) throw error;
  });
}

/** Keeps the number of rows small. @param {number} id @param {"start" | "end"} side */
export function trimTimeline(id, side) {
  const held = current.timelines.get(id);
  if (held && !held.loading) set({ ...current, timelines: reduce.put(current.timelines, id, reduce.trim(held, side)) });
}

/** I have seen the messages up to `seq`. @param {number} id @param {number} seq */
export function markRead(id, seq) {
  const next = reduce.readUpTo(current, id, seq);
  if (next === current) return;
  set(next);
  socket.tell("conversation.read", { conversation: id, seq });
}

/** I want to see the messages from `seq` on as new again. @param {number} id @param {number} seq */
export function markUnread(id, seq) {
  set(reduce.unreadFrom(current, id, seq));
  return socket.request("conversation.read", { conversation: id, seq: seq - 1, back: true });
}

/** A conversation object that came as an answer. @param {Conversation} conversation */
export function adopt(conversation) {
  set(reduce.withConversations(current, [conversation]));
  flush();
}

/** Senders of whom only a message has told: all that were asked for, and those to ask for together. @type {Set<number>} */
const asked = new Set();
/** @type {number[]} */
let asking = [];

/** @param {number} id */
function meetSoon(id) {
  if (current.people.has(id) || asked.has(id)) return;
  asked.add(id);
  if (asking.push(id) > 1) return;
  setTimeout(() => {
    get("people", { ids: asking.join() }).then(({ people }) => meet(people), () => {}); // without them there are letters for pictures
    asking = [];
  }, 300);
}

/** People that came as an answer. @param {import("../types.js").Person[]} people */
export function meet(people) {
  set(reduce.withPeople(current, people, Date.now()));
}

/** @param {number} id @param {string} body */
export function setDraft(id, body) {
  const c = current.conversations.get(id);
  if (c && c.draft !== body) set({ ...current, conversations: reduce.put(current.conversations, id, { ...c, draft: body }) });
}

/** @param {Record<string, unknown>} options */
export async function saveOptions(options) {
  const saved = await socket.request("options.save", { options });
  set({ ...current, me: { ...current.me, options: { ...current.me.options, ...saved.options } } });
}
