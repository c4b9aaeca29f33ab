/**
 * Messages on their way. They live in localStorage, one entry each, until the server has confirmed them, so a reload or a lost
 * connection loses nothing; the same client_id makes a repeat harmless.
 * @import {Message, OutFile, Outgoing} from "../types.js"
 */
import { signal } from "../vendor/ui.js";

/** A client_id. Not crypto.randomUUID: pages on plain HTTP do not have it. */
export function makeClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/** Files of at most so many bytes in all keep the messages after them waiting; nobody waits for more. */
const SHORT_WAIT = 20 << 20;

/** Are files of it still on their way? @param {Outgoing} item */
export const uploading = (item) => !!item.files?.some((f) => !f.token);

/** @param {OutFile[]} files */
const isShort = (files) => !files.some((f) => !f.token && (f.paused || f.lost)) && files.reduce((sum, f) => sum + f.size, 0) <= SHORT_WAIT;

/** What may be sent now: of each conversation the oldest pending, when none of it is under way. @param {Outgoing[]} items */
export function sendable(items) {
  const busy = new Set(items.filter((i) => i.status === "sending").map((i) => i.conversation));
  return items.filter((i) => {
    if (i.status !== "pending" || busy.has(i.conversation)) return false;
    if (!i.files || !uploading(i) || isShort(i.files)) busy.add(i.conversation);
    return !uploading(i);
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
   * @param {(conversation: number) => number} cursor the last change that was taken
   */
  constructor(user, storage, send, now = Date.now, cursor = () => 0) {
    this.prefix = `chatroom.outbox.${user}.`;
    this.storage = storage;
    this.send = send;
    this.now = now;
    this.cursor = cursor;
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
        this.#keep(item.status === "failed" ? item : { ...item, status: "pending" });
      }
      before.delete(item.client_id);
    }
    for (const id of before.keys()) this.storage.removeItem(this.prefix + id);
  }

  /** @param {Outgoing} item */
  #keep(item) {
    try {
      this.storage.setItem(this.prefix + item.client_id, JSON.stringify(item));
    } catch (error) { // the browser keeps no more: it goes all the same, but not over a reload
      if (!(error instanceof DOMException)) throw error;
    }
  }

  /** Takes a new message. @param {number} conversation @param {string} body @param {number | null} reply_to @param {Partial<Outgoing>} [more] files or an offer */
  add(conversation, body, reply_to, more = {}) {
    const order = Math.max(0, ...this.items.value.map((i) => i.order)) + 1;
    const at = Math.max(this.now(), ...this.items.value.map((i) => i.at)); // a clock that is put back does not turn the order round
    const item = /** @type {Outgoing} */ ({ client_id: makeClientId(), conversation, body, reply_to, at, order, status: "pending", error: "", change: 0, ...more });
    this.#set([...this.items.value, item]);
    this.pump();
  }

  /** @param {string} client_id */
  retry(client_id) {
    this.#set(update(this.items.value, client_id, { status: "pending", error: "" }));
    this.pump();
  }

  /** A file of a message has moved on. @param {string} client_id @param {string} id @param {Partial<OutFile>} change */
  setFile(client_id, id, change) {
    this.#set(this.items.value.map((i) => (i.client_id === client_id && i.files ? { ...i, files: i.files.map((f) => (f.id === id ? { ...f, ...change } : f)) } : i)));
    this.pump();
  }

  /** A file does not go along; the message goes with its last one. @param {string} client_id @param {string} id */
  dropFile(client_id, id) {
    this.#set(this.items.value.map((i) => (i.client_id === client_id ? { ...i, files: i.files?.filter((f) => f.id !== id) } : i)).filter((i) => i.client_id !== client_id || i.files?.length));
    this.pump();
  }

  /** A file of it was refused. @param {string} client_id @param {string} error */
  fail(client_id, error) {
    this.#set(update(this.items.value, client_id, { status: "failed", error }));
    this.pump();
  }

  /** @param {string} client_id */
  remove(client_id) {
    this.#set(this.items.value.filter((i) => i.client_id !== client_id));
  }

  /** The connection is live, or no longer. @param {boolean} live */
  setOpen(live) {
    this.open = live;
    if (live) {
      this.#adopt();
      this.pump();
    } else this.#set(interrupted(this.items.value));
  }

  /** What was written in a tab that has been closed meanwhile goes from here; where that tab still stands, the same client_id makes it harmless. */
  #adopt() {
    const known = new Set(this.items.value.map((i) => i.client_id));
    const left = this.#load().filter((i) => !known.has(i.client_id));
    if (left.length) this.items.value = [...this.items.value, ...left].sort((a, b) => a.at - b.at || a.order - b.order);
  }

  /** Another tab has changed localStorage: what was taken back or held there does not go from here. @param {string | null} key @param {string | null} value */
  shared(key, value) {
    if (!key?.startsWith(this.prefix)) return;
    const id = key.slice(this.prefix.length);
    const item = this.items.value.find((i) => i.client_id === id && i.status !== "sending");
    if (!item) return;
    if (value === null) this.items.value = this.items.value.filter((i) => i !== item);
    else if (item.files) this.items.value = update(this.items.value, id, { files: JSON.parse(value).files });
    this.pump();
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
    if (change.status === "sent") this.settled(item.conversation, this.cursor(item.conversation)); // sent before, and its event taken long ago
    this.pump();
  }

  /** @param {Outgoing} item @param {any} error */
  #refused(item, error) {
    if (error.code === "offline") return; // the close of the socket has made it pending again
    if (error.code === "too_fast") {
      this.#set(update(this.items.value, item.client_id, { status: "pending" }));
      setTimeout(() => this.pump(), 2000);
    } else {
      const files = error.code === "not_found" ? item.files?.map((f) => ({ ...f, token: "" })) : item.files; // uploads that nobody has sent are not kept for ever
      this.#answered(item, { status: "failed", error: error.message, ...(files && { files }) });
    }
  }
}
