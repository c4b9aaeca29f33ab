// @ts-check
/* Desktop notices on the settings page: the browser is asked only in answer to a click, and where it shows none the reason stands there. */

const wanted = /** @type {HTMLInputElement} */ (document.querySelector("[name=desktop_notices]"));
const sounds = /** @type {HTMLInputElement} */ (document.querySelector("[name=sounds]"));
const why = /** @type {HTMLElement} */ (document.querySelector("#notices-why"));
const allow = /** @type {HTMLButtonElement} */ (document.querySelector("#notices-allow"));
const able = "Notification" in window && !/Android.*Chrome|iPhone|iPad/u.test(navigator.userAgent);

/** What keeps notices from this browser, if anything does. */
function reason() {
  if (!isSecureContext) return "insecure";
  if (!able) return "unable";
  if (Notification.permission === "denied") return "denied";
  return wanted.checked && Notification.permission === "default" ? "unasked" : "";
}

function show() {
  const name = reason();
  why.hidden = !name;
  if (name && why.textContent !== why.dataset[name]) why.textContent = why.dataset[name] ?? "";
  allow.hidden = name !== "unasked";
  wanted.disabled = name === "insecure" || name === "unable";
}

/** Asks the browser; true where it shows notices. */
async function permitted() {
  if (Notification.permission !== "granted") await Notification.requestPermission();
  return Notification.permission === "granted";
}

// Before the page saves the change: what the browser refuses is not wanted here
wanted.addEventListener("change", (event) => {
  if (!wanted.checked || Notification.permission === "granted") return show();
  event.stopPropagation();
  permitted().then((granted) => {
    wanted.checked = granted;
    if (granted) wanted.dispatchEvent(new Event("change", { bubbles: true }));
    show();
  });
});
allow.addEventListener("click", () => permitted().then(show));
sounds.addEventListener("change", () => {
  if (!sounds.checked) return;
  import("../chat/sound.js").then(({ play, unlock }) => {
    unlock();
    return play();
  }).catch(() => {}); // no network, or the browser does not let the page sound
});
show();

export {}; // a module: its names are its own
