/**
 * What the server tells one person: conversations, people, and the parts of the state that are theirs alone. Pure functions, as in reduce.js.
 * @import {Conversation, Person, Private, State, Todo} from "../types.js"
 */
import { filled, mayPost, personEntry } from "./rows.js";

/** Longer than the server takes to read people. */
export const HEARD_MS = 3000;

/** The feed of a conversation. @param {number} id */
export const feedOf = (id) => `c:${id}`;

/** Nobody waits for anybody. @type {import("../types.js").Joining} */
export const NOTHING_WAITS = { requests: [], invitations: [], asked: [], told: [] };

/** A copy of a map with one entry set, or deleted where the value is undefined. @template K, V @param {Map<K, V>} map @param {K} key @param {V | undefined} value */
export function put(map, key, value) {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}

/** Conversation objects of the server. What is held of messages keeps its own cursor: the missing events follow. @param {State} state @param {Conversation[]} list @returns {State} */
export function withConversations(state, list) {
  const conversations = new Map(state.conversations);
  const cursors = new Map(state.cursors);
  for (const c of list.map(filled)) {
    const feed = feedOf(c.id);
    const known = conversations.get(c.id);
    conversations.set(c.id, known && known.last_change > c.last_change ? { ...c, ...latest(known), can_post: c.kind === "direct" ? c.can_post : mayPost(known.posting, c.role) } : c);
    if (!state.timelines.has(c.id)) cursors.set(feed, Math.max(c.last_change, cursors.get(feed) ?? 0));
    else if (!cursors.has(feed)) cursors.set(feed, c.last_change);
  }
  return { ...state, conversations, cursors };
}

const MOVED = /** @type {const} */ (["last_seq", "last_change", "preview", "unread", "mentions", "read_seq", "counted", "more", "named",
  "name", "notice", "notice_seq", "members", "join_policy", "discoverable", "posting", "slow_mode", "members_invite", "tables", "muted_until", "avatar"]);

/** The part of a conversation that its messages move. @param {Conversation} c */
const latest = (c) => Object.fromEntries(MOVED.map((key) => [key, c[key]]));

/** One conversation, changed. @param {State} state @param {Conversation} conversation @returns {State} */
export const withConversation = (state, conversation) => ({ ...state, conversations: put(state.conversations, conversation.id, conversation) });

/** Conversations that I am no longer in. @param {State} state @param {number[]} ids @returns {[State, Todo[]]} */
export function withoutConversations(state, ids) {
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

/** People that the server has read. What was heard of somebody's presence in the meantime is newer. @param {State} state @param {Partial<Person>[]} list @param {number} now @returns {State} */
export function withPeople(state, list, now) {
  const people = new Map(state.people);
  for (const [id, person] of list.map(personEntry)) {
    const heard = state.heard.get(id);
    people.set(id, heard && now - heard.at < HEARD_MS ? { ...person, presence: heard.presence, last_seen: heard.last_seen } : person);
  }
  return { ...state, people };
}

/** Takes what the server tells me alone. @param {State} state @param {Private} data @param {number} now @returns {[State, Todo[]]} */
export function applyPrivate(state, data, now) {
  let next = state;
  if (data.people) next = withPeople(data.all ? { ...next, heard: new Map() } : next, data.people, now); // a block ends what was heard before
  if (data.conversations) next = withConversations(next, data.conversations);
  if (data.me) next = { ...next, me: data.me };
  if (data.relations) next = { ...next, relations: data.relations };
  if (data.joining) next = { ...next, joining: data.joining };
  if (data.tables) next = { ...next, tables: data.tables };
  if (data.options) next = { ...next, me: { ...next.me, options: { ...next.me.options, ...data.options } } };
  for (const { conversation, read_seq, unread, mentions, last_seq, back } of data.reads ?? []) {
    const c = next.conversations.get(conversation);
    if (!c || (read_seq < c.read_seq && !back)) continue;
    const since = (/** @type {number[]} */ seqs) => seqs.filter((seq) => seq > Math.max(last_seq, read_seq));
    const [more, named] = [since(c.more), since(c.named)];
    next = withConversation(next, { ...c, read_seq, unread: unread + more.length, mentions: mentions + named.length, counted: last_seq, more, named });
  }
  for (const { conversation, body } of data.drafts ?? []) {
    const c = next.conversations.get(conversation);
    if (c) next = withConversation(next, { ...c, draft: body });
  }
  for (const { conversation, pinned, level, cleared_seq } of data.memberships ?? []) {
    const c = next.conversations.get(conversation);
    if (c) next = withConversation(next, { ...c, pinned, level, cleared_seq });
  }
  const [shown, reload] = asCleared(state, next);
  next = shown;
  if (data.options && tellsNothing(next) !== tellsNothing(state)) { // who tells nothing is told nothing
    next = { ...next, receipts: new Map() };
    reload.push({ do: "snapshot", later: true });
  }
  const listed = new Set(data.conversations?.map((c) => c.id));
  const gone = data.all ? [...next.conversations.keys()].filter((id) => !listed.has(id)) : data.gone;
  const [left, todo] = withoutConversations(next, gone ?? []);
  return [left, [...reload, ...todo]];
}

/** Do I keep to myself what I have read? @param {State} state */
const tellsNothing = ({ me }) => me.options.receipts === false || Boolean(me.options.invisible);

/** What was cleared since goes from the rows; what is shown again is with the server alone. @param {State} before @param {State} state @returns {[State, Todo[]]} */
export function asCleared(before, state) {
  /** @type {Todo[]} */
  const todo = [];
  let next = state;
  for (const [id, timeline] of state.timelines) {
    const then = before.conversations.get(id)?.cleared_seq ?? 0;
    const now = state.conversations.get(id)?.cleared_seq ?? then;
    if (now === then) continue;
    const rows = timeline.rows.filter((m) => m.seq > now);
    if (now < then || (!rows.length && timeline.moreAfter)) {
      next = { ...next, timelines: put(next.timelines, id, undefined) };
      todo.push({ do: "load", conversation: id });
      continue;
    }
    const quoted = new Map([...timeline.quoted, ...timeline.rows.filter((m) => m.seq <= now).map((m) => /** @type {const} */ ([m.seq, m]))]);
    const moreBefore = timeline.moreBefore && rows.length === timeline.rows.length;
    next = { ...next, timelines: put(next.timelines, id, { ...timeline, rows, quoted, held: timeline.held.filter((m) => m.seq > now), moreBefore }) };
  }
  return [next, todo];
}

/** Is this an hour not to be disturbed? From and to are minutes after midnight (-1: never), also over midnight; `quiet_until` is a moment in seconds. @param {Record<string, unknown>} options @param {Date} now */
export function isQuiet(options, now) {
  const [from, to, until] = [options.quiet_from ?? -1, options.quiet_to ?? -1, options.quiet_until ?? 0].map(Number);
  if (until * 1000 > now.getTime()) return true;
  if (from < 0 || to < 0 || from === to) return false;
  const minute = now.getHours() * 60 + now.getMinutes();
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}
