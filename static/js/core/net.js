/**
 * The socket (docs/protocol.md) and reads over HTTP.
 * @import {Connection, Frame, Reply} from "../types.js"
 */
import { signal } from "../vendor/ui.js";

const CHECK_MS = 5_000;
const SILENCE_MS = 25_000; // a server that lives asks earlier
const PING_MS = 10_000;
const STEADY_MS = 10_000;
const REPLY_MS = 30_000;
const WAKE_MS = 4_000;

/** The wait before try number `attempt` (from 0): full jitter, 0.5 s doubling to 30 s. @param {number} attempt @param {() => number} random */
export const backoff = (attempt, random = Math.random) => random() * Math.min(30_000, 500 * 2 ** Math.min(attempt, 10));

/** A command was refused, or could not be sent (`offline`). */
export class CommandError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** One connection to the server that comes back by itself. */
export class Socket {
  /**
   * @param {string} url
   * @param {{hello: () => object, onFrame: (frame: Frame) => void, onLive: () => void, onDown: () => void, onEnded: () => void}} hooks
   * @param {typeof WebSocket} WebSocketClass
   */
  constructor(url, hooks, WebSocketClass = WebSocket) {
    this.url = url;
    this.hooks = hooks;
    this.WebSocketClass = WebSocketClass;
    /** @type {import("../vendor/ui.js").Signal<Connection>} */
    this.connection = signal({ state: "connecting", since: Date.now(), retryAt: 0 });
    /** @type {Map<number, {resolve: (data: any) => void, reject: (error: CommandError) => void, timer: any}>} */
    this.waiting = new Map();
    this.ref = 0;
    this.attempt = 0;
    this.heard = 0;
    /** @type {WebSocket | null} */
    this.ws = null;
  }

  get live() {
    return this.connection.value.state === "live";
  }

  /** Opens the connection now, whatever wait there was. */
  connect() {
    const { state } = this.connection.value;
    if (this.ws || state === "displaced" || state === "ended") return;
    clearTimeout(this.retryTimer);
    this.#enter("connecting");
    const ws = new this.WebSocketClass(this.url);
    this.ws = ws;
    ws.onopen = () => {
      this.#transmit("hello", this.hooks.hello()).catch((error) => this.#drop(ws, error.code));
    };
    ws.onmessage = (event) => this.#receive(JSON.parse(event.data));
    ws.onclose = (event) => this.#closed(ws, event.code);
    this.heard = Date.now();
    this.checkTimer = setInterval(() => this.#check(), CHECK_MS);
  }

  /** Sends a command once the connection is live. @param {string} type @param {object} data @returns {Promise<any>} */
  request(type, data) {
    return this.live ? this.#transmit(type, data) : Promise.reject(new CommandError("offline", ""));
  }

  /** Sends a command whose answer and loss do not matter. @param {string} type @param {object} data */
  tell(type, data) {
    this.request(type, data).catch((error) => {
      if (!(error instanceof CommandError)) throw error;
    });
  }

  /** The page is visible or online again: come back at once, or make sure that the connection still lives. */
  wake() {
    if (!this.ws) {
      this.attempt = 0;
      this.connect();
    } else if (this.live) {
      this.#transmit("ping", {}, WAKE_MS).catch(() => {});
    }
  }

  /** Gives the connection up for good: the session is another one than this page's. */
  end() {
    const { ws } = this;
    if (!ws) return;
    ws.onclose = null;
    ws.onmessage = null;
    ws.close(1000, "ended");
    this.#closed(ws, 4003);
  }

  /** @param {string} type @param {object} data @param {number} patience @returns {Promise<any>} */
  #transmit(type, data, patience = REPLY_MS) {
    return new Promise((resolve, reject) => {
      const ref = ++this.ref;
      const timer = setTimeout(() => this.#drop(this.ws, "silent"), patience);
      this.waiting.set(ref, { resolve, reject, timer });
      /** @type {WebSocket} */ (this.ws).send(JSON.stringify({ type, ref, data }));
    });
  }

  /** @param {Frame | Reply} frame */
  #receive(frame) {
    this.heard = Date.now();
    if (frame.type === "reply") {
      const waiting = this.waiting.get(frame.ref);
      if (!waiting) return;
      this.waiting.delete(frame.ref);
      clearTimeout(waiting.timer);
      if (frame.ok) waiting.resolve(frame.data);
      else waiting.reject(new CommandError(frame.error?.code ?? "error", frame.error?.message ?? ""));
    } else if (frame.type === "ping") {
      // The server asks: timers of a hidden page may sleep for a minute, messages arrive all the same.
      this.ws?.send('{"type":"ping"}');
    } else {
      this.hooks.onFrame(frame);
      if (frame.type === "ready") {
        // `hello` has no reply of its own: `ready` is its answer.
        for (const [ref, waiting] of this.waiting) {
          clearTimeout(waiting.timer);
          waiting.resolve({});
          this.waiting.delete(ref);
        }
      }
      if (frame.type === "live") {
        this.#enter("live");
        this.steadyTimer = setTimeout(() => { this.attempt = 0; }, STEADY_MS);
        this.hooks.onLive();
      }
    }
  }

  #check() {
    if (this.live && Date.now() - this.heard >= SILENCE_MS) this.#transmit("ping", {}, PING_MS).catch(() => {});
  }

  /** Gives a connection up without waiting for the other side. @param {WebSocket | null} ws @param {string} reason */
  #drop(ws, reason) {
    if (!ws || ws !== this.ws) return;
    ws.onclose = null;
    ws.onmessage = null;
    ws.close(1000, reason);
    this.#closed(ws, 1006);
  }

  /** @param {WebSocket} ws @param {number} code */
  #closed(ws, code) {
    if (ws !== this.ws) return;
    this.ws = null;
    clearInterval(this.checkTimer);
    clearTimeout(this.steadyTimer);
    const unanswered = [...this.waiting.values()];
    this.waiting.clear();
    const delay = backoff(this.attempt++);
    this.#enter(code === 4001 ? "displaced" : code === 4003 ? "ended" : "waiting", Date.now() + delay);
    for (const { reject, timer } of unanswered) {
      clearTimeout(timer);
      reject(new CommandError("offline", ""));
    }
    this.hooks.onDown();
    if (code === 4003) this.hooks.onEnded();
    else if (code !== 4001) this.retryTimer = setTimeout(() => this.connect(), delay);
  }

  /** @param {Connection["state"]} state */
  #enter(state, retryAt = 0) {
    const { since, state: before } = this.connection.value;
    const stillDown = state !== "live" && before !== "live";
    this.connection.value = { state, since: stillDown ? since : Date.now(), retryAt };
  }
}

/** Reads from the HTTP API. @param {string} path @param {Record<string, string | number | undefined>} query @returns {Promise<any>} */
export async function get(path, query = {}) {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) params.set(key, String(value));
  const suffix = params.size ? `?${params}` : "";
  const response = await fetch(`/api/${path}${suffix}`, { headers: { Accept: "application/json" } }).catch((error) => {
    throw new CommandError("offline", error.message);
  });
  if (response.ok) return response.json();
  const isJson = response.headers.get("Content-Type")?.includes("json");
  const { error } = isJson ? await response.json() : { error: { code: `http_${response.status}`, message: "" } };
  throw new CommandError(error.code, error.message);
}
