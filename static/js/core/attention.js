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

/** Eight o'clock of the next morning, in seconds. @param {Date} now */
export function nextMorning(now) {
  const morning = new Date(now);
  morning.setDate(now.getDate() + (now.getHours() < 5 ? 0 : 1));
  morning.setHours(8, 0, 0, 0);
  return Math.round(morning.getTime() / 1000);
}
