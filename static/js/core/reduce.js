/**
 * The state of the page as plain data, and pure functions that change it: nothing here touches the DOM, the network or a clock.
 * A function answers a new state; `apply` also answers what the page has to do next.
 * @import {Conversation, Frame, Message, MessageFrame, NumberedFrame, Page, Private, Snapshot, State, Timeline, Todo} from "../types.js"
 */
import { filled, personEntry, previewOf, systemEffect, withFaces } from "./rows.js";

/** Rows the page keeps of one conversation. */
export const WINDOW = 200;
const TYPING_MS = 6000;
/** Longer than the server takes to read people. */
const HEARD_MS = 3000;

/** The feed of a conversation. @param {number} id */
export const feedOf = (id) => `c:${id}`;
/** @param {string} feed */
const conversationOf = (feed) => Number(feed.slice(2));

/** A copy of a map with one entry set, or deleted where the value is undefined. @template K, V @param {Map<K, V>} map @param {K} key @param {V | undefined} value */
export function put(map, key, value) {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}

/** The state a snapshot stands for. @param {Snapshot} snapshot @returns {State} */
export function fromSnapshot(snapshot) {
  return {
    me: snapshot.me,
    relations: /** @type {import("../types.js").Relations} */ (snapshot.relations),
    site: snapshot.site,
    conversations: new Map(snapshot.conversations.map((c) => [c.id, filled(c)])),
    people: new Map(snapshot.people.map(personEntry)),
    timelines: new Map(),
    cursors: new Map([[`u:${snapshot.me.id}`, snapshot.cursor], ...snapshot.conversations.map((c) => /** @type {[string, number]} */ ([feedOf(c.id), c.last_change ?? 0]))]),
    resuming: new Map(),
    typing: new Map(),
    receipts: new Map(),
    heard: new Map(),
  };
}

/** The cursors `hello` sends: the user's feed, and conversations whose messages are held. @param {State} state */
export function helloCursors(state) {
  /** @type {Record<string, number>} */
  const cursors = {};
  for (const feed of [`u:${state.me.id}`, ...[...state.timelines.keys()].map(feedOf)]) {
    const cursor = state.cursors.get(feed);
    if (cursor !== undefined) cursors[feed] = cursor;
  }
  return cursors;
}

/** The heads `hello` sends: of conversations that are only listed. @param {State} state */
export function helloHeads(state) {
  return Object.fromEntries([...state.cursors].filter(([feed]) => feed.startsWith("c:") && !state.timelines.has(conversationOf(feed))));
}

/** Takes one frame of the server. @param {State} state @param {Frame} frame @param {number} now @returns {[State, Todo[]]} */
export function apply(state, frame, now) {
  switch (frame.type) {
    case "message":
    case "private":
      return applyNumbered(state, frame, now);
    case "head": {
      const cursor = state.cursors.get(frame.feed);
      if (cursor === undefined || frame.prev <= cursor || state.resuming.has(frame.feed)) return [state, []];
      return [{ ...state, resuming: put(state.resuming, frame.feed, []) }, [{ do: "resume", feed: frame.feed, after: cursor }]];
    }
    case "ready":
      return applyReady(state, frame.data);
    case "resync":
      return resync(state, frame.feed);
    case "people":
    case "presence": {
      const people = new Map(state.people);
      for (const p of frame.data.people) {
        const known = people.get(p.id);
        if (known) people.set(p.id, { ...known, ...p });
      }
      const news = frame.type === "presence" ? frame.data.people.map((p) => /** @type {const} */ ([p.id, { ...p, at: now }])) : [];
      return [{ ...state, people, heard: new Map([...[...state.heard].filter(([, h]) => now - h.at < HEARD_MS), ...news]) }, []];
    }
    case "typing": {
      const { conversation, user, name } = frame.data;
      if (user === state.me.id) return [state, []];
      const others = (state.typing.get(conversation) ?? []).filter((t) => t.user !== user);
      return [{ ...state, typing: put(state.typing, conversation, [...others, { user, name, until: now + TYPING_MS }]) }, []];
    }
    case "receipts": {
      const { conversation, reads, back } = frame.data;
      const known = new Map(state.receipts.get(conversation));
      for (const [user, seq] of reads) known.set(user, back ? seq : Math.max(seq, known.get(user) ?? 0));
      const c = state.conversations.get(conversation);
      const peer = c?.peer ? known.get(c.peer) ?? 0 : 0;
      const next = { ...state, receipts: put(state.receipts, conversation, known) };
      return [c && (back ? known.has(c.peer ?? 0) : peer > c.peer_read_seq) ? withConversation(next, { ...c, peer_read_seq: peer }) : next, []];
    }
    case "policies":
      return [{ ...state, site: { ...state.site, ...frame.data.site } }, frame.data.site.friends_only === state.site.friends_only ? [] : [{ do: "snapshot", later: true }]];
    default:
      return [state, []];
  }
}

/** The cursor rules: old is ignored, a gap asks for what is missing, and what comes ahead of it waits. @param {State} state @param {NumberedFrame} frame @param {number} now @returns {[State, Todo[]]} */
function applyNumbered(state, frame, now = Infinity) {
  const cursor = state.cursors.get(frame.feed);
  if (cursor === undefined || frame.number <= cursor) return [state, []];
  if (frame.prev > cursor) {
    const waiting = state.resuming.get(frame.feed);
    const next = { ...state, resuming: put(state.resuming, frame.feed, [...(waiting ?? []), frame]) };
    return [next, waiting ? [] : [{ do: "resume", feed: frame.feed, after: cursor }]];
  }
  const moved = { ...state, cursors: put(state.cursors, frame.feed, frame.number) };
  return frame.type === "message" ? applyMessage(moved, frame) : applyPrivate(moved, frame.data, now);
}

/** The answer to feed.resume; then what waited for it. @param {State} state @param {string} feed @param {{number?: number, resync?: boolean}} answer @returns {[State, Todo[]]} */
export function resumed(state, feed, answer) {
  const waiting = state.resuming.get(feed) ?? [];
  const next = { ...state, resuming: put(state.resuming, feed, undefined) };
  if (answer.resync) return resync(next, feed);
  next.cursors = put(next.cursors, feed, Math.max(answer.number ?? 0, next.cursors.get(feed) ?? 0));
  return waiting.reduce((/** @type {[State, Todo[]]} */ [s, todo], frame) => {
    const [after, more] = applyNumbered(s, frame);
    return [after, [...todo, ...more]];
  }, [next, []]);
}

/** The socket is gone: no answer to feed.resume will come. @param {State} state @returns {State} */
export const disconnected = (state) => ({ ...state, resuming: new Map(), typing: new Map() });

/** @param {State} state @param {string} feed @returns {[State, Todo[]]} */
function resync(state, feed) {
  if (!feed.startsWith("c:")) return [state, [{ do: "snapshot" }]];
  const id = conversationOf(feed);
  const head = state.conversations.get(id)?.last_change;
  const cursors = put(state.cursors, feed, head);
  return [{ ...state, cursors, timelines: put(state.timelines, id, undefined) }, [{ do: "load", conversation: id }]];
}

/** @param {State} state @param {Snapshot} snapshot @returns {[State, Todo[]]} */
function applyReady(state, snapshot) {
  const listed = new Set(snapshot.conversations.map((c) => c.id));
  const gone = snapshot.partial ? snapshot.gone ?? [] : [...state.conversations.keys()].filter((id) => !listed.has(id));
  let next = { ...state, me: snapshot.me, relations: snapshot.relations ?? state.relations, site: snapshot.site, resuming: new Map() };
  next.cursors = put(next.cursors, `u:${snapshot.me.id}`, snapshot.cursor);
  next.people = new Map([...state.people, ...snapshot.people.map(personEntry)]);
  for (const [id, presence] of snapshot.partners ?? []) next.people.set(id, { .../** @type {import("../types.js").Person} */ (next.people.get(id)), presence });
  next = withConversations(next, snapshot.conversations);
  const [after, todo] = withoutConversations(next, gone);
  return [after, todo];
}

/** Conversation objects of the server. What is held of messages keeps its own cursor: the missing events follow. @param {State} state @param {Conversation[]} list @returns {State} */
export function withConversations(state, list) {
  const conversations = new Map(state.conversations);
  const cursors = new Map(state.cursors);
  for (const c of list.map(filled)) {
    const feed = feedOf(c.id);
    const known = conversations.get(c.id);
    conversations.set(c.id, known && known.last_change > c.last_change ? { ...c, ...latest(known) } : c);
    if (!state.timelines.has(c.id)) cursors.set(feed, Math.max(c.last_change, cursors.get(feed) ?? 0));
    else if (!cursors.has(feed)) cursors.set(feed, c.last_change);
  }
  return { ...state, conversations, cursors };
}

/** The part of a conversation that its messages move. @param {Conversation} c */
const latest = ({ last_seq, last_change, preview, unread, read_seq, counted, more }) => ({ last_seq, last_change, preview, unread, read_seq, counted, more });

/** @param {State} state @param {Conversation} conversation @returns {State} */
const withConversation = (state, conversation) => ({ ...state, conversations: put(state.conversations, conversation.id, conversation) });

/** @param {State} state @param {number[]} ids @returns {[State, Todo[]]} */
function withoutConversations(state, ids) {
  const next = { ...state, conversations: new Map(state.conversations), timelines: new Map(state.timelines), cursors: new Map(state.cursors) };
  /** @type {Todo[]} */
  const todo = [];
  for (const id of ids) {
    next.timelines.delete(id);
    next.cursors.delete(feedOf(id));
    if (next.conversations.delete(id)) todo.push({ do: "gone", conversation: id });
  }
  return [next, todo];
}

/** People that the server has read. What was heard of somebody's presence in the meantime is newer. @param {State} state @param {Partial<import("../types.js").Person>[]} list @param {number} now @returns {State} */
export function withPeople(state, list, now) {
  const people = new Map(state.people);
  for (const [id, person] of list.map(personEntry)) {
    const heard = state.heard.get(id);
    people.set(id, heard && now - heard.at < HEARD_MS ? { ...person, presence: heard.presence, last_seen: heard.last_seen } : person);
  }
  return { ...state, people };
}

/** @param {State} state @param {Private} data @param {number} now @returns {[State, Todo[]]} */
function applyPrivate(state, data, now) {
  let next = state;
  if (data.people) next = withPeople(data.all ? { ...next, heard: new Map() } : next, data.people, now); // a block ends what was heard before
  if (data.conversations) next = withConversations(next, data.conversations);
  if (data.me) next = { ...next, me: data.me };
  if (data.relations) next = { ...next, relations: data.relations };
  if (data.options) next = { ...next, me: { ...next.me, options: { ...next.me.options, ...data.options } } };
  for (const { conversation, read_seq, unread, last_seq, back } of data.reads ?? []) {
    const c = next.conversations.get(conversation);
    if (!c || (read_seq < c.read_seq && !back)) continue;
    const more = c.more.filter((seq) => seq > Math.max(last_seq, read_seq));
    const all = unread + more.length;
    next = withConversation(next, { ...c, read_seq, unread: all, counted: last_seq, more, mention: all > 0 && c.mention });
  }
  for (const { conversation, body } of data.drafts ?? []) {
    const c = next.conversations.get(conversation);
    if (c) next = withConversation(next, { ...c, draft: body });
  }
  for (const { conversation, pinned, level } of data.memberships ?? []) {
    const c = next.conversations.get(conversation);
    if (c) next = withConversation(next, { ...c, pinned, level });
  }
  const listed = new Set(data.conversations?.map((c) => c.id));
  const gone = data.all ? [...next.conversations.keys()].filter((id) => !listed.has(id)) : data.gone;
  return withoutConversations(next, gone ?? []);
}

/** @param {State} state @param {MessageFrame} frame @returns {[State, Todo[]]} */
function applyMessage(state, { data: message, number }) {
  const c = state.conversations.get(message.conversation);
  if (!c) return [state, []];
  const isNew = message.seq > c.last_seq;
  const foreign = message.sender !== state.me.id;
  /** @type {Conversation} */
  const changed = { ...c, last_change: Math.max(c.last_change, number), last_seq: Math.max(c.last_seq, message.seq) };
  if (!c.preview || message.seq >= c.preview.seq) changed.preview = previewOf(message);
  // Rows come by change, so an older message that was edited may follow a newer one: each is counted once, whatever the order.
  if (foreign && message.kind !== "system" && message.seq > Math.max(c.counted, c.read_seq) && !c.more.includes(message.seq)) {
    changed.more = [...c.more, message.seq];
    changed.unread += 1;
  }
  if (isNew && message.kind === "system") Object.assign(changed, systemEffect(changed, message, state.me.id));
  let next = withConversation(state, changed);
  const timeline = next.timelines.get(c.id);
  if (timeline) next = { ...next, timelines: put(next.timelines, c.id, upsert(timeline, message)) };
  const typing = next.typing.get(c.id);
  if (isNew && typing) next = { ...next, typing: put(next.typing, c.id, typing.filter((t) => t.user !== message.sender)) };
  return [next, isNew && foreign ? [{ do: "new", message }] : []];
}

/** Puts a message in its place; of two versions the one with the higher change stays. @param {Timeline} timeline @param {Message} message @returns {Timeline} */
export function upsert(timeline, message) {
  const quoted = timeline.quoted.get(message.seq);
  let next = quoted && quoted.change < message.change ? { ...timeline, quoted: put(timeline.quoted, message.seq, message) } : timeline;
  // A page that replaces the window may have been read before this event.
  if (next.loading === "replace") next = { ...next, held: [...next.held, message] };
  const { rows } = next;
  const at = rows.findLastIndex((row) => row.seq <= message.seq);
  if (at >= 0 && rows[at].seq === message.seq) {
    return rows[at].change < message.change ? { ...next, rows: rows.with(at, message) } : next;
  }
  const outside = rows.length === 0 ? next.moreBefore || next.moreAfter : at < 0 ? next.moreBefore : at === rows.length - 1 && next.moreAfter;
  if (!outside) return { ...next, rows: rows.toSpliced(at + 1, 0, message) };
  return next.loading && next.loading !== "replace" ? { ...next, held: [...next.held, message] } : next;
}

const EMPTY = /** @type {Timeline} */ ({ rows: [], quoted: new Map(), moreBefore: true, moreAfter: true, loading: "replace", held: [] });

/** A page is asked for: from now on events outside the window are held. @param {State} state @param {number} id @param {"replace" | "before" | "after"} mode @returns {State} */
export function startPage(state, id, mode) {
  const timeline = state.timelines.get(id) ?? EMPTY;
  return { ...state, timelines: put(state.timelines, id, { ...timeline, loading: mode }) };
}

/** The page did not come. @param {State} state @param {number} id @returns {State} */
export function failPage(state, id) {
  const timeline = state.timelines.get(id);
  if (!timeline) return state;
  const kept = timeline.rows.length ? { ...timeline, loading: null, held: [] } : undefined;
  return { ...state, timelines: put(state.timelines, id, kept) };
}

/** Merges a page of history. @param {State} state @param {number} id @param {Page} page @param {"replace" | "before" | "after"} mode @returns {State} */
export function mergePage(state, id, page, mode) {
  const old = state.timelines.get(id);
  if (!old || old.loading !== mode) return state;
  const incoming = page.messages.filter((m) => mode === "replace" || (mode === "before" ? m.seq < old.rows[0].seq : m.seq > old.rows[old.rows.length - 1].seq));
  const kept = new Map(old.rows.map((m) => [m.seq, m]));
  /** @type {Timeline} */
  let next = {
    rows: mode === "before" ? [...incoming, ...old.rows] : mode === "after" ? [...old.rows, ...incoming] : incoming.map((m) => newer(m, kept.get(m.seq))),
    quoted: new Map([...(mode === "replace" ? [] : old.quoted), ...page.quoted.map((m) => /** @type {const} */ ([m.seq, newer(m, old.quoted.get(m.seq))]))]),
    moreBefore: mode === "after" ? old.moreBefore : page.more_before,
    moreAfter: mode === "before" ? old.moreAfter : page.more_after,
    loading: null,
    held: [],
  };
  for (const message of old.held) next = upsert(next, message);
  if (mode !== "replace") next = trim(next, mode === "before" ? "start" : "end");
  return { ...state, people: withFaces(state.people, page.people), timelines: put(state.timelines, id, next) };
}

/** @param {Message} a @param {Message | undefined} b */
const newer = (a, b) => (b && b.change > a.change ? b : a);

/** Keeps at most WINDOW rows, those at the named end. @param {Timeline} timeline @param {"start" | "end"} side @returns {Timeline} */
export function trim(timeline, side) {
  if (timeline.rows.length <= WINDOW) return timeline;
  return side === "start"
    ? { ...timeline, rows: timeline.rows.slice(0, WINDOW), moreAfter: true }
    : { ...timeline, rows: timeline.rows.slice(-WINDOW), moreBefore: true };
}

/** The page embedded in the shell. Read at another moment than the snapshot: what lies between comes with `hello`. @param {State} state @param {number} id @param {Page} page @returns {State} */
export function embedPage(state, id, page) {
  const feed = feedOf(id);
  const next = mergePage(startPage(state, id, "replace"), id, page, "replace");
  return { ...next, cursors: put(next.cursors, feed, Math.min(page.head, next.cursors.get(feed) ?? page.head)) };
}

/** I have seen everything up to `seq`. The server's own count follows. @param {State} state @param {number} id @param {number} seq @returns {State} */
export function readUpTo(state, id, seq) {
  const c = state.conversations.get(id);
  if (!c || seq <= c.read_seq) return state;
  const rows = state.timelines.get(id)?.rows ?? [];
  const left = rows.filter((m) => m.seq > seq && m.sender !== state.me.id && m.kind !== "system" && !m.recalled_at).length;
  const unread = seq >= c.last_seq ? 0 : Math.min(c.unread, rows.at(-1)?.seq === c.last_seq ? left : c.unread);
  return withConversation(state, { ...c, read_seq: seq, unread, mention: unread > 0 && c.mention });
}

/** What comes from `seq` on counts as unread again. The server's own count follows. @param {State} state @param {number} id @param {number} seq @returns {State} */
export function unreadFrom(state, id, seq) {
  const c = state.conversations.get(id);
  if (!c || seq > c.read_seq) return state;
  const again = state.timelines.get(id)?.rows.filter((m) => m.seq >= seq && m.seq <= c.read_seq && m.sender !== state.me.id && m.kind !== "system").length ?? 0;
  return withConversation(state, { ...c, read_seq: seq - 1, unread: c.unread + again });
}

/** Forgets who has stopped typing. @param {State} state @param {number} now @returns {State} */
export function forgetTyping(state, now) {
  if (![...state.typing.values()].some((list) => list.some((t) => t.until <= now))) return state;
  const typing = new Map([...state.typing].map(([id, list]) => /** @type {const} */ ([id, list.filter((t) => t.until > now)])).filter(([, list]) => list.length));
  return { ...state, typing };
}

/** The highest read mark of somebody else. @param {State} state @param {Conversation} c */
export function readByOthers(state, c) {
  const seqs = [...(state.receipts.get(c.id) ?? [])].filter(([user]) => user !== state.me.id).map(([, seq]) => seq);
  return Math.max(c.peer_read_seq, 0, ...seqs);
}
