/**
 * Messages on their way. They live in localStorage, one entry each, until the server has confirmed them, so a reload or a lost
 * connection loses nothing; the same client_id makes a repeat harmless.
 * @import {Message, Outgoing} from "../types.js"
 */
import { signal } from "../vendor/ui.js";

/** A client_id. Not crypto.randomUUID: pages on plain HTTP do not have it. */
export function makeClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/** What may be sent now: of each conversation the oldest pending, when none of it is under way. @param {Outgoing[]} items */
export function sendable(items) {
  const busy = new Set(items.filter((i) => i.status === "sending").map((i) => i.conversation));
  return items.filter((i) => {
    if (i.status !== "pending" || busy.has(i.conversation)) return false;
    busy.add(i.conversation);
    return true;
  });
}

/** One item changed. @param {Outgoing[]} items @param {string} client_id @param {Partial<Outgoing>} change */
export const update = (items, client_id, change) => items.map((i) => (i.client_id === client_id ? { ...i, ...change } : i));

/** The socket is gone: what was under way is pending again. @param {Outgoing[]} items */
export const interrupted = (items) => items.map((i) => (i.status === "sending" ? { ...i, status: /** @type {const} */ ("pending") } : i));

/** Drops what has arrived as a message of its own. @param {Outgoing[]} items @param {Message[]} messages */
export function arrived(items, messages) {
  const ids = new Set(messages.map((m) => m.client_id));
  return items.some((i) => ids.has(i.client_id)) ? items.filter((i) => !ids.has(i.client_id)) : items;
}

/** The outbox of one user. */
export class Outbox {
  /**
   * @param {number} user
   * @param {Storage} storage
   * @param {(item: Outgoing) => Promise<{change: number}>} send rejects with an error that has a `code`
   * @param {() => number} now
   */
  constructor(user, storage, send, now = Date.now) {
    this.prefix = `chatroom.outbox.${user}.`;
    this.storage = storage;
    this.send = send;
    this.now = now;
    this.open = false;
    this.items = signal(this.#load());
  }

  /** @returns {Outgoing[]} */
  #load() {
    const keys = Array.from({ length: this.storage.length }, (_, i) => this.storage.key(i) ?? "").filter((k) => k.startsWith(this.prefix));
    return keys.map((key) => JSON.parse(this.storage.getItem(key) ?? "null")).filter(Boolean).sort((a, b) => a.at - b.at || a.order - b.order);
  }

  /** @param {Outgoing[]} items */
  #set(items) {
    const before = new Map(this.items.value.map((i) => [i.client_id, i]));
    this.items.value = items;
    for (const item of items) {
      // "sending" and "sent" are moments of this tab; what outlives it is pending.
      if (before.get(item.client_id) !== item) {
        const kept = item.status === "failed" ? item : { ...item, status: "pending" };
        this.storage.setItem(this.prefix + item.client_id, JSON.stringify(kept));
      }
      before.delete(item.client_id);
    }
    for (const id of before.keys()) this.storage.removeItem(this.prefix + id);
  }

  /** Takes a new message. @param {number} conversation @param {string} body @param {number | null} reply_to */
  add(conversation, body, reply_to) {
    const order = Math.max(0, ...this.items.value.map((i) => i.order)) + 1;
    const item = /** @type {Outgoing} */ ({ client_id: makeClientId(), conversation, body, reply_to, at: this.now(), order, status: "pending", error: "", change: 0 });
    this.#set([...this.items.value, item]);
    this.pump();
  }

  /** @param {string} client_id */
  retry(client_id) {
    this.#set(update(this.items.value, client_id, { status: "pending", error: "" }));
    this.pump();
  }

  /** @param {string} client_id */
  remove(client_id) {
    this.#set(this.items.value.filter((i) => i.client_id !== client_id));
  }

  /** The connection is live, or no longer. @param {boolean} live */
  setOpen(live) {
    this.open = live;
    if (live) this.pump();
    else this.#set(interrupted(this.items.value));
  }

  /** Drops what came back as messages. @param {Message[]} messages */
  seen(messages) {
    const left = arrived(this.items.value, messages);
    if (left !== this.items.value) this.#set(left);
  }

  /** Drops what was confirmed and whose event has been taken. @param {number} conversation @param {number} cursor */
  settled(conversation, cursor) {
    const left = this.items.value.filter((i) => !(i.conversation === conversation && i.status === "sent" && i.change <= cursor));
    if (left.length !== this.items.value.length) this.#set(left);
  }

  /** Sends what may be sent. */
  pump() {
    if (!this.open) return;
    for (const item of sendable(this.items.value)) {
      this.#set(update(this.items.value, item.client_id, { status: "sending" }));
      this.send(item).then(
        ({ change }) => this.#answered(item, { status: "sent", change }),
        (error) => this.#refused(item, error),
      );
    }
  }

  /** @param {Outgoing} item @param {Partial<Outgoing>} change */
  #answered(item, change) {
    this.#set(update(this.items.value, item.client_id, change));
    this.pump();
  }

  /** @param {Outgoing} item @param {any} error */
  #refused(item, error) {
    if (error.code === "offline") return; // the close of the socket has made it pending again
    if (error.code === "too_fast") {
      this.#set(update(this.items.value, item.client_id, { status: "pending" }));
      setTimeout(() => this.pump(), 2000);
    } else {
      this.#answered(item, { status: "failed", error: error.message });
    }
  }
}
