/** The width of the list, by pointer and by keys; remembered in this browser. */
import { byId, keepHere, setWidth } from "../core/dom.js";

const STEP = 16;

/** Starts the edge of the list. */
export function start() {
  const edge = byId("resizer");
  const sidebar = /** @type {HTMLElement} */ (edge.parentElement);
  const min = Number(edge.getAttribute("aria-valuemin"));
  const max = Number(edge.getAttribute("aria-valuemax"));
  const now = () => Math.round(sidebar.getBoundingClientRect().width);
  const tell = () => edge.setAttribute("aria-valuenow", String(now()));
  const set = (/** @type {number | null} */ width) => {
    const kept = width === null ? null : Math.round(Math.max(min, Math.min(max, width)));
    setWidth(kept);
    if (kept === null) localStorage.removeItem("chatroom.sidebar");
    else keepHere("chatroom.sidebar", String(kept));
    tell();
  };
  new ResizeObserver(tell).observe(sidebar);
  edge.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    edge.setPointerCapture(event.pointerId);
    const away = now() - event.clientX;
    const move = (/** @type {PointerEvent} */ e) => set(e.clientX + away);
    edge.addEventListener("pointermove", move);
    edge.addEventListener("lostpointercapture", () => edge.removeEventListener("pointermove", move), { once: true });
  });
  edge.addEventListener("dblclick", () => set(null));
  edge.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: now() - STEP, ArrowRight: now() + STEP, Home: min, End: max }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    set(to);
  });
}
