/**
 * Files that I have offered to one person: they wait here, and go by themselves when he accepts.
 * @import {Message, OutFile} from "../types.js"
 */
import { effect, untracked } from "../vendor/ui.js";
import { keepHere, tellError } from "../core/dom.js";
import { CommandError, get } from "../core/net.js";
import { kindOf } from "../core/outfiles.js";
import * as store from "../core/store.js";
import { factsOf } from "./facts.js";
import { fileOf, letGo } from "./kept.js";
import { cancel, sendOffered, settled } from "./transfer.js";

/** Offers of mine that wait for an answer, with their conversations: a page that is loaded again asks for them. */
const key = () => `chatroom.offers.${store.state.value.me.id}`;
/** @returns {Record<string, number>} */
const waiting = () => JSON.parse(localStorage.getItem(key()) ?? "{}");

/** @param {Record<string, number>} all */
function keep(all) {
  if (Object.keys(all).length) keepHere(key(), JSON.stringify(all));
  else localStorage.removeItem(key());
}

/** An offer is made. @param {string} client_id @param {number} conversation */
export const remember = (client_id, conversation) => keep({ ...waiting(), [client_id]: conversation });

/** @param {string} client_id */
function forget(client_id) {
  const all = waiting();
  if (!(client_id in all)) return;
  delete all[client_id];
  keep(all);
}

/** Those that the server did not take: they do not go by themselves again. @type {Set<string>} */
const refused = new Set();

/** The file of an offer, known by the client_id of its message. @param {Message} message @returns {OutFile} */
export function offeredFile(message) {
  const { name, size } = /** @type {import("../types.js").Offer} */ (message.offer);
  return { id: message.client_id, name, size, kind: kindOf({ name, type: "" }), type: "", token: "" };
}

/** Sends the file of an accepted offer where this page holds it; says whether it does. @param {Message} message */
export async function sendAccepted(message) {
  const plain = offeredFile(message);
  const file = await fileOf(plain.id);
  if (!file) return false;
  const out = { ...plain, ...await factsOf(file) };
  refused.delete(out.id);
  sendOffered(message, out, () => { letGo(out.id, out.kind === "image"); forget(out.id); }, (text) => {
    refused.add(out.id);
    tellError({ code: "refused", message: text });
  });
  return true;
}

/** What becomes of an offer of mine. @param {Message} message */
function follow(message) {
  const { offer } = message;
  if (!offer || message.sender !== store.state.value.me.id) return;
  if (message.recalled_at || ["refused", "withdrawn", "expired"].includes(offer.state)) {
    cancel(message.client_id);
    forget(message.client_id);
  } else if (offer.state === "done" || message.files?.length) {
    settled(message.client_id);
    forget(message.client_id);
  } else if (offer.state === "accepted" && !refused.has(message.client_id)) sendAccepted(message);
}

/** Looks what became of the offers while no page was open. */
async function lookUp() {
  const all = waiting();
  for (const id of new Set(Object.values(all))) {
    try {
      const { messages } = await get(`conversations/${id}/messages`, { limit: 100 });
      for (const message of /** @type {Message[]} */ (messages)) if (message.client_id in all) follow(message);
      const there = new Set([...messages, ...store.outbox.items.value].map((one) => one.client_id));
      for (const [client_id, conversation] of Object.entries(all)) if (conversation === id && !there.has(client_id)) forget(client_id); // long ago
    } catch (error) {
      if (!(error instanceof CommandError)) throw error; // it is asked again when the page is loaded again
      if (error.code === "not_found") for (const [client_id, conversation] of Object.entries(all)) if (conversation === id) forget(client_id);
    }
  }
}

/** Starts. */
export function start() {
  lookUp();
  effect(() => {
    const message = store.arrived.value;
    if (message) untracked(() => follow(message));
  });
  effect(() => {
    const rows = store.timeline.value?.rows ?? [];
    untracked(() => { for (const message of rows) if (message.offer?.state === "accepted") follow(message); });
  });
}
