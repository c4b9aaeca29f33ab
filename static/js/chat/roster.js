/**
 * Who is in the open conversation: read over HTTP, and again whenever something says that it changed.
 * @import {Conversation, Member} from "../types.js"
 */
import { effect, signal } from "../vendor/ui.js";
import { tellError } from "../core/dom.js";
import { get } from "../core/net.js";
import { systemEvent } from "../core/rows.js";
import * as store from "../core/store.js";
import { panelOpen, rosters } from "./header.js";

/** Conversations whose members did not come. @type {import("../vendor/ui.js").Signal<Set<number>>} */
export const failed = signal(new Set());
/** Counts up when invitations into a group may have changed. */
export const offered = signal(0);
/** What each roster was read at. @type {Map<number, string>} */
const marks = new Map();
/** @type {Map<number, number>} */
const latestSystem = new Map();
/** @type {Map<number, number>} */
const tickets = new Map();
/** @type {(c: Conversation) => boolean} */
let wanted = () => false;

/** The last message that may have changed who is here: rows leave the window, so the number only grows. @param {Conversation} c */
function systemSeq(c) {
  const row = store.timeline.value?.rows.findLast((m) => m.kind === "system");
  const preview = c.preview?.kind === "system" ? c.preview.seq : 0;
  const seq = Math.max(row?.seq ?? 0, preview, latestSystem.get(c.id) ?? 0);
  latestSystem.set(c.id, seq);
  return seq;
}

/** Has the last message put me out? Then the conversation goes in a moment. @param {Conversation} c */
function amOut(c) {
  if (c.preview?.kind !== "system") return false;
  const { code, users = [] } = systemEvent(/** @type {any} */ ({ body: c.preview.text }));
  return code === "dissolved" || ((code === "left" || code === "removed") && users.some((user) => user.id === store.state.value.me.id));
}

/** Reads the members of a conversation. @param {number} id */
export async function read(id) {
  const ticket = (tickets.get(id) ?? 0) + 1;
  tickets.set(id, ticket);
  try {
    const { members } = /** @type {{members: Member[]}} */ (await get(`conversations/${id}/members`));
    if (tickets.get(id) !== ticket) return;
    store.meet(members);
    failed.value = new Set([...failed.value].filter((other) => other !== id));
    rosters.value = new Map([...rosters.value, [id, members]]);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    marks.delete(id);
    if (error.code === "offline" || rosters.value.has(id)) return;
    failed.value = new Set([...failed.value, id]);
    if (error.code !== "not_found") tellError(error);
  }
}

let watching = false;

/** Follows the open conversation where `also` says so; with the panel open, any. @param {(c: Conversation) => boolean} [also] */
export function watch(also) {
  if (also) wanted = also;
  if (watching) return;
  watching = true;
  effect(() => {
    const c = store.open.value;
    const { state, since } = store.socket.connection.value;
    if (!c || c.kind === "direct" || state !== "live" || !(panelOpen.value || wanted(c))) return;
    if (store.timeline.value?.loading === "replace" || amOut(c)) return;
    const mark = [systemSeq(c), c.members, c.role, since].join(" ");
    if (marks.get(c.id) === mark) return;
    marks.set(c.id, mark);
    read(c.id);
  });
}
