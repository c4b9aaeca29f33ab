/** Away after five minutes without input on this page; the server shows it when all devices say so. */
import { effect } from "../vendor/ui.js";
import * as store from "../core/store.js";

const IDLE_MS = 5 * 60_000;
const LOOK_MS = 10_000;
let last = Date.now();
let away = false;

function tell() {
  const { busy, invisible } = store.state.value.me.options;
  if (!busy && !invisible) store.socket.tell("presence.set", { state: away ? "away" : "online" });
}

function onInput() {
  last = Date.now();
  if (!away) return;
  away = false;
  tell();
}

for (const name of ["pointermove", "pointerdown", "keydown", "wheel", "touchstart", "focus"]) addEventListener(name, onInput, { passive: true, capture: true });
document.addEventListener("visibilitychange", () => { if (!document.hidden) onInput(); });
setInterval(() => {
  if (away || Date.now() - last < IDLE_MS) return;
  away = true;
  tell();
}, LOOK_MS);
// A new connection counts as here, and so do all of them when somebody has chosen anew.
effect(() => {
  const { busy, invisible } = store.state.value.me.options;
  if (store.socket.connection.value.state === "live" && !busy && !invisible && away) tell();
});
