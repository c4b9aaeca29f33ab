/**
 * The state of the page as plain data, and pure functions that change it: nothing here touches the DOM, the network or a clock.
 * A function answers a new state; `apply` also answers what the page has to do next.
 * @import {Conversation, Frame, Message, MessageFrame, NumberedFrame, Page, Snapshot, State, Timeline, Todo} from "../types.js"
 */
import { HEARD_MS, NOTHING_WAITS, applyPrivate, asCleared, feedOf, put, withConversation, withConversations, withoutConversations } from "./private.js";
import { callsMe, filled, personEntry, previewOf, repinned, systemEffect, withFaces } from "./rows.js";

export { feedOf, put, withConversations, withPeople } from "./private.js";

/** Rows the page keeps of one conversation. */
export const WINDOW = 200;
const TYPING_MS = 6000;

/** @param {string} feed */
const conversationOf = (feed) => Number(feed.slice(2));

/** The state a snapshot stands for. @param {Snapshot} snapshot @returns {State} */
export function fromSnapshot(snapshot) {
  return {
    me: snapshot.me,
    relations: /** @type {import("../types.js").Relations} */ (snapshot.relations),
    joining: snapshot.joining ?? NOTHING_WAITS,
    site: snapshot.site,
    tables: snapshot.tables ?? [],
    conversations: new Map(snapshot.conversations.map((c) => [c.id, filled(c)])),
    people: new Map(snapshot.people.map(personEntry)),
    timelines: new Map(),
    cursors: new Map([[`u:${snapshot.me.id}`, snapshot.cursor], ...snapshot.conversations.map((c) => /** @type {[string, number]} */ ([feedOf(c.id), c.last_change ?? 0]))]),
    resuming: new Map(),
    typing: new Map(),
    receipts: new Map(),
    pins: new Map(),
    here: new Map(),
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
    case "pins":
      return [{ ...state, pins: put(state.pins, frame.data.conversation, frame.data.pins) }, []];
    case "here": {
      const { conversation, user, on } = frame.data;
      const others = (state.here.get(conversation) ?? []).filter((id) => id !== user);
      return [{ ...state, here: put(state.here, conversation, on ? [...others, user] : others) }, []];
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
export const disconnected = (state) => ({ ...state, resuming: new Map(), typing: new Map(), here: new Map() });

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
  let next = { ...state, me: snapshot.me, relations: snapshot.relations ?? state.relations, joining: snapshot.joining ?? state.joining, site: snapshot.site, tables: snapshot.tables ?? [], resuming: new Map() };
  next.cursors = put(next.cursors, `u:${snapshot.me.id}`, snapshot.cursor);
  next.people = new Map([...state.people, ...snapshot.people.map(personEntry)]);
  for (const [id, presence] of snapshot.partners ?? []) next.people.set(id, { .../** @type {import("../types.js").Person} */ (next.people.get(id)), presence });
  const [seen, reload] = asCleared(state, withConversations(next, snapshot.conversations));
  const [after, todo] = withoutConversations(seen, gone);
  return [after, [...reload, ...todo]];
}

/** @param {State} state @param {MessageFrame} frame @returns {[State, Todo[]]} */
function applyMessage(state, { data: message, number }) {
  const c = state.conversations.get(message.conversation);
  if (!c) return [state, []];
  const isNew = message.seq > c.last_seq;
  const foreign = message.sender !== state.me.id;
  /** @type {Conversation} */
  const changed = { ...c, last_change: Math.max(c.last_change, number), last_seq: Math.max(c.last_seq, message.seq) };
  if (message.seq > c.cleared_seq && (!c.preview || message.seq >= c.preview.seq)) changed.preview = previewOf(message);
  // Rows come by change, so an older message that was edited may follow a newer one: each is counted once, whatever the order.
  if (foreign && message.kind !== "system" && message.seq > Math.max(c.counted, c.read_seq)) {
    if (!c.more.includes(message.seq)) Object.assign(changed, { more: [...c.more, message.seq], unread: c.unread + 1 });
    const calls = callsMe(message, state.me.id);
    if (calls !== c.named.includes(message.seq)) {
      changed.named = calls ? [...c.named, message.seq] : c.named.filter((seq) => seq !== message.seq);
      changed.mentions = Math.max(0, c.mentions + (calls ? 1 : -1));
    }
  }
  if (isNew && message.kind === "system") Object.assign(changed, systemEffect(changed, message, state.me.id));
  let next = withConversation(state, changed);
  const timeline = next.timelines.get(c.id);
  if (timeline) next = { ...next, timelines: put(next.timelines, c.id, upsert(timeline, message, c.cleared_seq)) };
  const pins = next.pins.get(c.id);
  if (pins) next = { ...next, pins: put(next.pins, c.id, repinned(pins, message)) };
  const typing = next.typing.get(c.id);
  if (isNew && typing) next = { ...next, typing: put(next.typing, c.id, typing.filter((t) => t.user !== message.sender)) };
  return [next, isNew && foreign ? [{ do: "new", message }] : []];
}

/** Puts a message in its place; of two versions the one with the higher change stays. @param {Timeline} timeline @param {Message} message @returns {Timeline} */
export function upsert(timeline, message, cleared = 0) {
  const quoted = timeline.quoted.get(message.seq);
  let next = quoted && quoted.change < message.change ? { ...timeline, quoted: put(timeline.quoted, message.seq, message) } : timeline;
  if (message.seq <= cleared) return next;
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
  const cleared = state.conversations.get(id)?.cleared_seq ?? 0;
  const incoming = page.messages.filter((m) => m.seq > cleared && (mode === "replace" || !old.rows.length || (mode === "before" ? m.seq < old.rows[0].seq : m.seq > old.rows[old.rows.length - 1].seq)));
  const kept = new Map(old.rows.map((m) => [m.seq, m]));
  /** @type {Timeline} */
  let next = {
    rows: mode === "before" ? [...incoming, ...old.rows] : mode === "after" ? [...old.rows, ...incoming] : incoming.map((m) => newer(m, kept.get(m.seq))),
    quoted: new Map([...(mode === "replace" ? [] : old.quoted), ...page.quoted.map((m) => /** @type {const} */ ([m.seq, newer(m, old.quoted.get(m.seq))]))]),
    moreBefore: mode === "after" ? old.moreBefore : page.more_before && !page.messages.some((m) => m.seq <= cleared),
    moreAfter: mode === "before" ? old.moreAfter : page.more_after,
    loading: null,
    held: [],
  };
  for (const message of old.held) next = upsert(next, message, cleared);
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
  const passed = rows.filter((m) => m.seq > c.read_seq && m.seq <= seq && callsMe(m, state.me.id)).length;
  return withConversation(state, { ...c, read_seq: seq, unread, mentions: unread === 0 ? 0 : Math.max(0, c.mentions - passed) });
}

/** What comes from `seq` on counts as unread again. The server's own count follows. @param {State} state @param {number} id @param {number} seq @returns {State} */
export function unreadFrom(state, id, seq) {
  const c = state.conversations.get(id);
  if (!c || seq > c.read_seq) return state;
  const again = state.timelines.get(id)?.rows.filter((m) => m.seq >= seq && m.seq <= c.read_seq && m.sender !== state.me.id && m.kind !== "system") ?? [];
  const calls = again.filter((m) => callsMe(m, state.me.id)).length;
  return withConversation(state, { ...c, read_seq: seq - 1, unread: c.unread + again.length, mentions: c.mentions + calls });
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
