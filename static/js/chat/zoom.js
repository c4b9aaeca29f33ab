/** A picture under the fingers: pinch, wheel and double tap make it larger, a drag moves it, a swipe leaves it. */

const MOST = 8;
const TAP_MS = 300;
const TAP_PX = 12;
const SWIPE_PX = 60;
const DOUBLE = 2.5;

/** @typedef {{onStep: (way: 1 | -1) => void, onLeave: () => void, onScale: (scale: number) => void}} Hooks */

/** @param {HTMLElement} stage @param {HTMLElement} image it stands in the middle of the stage @param {Hooks} hooks */
export function zoomable(stage, image, hooks) {
  let [scale, x, y] = [1, 0, 0];
  /** @type {Map<number, {x: number, y: number}>} */
  const fingers = new Map();
  let start = { x: 0, y: 0, moved: false, beside: false };
  let before = { x: 0, y: 0, at: -Infinity };
  let spread = 0;

  const apply = (smooth = false) => {
    image.classList.toggle("smooth", smooth);
    image.style.transform = scale === 1 && !x && !y ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
    hooks.onScale(scale);
  };
  /** Keeps an edge from coming further in than the window's. */
  const bound = () => {
    const room = (/** @type {number} */ size, /** @type {number} */ all) => Math.max(0, (size * scale - all) / 2);
    const [right, down] = [room(image.offsetWidth, stage.clientWidth), room(image.offsetHeight, stage.clientHeight)];
    x = Math.max(-right, Math.min(right, x));
    y = Math.max(-down, Math.min(down, y));
  };
  /** Zooms so that what lies under a point of the window stays there. @param {number} to @param {number} px @param {number} py @param {boolean} [smooth] */
  const zoomTo = (to, px, py, smooth = false) => {
    const next = Math.max(1, Math.min(MOST, to));
    const box = stage.getBoundingClientRect();
    const [cx, cy] = [px - box.left - box.width / 2, py - box.top - box.height / 2];
    x = cx - (cx - x) * next / scale;
    y = cy - (cy - y) * next / scale;
    scale = next;
    if (scale === 1) [x, y] = [0, 0];
    bound();
    apply(smooth);
  };
  const centre = () => {
    const box = stage.getBoundingClientRect();
    return /** @type {const} */ ([box.left + box.width / 2, box.top + box.height / 2]);
  };
  const middle = () => {
    const all = [...fingers.values()];
    return { x: (all[0].x + all[1].x) / 2, y: (all[0].y + all[1].y) / 2, spread: Math.hypot(all[0].x - all[1].x, all[0].y - all[1].y) };
  };

  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomTo(scale * Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event.clientX, event.clientY);
  }, { passive: false });
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || /** @type {HTMLElement} */ (event.target).closest("button, a")) return;
    stage.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 1) start = { x: event.clientX, y: event.clientY, moved: false, beside: event.target !== image };
    if (fingers.size === 2) spread = middle().spread;
  });
  stage.addEventListener("pointermove", (event) => {
    const last = fingers.get(event.pointerId);
    if (!last) return;
    const old = fingers.size === 2 ? middle() : null;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > TAP_PX) start.moved = true;
    if (old && fingers.size === 2) {
      const now = middle();
      x += now.x - old.x;
      y += now.y - old.y;
      zoomTo(scale * now.spread / (spread || now.spread), now.x, now.y);
      spread = now.spread;
      start.moved = true;
    } else if (scale > 1) {
      x += event.clientX - last.x;
      y += event.clientY - last.y;
      bound();
      apply();
    } else if (start.moved && fingers.size === 1) { // follows the finger on the way to the next
      const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
      image.classList.remove("smooth");
      image.style.transform = Math.abs(dx) > Math.abs(dy) ? `translateX(${dx}px)` : `translateY(${Math.max(0, dy)}px)`;
    }
  });
  const end = (/** @type {PointerEvent} */ event) => {
    if (!fingers.delete(event.pointerId)) return;
    if (fingers.size) {
      [start.x, start.y] = [...fingers.values()].map((f) => [f.x, f.y])[0];
      return;
    }
    const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
    if (event.type === "pointerup" && scale === 1 && start.moved) {
      if (Math.abs(dx) > SWIPE_PX && Math.abs(dx) > Math.abs(dy)) hooks.onStep(dx < 0 ? 1 : -1);
      else if (dy > SWIPE_PX * 1.5 && Math.abs(dy) > Math.abs(dx)) return hooks.onLeave();
      return apply(true);
    }
    if (event.type !== "pointerup" || start.moved) return apply(true);
    const now = performance.now();
    if (now - before.at < TAP_MS && Math.hypot(event.clientX - before.x, event.clientY - before.y) < 40) {
      zoomTo(scale > 1 ? 1 : DOUBLE, event.clientX, event.clientY, true);
      before.at = -Infinity;
    } else {
      before = { x: event.clientX, y: event.clientY, at: now };
      if (start.beside && event.pointerType === "mouse") hooks.onLeave();
    }
  };
  stage.addEventListener("pointerup", end);
  stage.addEventListener("pointercancel", end);
  return {
    /** Larger or smaller, from the middle. @param {number} by */
    zoom: (by) => zoomTo(scale * by, ...centre(), true),
    reset: () => {
      [scale, x, y] = [1, 0, 0];
      apply();
    },
    isZoomed: () => scale > 1,
  };
}
