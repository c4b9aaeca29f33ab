// @ts-check
/* The settings page: every change is saved at once and seen at once. Without this it is a form with a button. */

const form = /** @type {HTMLFormElement} */ (document.querySelector("#settings"));
const note = /** @type {HTMLElement} */ (document.querySelector("#saved"));
/** Options that the page itself shows: their attributes on <html>. */
const LOOK = /** @type {Record<string, string>} */ ({ theme: "theme", accent: "accent", density: "density", text_size: "textSize" });
/** One after the other, so that the last choice is the one that stays. */
let queue = Promise.resolve();
/** @type {number | undefined} */
let timer;

/** A word at the foot of the page for two seconds. @param {string} [text] @param {boolean} [failed] */
function tell(text = "", failed = false) {
  clearTimeout(timer);
  note.textContent = text;
  note.classList.toggle("error", failed);
  note.classList.add("shown");
  timer = setTimeout(() => note.classList.remove("shown"), failed ? 6000 : 2000);
}

/** Says at a field what is wrong with it, or that nothing is any more. @param {Element} control @param {string[]} errors */
function mark(control, errors) {
  const place = control.closest(".field");
  const id = `${control.id}_error`;
  place?.classList.toggle("has-error", errors.length > 0);
  document.getElementById(id)?.remove();
  control.toggleAttribute("aria-invalid", false);
  const described = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
  if (place && errors.length) {
    const text = document.createElement("p");
    text.id = id;
    text.className = "error";
    text.setAttribute("role", "alert");
    text.textContent = errors.join(" ");
    control.after(text);
    control.setAttribute("aria-invalid", "true");
    described.push(id);
  }
  if (described.length) control.setAttribute("aria-describedby", described.join(" "));
  else control.removeAttribute("aria-describedby");
}

/** @param {HTMLInputElement | HTMLSelectElement} control @param {string} value */
async function save(control, value) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", /** @type {HTMLInputElement} */ (form.elements.namedItem("csrfmiddlewaretoken")).value);
  body.set(control.name, value);
  const response = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body });
  if (response.redirected) return location.assign(response.url); // the session has ended
  const { errors } = response.status === 422 ? await response.json() : { errors: {} };
  mark(control, errors[control.name] ?? errors.__all__ ?? []);
  if (response.status === 422) return;
  if (!response.ok) throw new Error(String(response.status));
  if (control.name === "language") location.reload();
  else tell(form.dataset.saved);
}

/** The bars of a phone's browser have the colour of the page. */
function tintBars() {
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) meta.remove();
  document.head.append(Object.assign(document.createElement("meta"), { name: "theme-color", content: getComputedStyle(document.body).backgroundColor }));
}

// Back to the conversation one came from
const came = document.referrer ? new URL(document.referrer) : null;
const back = /** @type {HTMLAnchorElement} */ (document.querySelector("#back"));
if (came?.origin === location.origin && /^\/c\/\d+\/$/.test(came.pathname)) back.href = came.pathname;

// The part of the page that is looked at
const links = [...document.querySelectorAll(".settings-nav a")];
const watcher = new IntersectionObserver((entries) => {
  const seen = entries.find((entry) => entry.isIntersecting);
  if (!seen) return;
  const name = `#${seen.target.getAttribute("aria-labelledby")}`;
  for (const link of links) link.ariaCurrent = link.getAttribute("href") === name ? "true" : null;
}, { rootMargin: "-25% 0px -70% 0px" });
for (const section of document.querySelectorAll(".settings-body section")) watcher.observe(section);

form.addEventListener("change", (event) => {
  const control = /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target);
  const value = control.type === "checkbox" ? String(/** @type {HTMLInputElement} */ (control).checked) : control.value;
  if (control.name in LOOK) document.documentElement.dataset[LOOK[control.name]] = value;
  if (control.name === "theme") tintBars();
  queue = queue.then(() => save(control, value)).catch(() => tell(form.dataset.failed, true));
});

// Enter in a text field: its change is what is to be saved
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (document.activeElement instanceof HTMLInputElement && document.activeElement.type === "text") {
    const field = document.activeElement;
    field.blur();
    field.focus();
  }
});
