/** Snapshots, messages and frames for the tests. */
import { apply, fromSnapshot } from "../../static/js/core/reduce.js";

export const ME = 3;
export const AN = 5;
export const NOW = Date.UTC(2026, 10, 21, 9, 5);

/** A conversation as the server sends it. */
export const conversation = (values = {}) => ({
  id: 7, kind: "group", name: "Lớp 12A", peer: null, role: "member", notice: "", last_seq: 0, last_change: 0, read_seq: 0, cleared_seq: 0, unread: 0,
  mentions: 0, level: "all", pinned: false, can_post: true, closed: "", members: 3, peer_read_seq: 0, draft: "", preview: null, ...values,
});

export const snapshot = (conversations = [conversation()], values = {}) => ({
  me: { id: ME, username: "chi", name: "Chi", avatar: "", language: "en", theme: "system", is_admin: false, waiting: 0, options: {}, status: "" },
  relations: { friends: [], incoming: [], outgoing: [], blocked: [] },
  site: { name: "Chatroom", friends_only: false, recall_minutes: 2, edit_minutes: 15 }, partial: false, cursor: 4, conversations, gone: [],
  people: [{ id: ME, username: "chi", name: "Chi", avatar: "", presence: "online", status: "", last_seen: null }, { id: AN, username: "an", name: "An", avatar: "", presence: "offline", status: "", last_seen: null }],
  ...values,
});

/** A message; `change` is its number too unless said otherwise. */
export const message = (seq, values = {}) => ({
  id: 100 + seq, conversation: 7, seq, change: seq, sender: AN, sender_name: "An", client_id: `client-${seq}`, kind: "text", body: `text ${seq}`, html: null,
  reply_to: null, sent_at: new Date(Date.UTC(2026, 10, 21, 9, 0, seq)).toISOString(), edited_at: null, recalled_at: null, recalled_by: null, reactions: [], ...values,
});

export const frame = (data, prev = data.change - 1) => ({ type: "message", feed: `c:${data.conversation}`, number: data.change, prev, data });
export const privateFrame = (number, data, prev = number - 1) => ({ type: "private", feed: `u:${ME}`, number, prev, data });
export const page = (from, to, values = {}) => ({
  messages: Array.from({ length: to - from + 1 }, (_, i) => message(from + i)), quoted: [], people: [], head: to, more_before: from > 1, more_after: false, ...values,
});

/** A state whose conversation 7 has messages 1 to `last`, with those from `first` held. */
export function stateWith(last, first = 1, values = {}) {
  const state = fromSnapshot(snapshot([conversation({ last_seq: last, last_change: last, read_seq: last, ...values })]));
  state.timelines.set(7, { rows: page(first, last).messages, quoted: new Map(), moreBefore: first > 1, moreAfter: false, loading: null, held: [] });
  return state;
}

/** What frames make of a state, and what they ask the page to do. */
export const play = (state, ...frames) => frames.reduce(([s, todo], f) => { const [next, more] = apply(s, f, NOW); return [next, [...todo, ...more]]; }, [state, []]);
