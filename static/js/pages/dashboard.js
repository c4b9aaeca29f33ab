// @ts-check
/* The dashboard moves by itself: what has changed on the server takes the place of what is shown. Hidden, it rests. */

const EVERY_MS = 5000;
const board = /** @type {HTMLElement} */ (document.querySelector("#board"));
const away = /** @type {HTMLElement} */ (document.querySelector("#board-away"));
/** @type {any} */
let soon;

/** Takes over the parts that differ; what is open stays open, and where the keyboard stands it stays. @param {string} text */
function take(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (board.querySelectorAll("[data-live]"))) {
    const now = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!now || now.innerHTML === part.innerHTML) continue;
    const inside = part.contains(document.activeElement) && document.activeElement?.tagName === "SUMMARY";
    part.replaceChildren(...now.childNodes);
    if (inside) part.querySelector("summary")?.focus();
  }
}

async function look() {
  clearTimeout(soon);
  if (document.hidden) return;
  try {
    const response = await fetch(board.dataset.numbers ?? "", { headers: { Accept: "application/json" } });
    if (response.redirected || response.status === 403) return location.reload(); // signed out, or no administrator any more
    take((await response.json()).html);
    away.hidden = true;
  } catch {
    away.hidden = false;
  }
  soon = setTimeout(look, EVERY_MS);
}

document.addEventListener("visibilitychange", look);
soon = setTimeout(look, EVERY_MS);
