/**
 * What the list of messages shows, worked out from plain data.
 * @import {Attachment, Conversation, Message, Outgoing, Page, Person, State, Timeline} from "../types.js"
 */
import { dayKey, figure, gettext, interpolate, joinNames, ngettext } from "./i18n.js";

const GROUP_MS = 5 * 60_000;

/**
 * @typedef {{kind: "day", key: string, at: string} | {kind: "divider", key: string}
 *   | {kind: "message", key: string, message: Message, first: boolean, last: boolean}
 *   | {kind: "pending", key: string, item: Outgoing, first: boolean, last: boolean}} Row
 */

/**
 * The rows of a timeline: day lines, the line before the first new message, messages grouped by author, then what is on its way.
 * @param {Timeline} timeline @param {Outgoing[]} pending @param {number | null} divider seq of the first new message @param {number} me
 * @returns {Row[]}
 */
export function layout(timeline, pending, divider, me) {
  /** @type {Row[]} */
  const rows = [];
  /** @type {{author: number | null, at: number, day: string, row: any} | null} */
  let before = null;
  let divided = divider === null;
  const add = (/** @type {any} */ row, /** @type {number | null} */ author, /** @type {string} */ at, /** @type {boolean} */ alone) => {
    const day = dayKey(at);
    if (before?.day !== day) {
      rows.push({ kind: "day", key: `d${day}`, at });
      before = null;
    }
    if (!divided && row.message?.seq >= Number(divider)) {
      divided = true;
      rows.push({ kind: "divider", key: "divider" });
      before = null;
    }
    const time = Date.parse(at);
    const follows = before !== null && !alone && before.author === author && time - before.at < GROUP_MS;
    if (follows && before) before.row.last = false;
    Object.assign(row, { first: !follows, last: true });
    rows.push(row);
    before = alone ? { author: -1, at: 0, day, row } : { author, at: time, day, row };
  };
  for (const message of timeline.rows) {
    const key = message.sender === me && message.client_id ? `k${message.client_id}` : `m${message.seq}`;
    add({ kind: "message", key, message }, message.sender, message.sent_at, message.kind === "system");
  }
  if (!timeline.moreAfter) {
    for (const item of pending) add({ kind: "pending", key: `k${item.client_id}`, item }, me, new Date(item.at).toISOString(), false);
  }
  return rows;
}

/** The rows next to a message, or the last ones where it is null: a first picture; all where that is hardly less. @param {Timeline} timeline @param {number | null} seq @param {number} count @returns {Timeline} */
export function around(timeline, seq, count) {
  const { rows } = timeline;
  const at = seq === null ? -1 : rows.findIndex((m) => m.seq >= seq);
  const middle = at < 0 ? rows.length : at;
  const [from, to] = [Math.max(0, middle - count), Math.min(rows.length, middle + count)];
  if (to - from > rows.length - count / 2) return timeline;
  return { ...timeline, rows: rows.slice(from, to), moreBefore: timeline.moreBefore || from > 0, moreAfter: timeline.moreAfter || to < rows.length };
}

/** Lines a text takes at least, at so many letters a line; full-width signs count twice. @param {string} body @param {number} width */
export function lineCount(body, width) {
  let lines = 0;
  for (const line of body.split("\n")) lines += Math.max(1, Math.ceil((line.length + (line.match(WIDE)?.length ?? 0)) / width));
  return lines;
}

const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]/g;

/** The first message I have not read, or null. @param {Timeline} timeline @param {Conversation} c @param {number} me */
export function firstUnread(timeline, c, me) {
  if (!c.unread) return null;
  return timeline.rows.find((m) => m.seq > c.read_seq && m.sender !== me && m.kind !== "system" && !m.recalled_at)?.seq ?? null;
}

/** What a conversation is called. @param {Conversation} c @param {State} state */
export function titleOf(c, state) {
  if (c.kind === "everyone") return gettext("Everyone");
  if (c.kind === "group") return c.name;
  return c.peer === state.me.id ? gettext("Saved messages") : nameOf(c.peer, state.people);
}

/** @param {number | null} user @param {Map<number, Person>} people @param {string} fallback */
export function nameOf(user, people, fallback = "") {
  return (user !== null && people.get(user)?.name) || fallback || gettext("Deleted account");
}

/** Conversations in the order of the list: pinned first, then the latest. @param {State} state */
export function ordered(state) {
  const at = (/** @type {Conversation} */ c) => c.preview?.sent_at ?? "";
  return [...state.conversations.values()].sort((a, b) => Number(b.pinned) - Number(a.pinned) || Number(at(a) < at(b)) - Number(at(b) < at(a)) || b.id - a.id);
}

/** May I still change this message? @param {Message} m @param {State} state @param {number} now */
export const canEdit = (m, state, now) => mine(m, state) && (m.kind === "text" || (m.kind === "file" && !m.offer)) && !m.recalled_at && !m.forwarded_from && within(m, state.site.edit_minutes, now);

/** May I take this message back? Managers any time. @param {Message} m @param {Conversation} c @param {State} state @param {number} now */
export function canRecall(m, c, state, now) {
  if (m.recalled_at || m.kind === "system") return false;
  return (c.kind !== "direct" && c.role !== "member") || (mine(m, state) && within(m, state.site.recall_minutes, now));
}

/** May I pin messages here? @param {Conversation} c */
export const canPin = (c) => c.kind === "direct" || c.role !== "member";

/** @param {Message} m @param {State} state */
const mine = (m, state) => m.sender === state.me.id;
/** @param {Message} m @param {number} minutes @param {number} now */
const within = (m, minutes, now) => now - Date.parse(m.sent_at) < minutes * 60_000;

/** One to three emoji and nothing else are shown large. @param {string} body */
export const isEmojiOnly = (body) => /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)(?:[\p{Emoji_Modifier}\u200D\uFE0F]|\p{Extended_Pictographic}){0,24}$/u.test(body.replace(/\s/g, ""))
  && [...new Intl.Segmenter().segment(body.replace(/\s/g, ""))].length <= 3;

/** Does a message call me, by my name or with everybody? @param {Pick<Message, "sender" | "recalled_at" | "mentions" | "mentions_all">} m @param {number} me */
export const callsMe = (m, me) => m.sender !== me && !m.recalled_at && (!!m.mentions_all || !!m.mentions?.includes(me));

/** The pinned messages after one of a conversation has changed: newly pinned ones come first. @param {Message[]} pins @param {Message} message */
export function repinned(pins, message) {
  const at = pins.findIndex((pin) => pin.seq === message.seq);
  if (at >= 0 && pins[at].change >= message.change) return pins;
  if (!message.pinned || message.recalled_at) return at < 0 ? pins : pins.toSpliced(at, 1);
  return at < 0 ? [message, ...pins] : pins.with(at, message);
}

/** Fields at their default do not travel. @param {Partial<Conversation>} c @returns {Conversation} */
export const filled = (c) => /** @type {Conversation} */ ({
  name: "", peer: null, role: "member", notice: "", last_seq: 0, last_change: 0, read_seq: 0, cleared_seq: 0, unread: 0, mentions: 0, level: "all",
  pinned: false, can_post: true, closed: "", members: 2, peer_read_seq: 0, draft: "", preview: null,
  join_policy: "invitation", discoverable: false, posting: "all", slow_mode: 0, members_invite: true, tables: true, muted_until: null, notice_seq: 0, avatar: "", counted: c.last_seq, more: [], named: [], ...c,
});

/** @param {Partial<Person>} p @returns {[number, Person]} */
export const personEntry = (p) => [Number(p.id), /** @type {Person} */ ({ avatar: "", presence: "offline", status: "", last_seen: null, ...p })];

/** What the fields of a system message are; one that is something else is left out: a row that is no fact must not keep the others from view. */
const FACT = { name: "string", text: "string", notice: "string", avatar: "string", role: "string", join_policy: "string", posting: "string", discoverable: "boolean", members_invite: "boolean", tables: "boolean", slow_mode: "number", seq: "number", table: "number", match: "number", cancelled: "boolean" };

/** The code and arguments of a system message; no code for one that is broken. @param {Pick<Message, "body">} message @returns {{code: string, name?: string, text?: string, notice?: string, until?: string, seq?: number, users?: {id: number, name: string, points?: number}[], table?: number, match?: number, cancelled?: boolean, user?: {id: number, name: string}, role?: string} & Partial<Conversation>} */
export function systemEvent(message) {
  let fact;
  try {
    fact = JSON.parse(message.body);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
  }
  if (typeof fact?.code !== "string") return { code: "" };
  const people = [fact.users, [fact.user]].map((some) => (Array.isArray(some) ? some.filter((p) => typeof p?.id === "number").map((p) => ({ ...p, name: String(p.name ?? "") })) : []));
  const kept = Object.entries(FACT).filter(([field, type]) => typeof fact[field] === type).map(([field]) => [field, fact[field]]);
  return { code: fact.code, ...Object.fromEntries(kept), users: people[0], ...(people[1].length && { user: people[1][0] }), ...(Date.parse(fact.until) && { until: fact.until }) };
}

/** What happened at a card table of the conversation. @param {ReturnType<typeof systemEvent>} event @param {string | null} actor null: I did it */
export function gameText({ code, users = [], match = 0, cancelled }, actor) {
  const number = figure(match);
  if (code === "game_opened") return actor === null ? gettext("You opened a table for Tiến Lên") : interpolate(gettext("%(actor)s opened a table for Tiến Lên"), { actor });
  if (code === "game_started") return interpolate(gettext("Tiến Lên, match %(number)s: %(names)s play"), { number, names: joinNames(users.map(({ name }) => name)) });
  if (code === "game_closed") return gettext("The table for Tiến Lên was closed");
  if (cancelled) return interpolate(gettext("Tiến Lên, match %(number)s was called off"), { number });
  return interpolate(gettext("Tiến Lên, match %(number)s: %(places)s"), { number, places: users.map(({ name, points = 0 }, place) => `${place + 1}. ${name} (${points > 0 ? "+" : points < 0 ? "−" : ""}${figure(Math.abs(points))})`).join(" · ") });
}

/** May card tables be opened here? @param {Conversation | null} c @param {State} state */
export const hasTables = (c, state) => !!c && !!state.site.tables && c.tables && c.kind !== "everyone" && c.peer !== state.me.id;

const PREVIEW_LETTERS = 100;

/** A text without the signs of its markup, for one line. @param {string} body */
export const unmarked = (body) => body.replace(/^\s*```.*$|^> ?/gm, "").replace(/(\*\*|~~|`|\*)(?=[^\s*~`])([^\n]*?[^\s*~`])\1/g, "$2").replace(/\[([^\]\n]+)\]\([^)\s]+\)/g, "$1").trim() || body;

/** Is a file shown as a picture among the others? @param {Pick<Attachment, "kind"> & {status?: Attachment["status"]}} file */
export const isPicture = (file) => (file.kind === "image" || file.kind === "video") && file.status !== "failed";

/** Width and height that pictures take in a row, in pixels: one by itself keeps its shape within bounds. messaging/first_rows.py does the same. @param {Pick<Attachment, "kind" | "width" | "height">[]} pictures @returns {[number, number]} */
export function roomOf(pictures) {
  if (pictures.length > 1) return [360, [200, 240, 360, 300][Math.min(pictures.length, 5) - 2]];
  const { kind, width = 0, height = 0 } = pictures[0];
  if (!width || !height) return kind === "video" ? [360, 202] : [280, 210];
  const scale = Math.min(1, 360 / width, 420 / height);
  const within = (/** @type {number} */ side, /** @type {number} */ least, /** @type {number} */ most) => Math.max(least, Math.min(most, Math.floor(side * scale + 0.5)));
  return [within(width, kind === "video" ? 240 : 140, 360), within(height, kind === "video" ? 135 : 84, 420)];
}

/** What kinds of files a message has. @param {Pick<Message, "files" | "offer">} message */
export const kindsOf = ({ files, offer }) => files?.map((file) => (file.peaks ? "voice" : file.kind)) ?? (offer ? ["file"] : []);

/** Files in words: "[Photo]", "[2 photos]", "[File] notes.pdf". @param {string[]} kinds @param {string} [name] of the first */
export function fileWords(kinds, name = "") {
  const [kind] = kinds;
  if (kinds.length > 1) {
    const alike = kinds.every((other) => other === kind) ? kind : "";
    const text = alike === "image" ? ngettext("[%(count)s photo]", "[%(count)s photos]", kinds.length)
      : alike === "video" ? ngettext("[%(count)s video]", "[%(count)s videos]", kinds.length) : ngettext("[%(count)s file]", "[%(count)s files]", kinds.length);
    return interpolate(text, { count: figure(kinds.length) });
  }
  if (kind === "image") return gettext("[Photo]");
  if (kind === "video") return gettext("[Video]");
  if (kind === "voice") return gettext("[Voice message]");
  return kind ? `${kind === "audio" ? gettext("[Audio]") : gettext("[File]")} ${name}`.trim() : "";
}

/** A message in one line: its files in words, then its text. @param {Pick<Message, "body" | "files" | "offer">} message @param {string} [text] */
export const inWords = (message, text = message.body) => [fileWords(kindsOf(message), message.files?.[0]?.name ?? message.offer?.name), text].filter(Boolean).join(" ");

/** What the list says of a message. @param {Message} message @returns {Conversation["preview"]} */
export function previewOf(message) {
  const files = message.recalled_at ? [] : kindsOf(message);
  const text = message.kind === "system" ? message.body : [...message.body.replace(/\s+/g, " ").trim()].slice(0, PREVIEW_LETTERS).join("");
  return { seq: message.seq, sender: message.sender, sender_name: message.sender_name, kind: message.kind, text, sent_at: message.sent_at, recalled: message.recalled_at !== null,
    ...(files.length ? { files, file: message.files?.[0]?.name ?? message.offer?.name } : {}) };
}

/** What a new system message says about the conversation itself. @param {Conversation} c @param {Message} message @param {number} me */
export function systemEffect(c, message, me) {
  const event = systemEvent(message);
  const count = event.users?.length ?? 0;
  if (event.code === "renamed") return { name: String(event.name) };
  if (event.code === "avatar") return { avatar: event.avatar ?? "" };
  if (event.code === "notice") return { notice: event.notice ?? event.text ?? "", notice_seq: message.seq };
  if (event.code === "joined") return { members: c.members + count };
  if (event.code === "left" || event.code === "removed") return { members: Math.max(0, c.members - count) };
  if (event.code === "role" && event.user?.id === me) return { role: event.role, can_post: mayPost(c.posting, event.role) };
  if (event.code === "muted" && event.user?.id === me) return { muted_until: event.until };
  if (event.code === "unmuted" && event.user?.id === me) return { muted_until: null };
  if (event.code === "dissolved") return { can_post: false };
  if (event.code !== "settings") return {};
  const changed = Object.fromEntries(SETTINGS.filter((key) => key in event).map((key) => [key, event[key]]));
  return "posting" in changed ? { ...changed, can_post: mayPost(event.posting, c.role) } : changed;
}

/** What the owner of a group decides; a change is a system message. */
const SETTINGS = /** @type {const} */ (["join_policy", "discoverable", "posting", "slow_mode", "members_invite", "tables"]);

/** May somebody write in a group, mutes left aside? @param {string | undefined} posting @param {string | undefined} role */
export const mayPost = (posting, role) => posting === "all" || role !== "member";

/** Names and pictures that came with a page. @param {State["people"]} people @param {Page["people"]} faces */
export function withFaces(people, faces) {
  const news = faces.filter((f) => { const p = people.get(f.id); return p?.name !== f.name || p.avatar !== f.avatar; });
  return news.length ? new Map([...people, ...news.map((f) => personEntry({ ...people.get(f.id), ...f }))]) : people;
}
