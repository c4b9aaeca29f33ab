/**
 * Which messages call somebody, and when nobody is to be called. Pure.
 * @import {Conversation, Message} from "../types.js"
 */
import { callsMe } from "./rows.js";

/** Is it for my ears, by the level of its conversation? Everyone calls only those whom it names. @param {Pick<Message, "sender" | "kind" | "recalled_at" | "seq" | "mentions" | "mentions_all">} message @param {Conversation} c @param {number} me */
export function rings(message, c, me) {
  if (message.sender === me || message.kind === "system" || message.recalled_at || message.seq <= c.read_seq || c.level === "none") return false;
  return (c.level === "all" && c.kind !== "everyone") || callsMe(message, me);
}

/** Is this an hour not to be disturbed? From and to are minutes after midnight (-1: never), also over midnight; `quiet_until` is a moment in seconds. @param {Record<string, unknown>} options @param {Date} now */
export function isQuiet(options, now) {
  const [from, to, until] = [options.quiet_from ?? -1, options.quiet_to ?? -1, options.quiet_until ?? 0].map(Number);
  if (until * 1000 > now.getTime()) return true;
  if (from < 0 || to < 0 || from === to) return false;
  const minute = now.getHours() * 60 + now.getMinutes();
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** Eight o'clock of the next morning, in seconds. @param {Date} now */
export function nextMorning(now) {
  const morning = new Date(now);
  morning.setDate(now.getDate() + (now.getHours() < 5 ? 0 : 1));
  morning.setHours(8, 0, 0, 0);
  return Math.round(morning.getTime() / 1000);
}
