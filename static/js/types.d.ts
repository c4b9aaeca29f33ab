/** The wire of docs/protocol.md and the state of the page. */

export type Presence = "online" | "away" | "busy" | "offline" | "invisible";
export type Role = "master" | "manager" | "member";
export type Code = string;

export interface Person { id: number; username: string; name: string; avatar: string; presence: Presence; status: string; last_seen: string | null; }
export interface Member extends Person { role: Role; muted_until?: string | null; }
export interface Me {
  id: number; username: string; name: string; avatar: string; language: string; theme: string; is_admin: boolean; waiting: number; reports: number; disk_low: boolean; options: Record<string, unknown>; status: string;
}
/** Whom I know, ask, am asked by, and want to hear nothing of. */
export interface Relations { friends: number[]; incoming: { user: number; words: string; at: string }[]; outgoing: number[]; blocked: number[]; }
export interface JoinRequest { id: number; conversation: number; user: number; words: string; at: string; }
export interface Invitation { id: number; conversation: number; name: string; members: number; inviter: number | null; at: string; }
export interface AskedGroup { id: number; conversation: number; name: string; words: string; at: string; }
/** An answer to what I asked or offered; it stays until I have seen it. */
export interface Told { id: number; kind: "request" | "invitation"; conversation: number; name: string; user: number | null; accepted: boolean; reason: string; at: string; }
/** Who waits for me to let him in, where I am invited, what I asked for, and what was answered. */
export interface Joining { requests: JoinRequest[]; invitations: Invitation[]; asked: AskedGroup[]; told: Told[]; }
export type JoinPolicy = "open" | "request" | "invitation";
export interface Site { name: string; friends_only: boolean; announcement: { key: string; text: string } | null; recall_minutes: number; edit_minutes: number; max_size: number; file_kinds: "all" | "images" | "media"; tables: boolean; }
export interface Preview { seq: number; sender: number | null; sender_name?: string; kind: Message["kind"]; text: string; sent_at: string; recalled: boolean; files?: string[]; file?: string; }

export interface Conversation {
  id: number; kind: "direct" | "group" | "everyone"; name: string; peer: number | null; role: Role; notice: string;
  last_seq: number; last_change: number; read_seq: number; cleared_seq: number; unread: number; mentions: number;
  join_policy: JoinPolicy; discoverable: boolean; posting: "all" | "managers"; slow_mode: number; members_invite: boolean; tables: boolean; muted_until: string | null; notice_seq: number; avatar: string;
  level: "all" | "mentions" | "none"; pinned: boolean; can_post: boolean; closed: "" | "person" | "friends"; members: number; peer_read_seq: number; draft: string; preview: Preview | null;
  /** Of this client: the last message that the server's `unread` has counted, and those counted here since. */
  counted: number; more: number[];
  /** Of those, the messages that mention me. */
  named: number[];
}
export interface Reaction { emoji: string; users: number[]; }
export interface Message {
  id: number; conversation: number; seq: number; change: number; sender: number | null; sender_name: string; client_id: string;
  kind: "text" | "system" | "file" | "game"; body: string; html: string | null; reply_to: number | null; sent_at: string;
  edited_at: string | null; recalled_at: string | null; recalled_by: number | null; reactions: Reaction[];
  /** Left out at their default. */
  mentions?: number[]; mentions_all?: boolean; forwarded_from?: { id: number | null; name: string } | null; pinned?: boolean; files?: Attachment[]; offer?: Offer;
}
export type FileKind = "image" | "audio" | "video" | "file";
/** A file of a message; fields at 0, "", false and null are left out. */
export interface Attachment {
  token: string; name: string; size: number; kind: FileKind; status: "processing" | "ready" | "failed" | "refused"; type?: string;
  width?: number; height?: number; duration?: number; animated?: boolean; color?: string; preview?: boolean; peaks?: number[];
}
export interface Offer { id: number; receiver: number; name: string; size: number; state: "offered" | "accepted" | "done" | "refused" | "withdrawn" | "expired"; expires_at: string; }
/** A message that was found; the ranges count letters of its body. */
export interface Hit { message: Message; ranges: [number, number][]; }
/** Where I sit at a card table, or (without a seat) watch. */
export interface AtTable { table: number; conversation: number; seat: number | null; }
export interface Snapshot {
  me: Me; relations?: Relations; joining?: Joining; site: Site; tables?: AtTable[]; partial: boolean; cursor: number; conversations: Conversation[]; gone?: number[]; people: Person[]; partners?: [number, Person["presence"]][];
}
export interface Page {
  conversation?: number; messages: Message[]; quoted: Message[]; people: Pick<Person, "id" | "name" | "username" | "avatar">[];
  head: number; more_before: boolean; more_after: boolean;
}
export interface Private {
  reads?: { conversation: number; read_seq: number; unread: number; mentions: number; last_seq: number; back?: boolean }[];
  drafts?: { conversation: number; body: string }[];
  memberships?: { conversation: number; pinned: boolean; level: Conversation["level"]; cleared_seq: number }[];
  options?: Record<string, unknown>;
  tables?: AtTable[];
  me?: Me;
  relations?: Relations;
  joining?: Joining;
  all?: boolean;
  conversations?: Conversation[];
  gone?: number[];
  people?: Person[];
  /** The cards of my own hand, by table. */
  hands?: Record<string, Hand>;
}

/** Answers to commands. */
export interface Readers { read: number[]; of: number; }
export interface MailingResult { user: number; conversation?: number; seq?: number; error?: { code: Code; message: string }; }
export interface Mailing { id: number; at: string; text: string; receivers: number; read: number; }
export interface MailingRow { user: number; conversation: number; seq: number; read: boolean; }

interface Numbered { feed: string; number: number; prev: number; }
export interface MessageFrame extends Numbered { type: "message"; data: Message; }
export interface PrivateFrame extends Numbered { type: "private"; data: Private; }
export type NumberedFrame = MessageFrame | PrivateFrame;
export type Frame =
  | NumberedFrame
  | { type: "ping" }
  | ({ type: "head" } & Numbered)
  | { type: "ready"; data: Snapshot }
  | { type: "resync"; feed: string }
  | { type: "live" }
  | { type: "people"; data: { people: Pick<Person, "id" | "name" | "avatar" | "status">[] } }
  | { type: "presence"; data: { people: Pick<Person, "id" | "presence" | "last_seen">[] } }
  | { type: "typing"; data: { conversation: number; user: number; name: string } }
  | { type: "receipts"; data: { conversation: number; reads: [number, number][]; back?: boolean } }
  | { type: "pins"; data: { conversation: number; pins: Message[] } }
  | { type: "here"; data: { conversation: number; user: number; on: boolean } }
  | { type: "policies"; data: { site: Site } }
  | TableFrame
  | SaidFrame;
export interface Reply { type: "reply"; ref: number; ok: boolean; data?: any; error?: { code: Code; message: string }; }

/** What the page holds of one conversation: an unbroken run of messages. */
export interface Timeline {
  rows: Message[];
  quoted: Map<number, Message>;
  moreBefore: boolean;
  moreAfter: boolean;
  /** A page under way; `held` keeps events outside the window until it has come. */
  loading: null | "replace" | "before" | "after";
  held: Message[];
}
export interface Typist { user: number; name: string; until: number; }
export interface State {
  me: Me; relations: Relations; joining: Joining; site: Site; tables: AtTable[];
  conversations: Map<number, Conversation>;
  people: Map<number, Person>;
  timelines: Map<number, Timeline>;
  cursors: Map<string, number>;
  /** Feeds with a feed.resume under way, and the events that came ahead of it. */
  resuming: Map<string, NumberedFrame[]>;
  typing: Map<number, Typist[]>;
  receipts: Map<number, Map<number, number>>;
  pins: Map<number, Message[]>; // of the conversations that were open, the newest pin first
  here: Map<number, number[]>; // who looks at the open conversation
  heard: Map<number, Pick<Person, "presence" | "last_seen"> & { at: number }>; // changes of presence that have just come
}
/** What a reducer asks the page to do. */
export type Todo =
  | { do: "resume"; feed: string; after: number }
  | { do: "load"; conversation: number }
  | { do: "snapshot"; later?: boolean }
  | { do: "gone"; conversation: number }
  | { do: "new"; message: Message };

/** A file on its way; it has a token when all its bytes are with the server. `lost`: the page has not got it any more. */
export interface OutFile {
  id: string; name: string; size: number; kind: FileKind; type: string; token: string;
  width?: number; height?: number; duration?: number; peaks?: number[]; paused?: boolean; lost?: boolean;
}
export interface Outgoing {
  client_id: string; conversation: number; body: string; reply_to: number | null; at: number; order: number;
  status: "pending" | "sending" | "sent" | "failed"; error: string; change: number;
  files?: OutFile[];
  /** A file that is offered first: it goes when the other one has accepted. */
  offer?: { name: string; size: number };
}
export interface Connection { state: "connecting" | "live" | "waiting" | "displaced" | "ended"; since: number; retryAt: number; }
export interface PageData extends Page { conversation: number; }

/** The card table (docs/tienlen.md): seats are 0 to 3, cards rank × 4 + suit. */
export interface Hand { seq: number; match: number; cards: number[]; }
export interface TableFrame extends Numbered { type: "table"; data: TableNews; }
export interface TableNews { table: number; conversation: number; seq: number; events: TableEvent[]; view: TableView; names?: TableSnapshot["names"]; closed?: string; }
export interface SaidFrame { type: "said"; data: { table: number; user: number; seat: number | null; phrase: string }; }
export interface TableEvent {
  kind: string; seat?: number; user?: number; cards?: number[]; by_server?: boolean; victim?: number; units?: number; strikes?: number; gone?: boolean; place?: number; places?: number[];
  from?: number; to?: number; match?: number; players?: number[]; hash?: string; instant?: string; count?: number; ready?: boolean; what?: string; silent?: boolean; seconds?: number;
}
export interface TableView {
  phase: "waiting" | "playing" | "result"; match: number; options: Record<string, any>; host: number | null;
  seats: ({ user: number; ready: boolean; silent: boolean } | null)[]; players: (number | null)[]; watchers: number; scores: Record<string, number>;
  preset: string; moved: number; first: boolean; due: { turn?: number; close?: number; result?: number }; votes: Record<string, number>; promise: string | null; hash: string | null; proof: Record<string, any> | null; game: GameView | null;
}
export interface GameView {
  number: number; options: any; players: number[]; counts: number[]; live: number[]; turn: number | null; top: { by: number; kind: string; cards: number[] } | null; passed: number[];
  must: number | null; chain: { seat: number; units: number; cards: number[] }[]; closing: boolean; strikes: number[]; out: number[]; left: number[]; gone: number[]; blank: number[];
  over: boolean; cancelled: boolean; instant: string | null; places: number[]; entries: TableEntry[]; points: number[]; hands: number[][] | null;
}
/** One line of the result sheet: who pays whom how many units for what. */
export interface TableEntry { from: number; to: number; reason: string; units: number; cards: number[]; }
export interface TableSnapshot {
  table: number; conversation: number; seq: number; view: TableView; hand: number[] | null; names: Record<string, { name: string; avatar: string }>; log: [number, TableEvent[]][];
  role: "host" | "player" | "watcher" | ""; may_close: boolean;
}
/** What the page holds of a table. */
export interface TableState extends Omit<TableSnapshot, "hand" | "log"> {
  hand: Hand | null;
  /** What happened in the running or last match, the latest last. */
  log: TableEvent[];
  /** When the view came, in the page's milliseconds: its times count from then. */
  at: number;
  /** My play on its way: its cards are out of the hand until the answer. */
  pending: number[] | null;
  /** Why the table is gone. */
  closed: string;
}
/** What an action at a table is answered with; `done: false`: the game had gone on, nothing was done. */
export interface TableAnswer { seq: number; done: boolean; hand: number[] | null; snapshot?: TableSnapshot; }
/** A match that is over, from the deck on. */
export interface Replay {
  table: number; conversation: number; no: number; started_at: string; ended_at: string; options: Record<string, any>; players: Record<string, number>; names: TableSnapshot["names"];
  deck?: number[]; hands?: Record<string, number[]>; promise: string; hash: string; seed?: string; texts: Record<string, string>; places: number[]; points: number[]; entries: TableEntry[];
  instant: string | null; cancelled: boolean; status: string; events: [number, string, TableEvent[]][];
}
