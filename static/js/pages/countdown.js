// @ts-check
/* The time until the next try, by the server's count of seconds: the clock of this device may be wrong. */

const place = /** @type {HTMLElement} */ (document.querySelector("#countdown"));
const time = /** @type {HTMLElement} */ (place.querySelector("[role=timer]"));
const over = /** @type {HTMLElement} */ (document.querySelector("#countdown-over"));
const end = performance.now() + Number(place.dataset.seconds) * 1000;

function show() {
  const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
  time.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  if (left) {
    setTimeout(show, (end - performance.now()) % 1000 || 1000);
    return;
  }
  place.hidden = true;
  over.textContent = over.dataset.text ?? "";
  document.querySelector("#back")?.classList.add("button-primary");
}

show();
// Timers of a hidden page may be late
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !place.hidden) show();
});
