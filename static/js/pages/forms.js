// @ts-check
/* Pages with forms: show the password, warn about caps lock, send once. Each page works without this too. */

const SVG = "http://www.w3.org/2000/svg";
const words = /** @type {HTMLElement} */ (document.querySelector("[data-show]") ?? document.body).dataset;

/** @param {HTMLInputElement} input */
function enhance(input) {
  const wrap = document.createElement("div");
  wrap.className = "password";
  input.before(wrap);

  const button = document.createElement("button");
  button.type = "button";
  button.className = "password-toggle";
  button.setAttribute("aria-controls", input.id);
  const icon = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  icon.append(use);
  button.append(icon);
  wrap.append(input, button);

  const hint = document.createElement("p");
  hint.className = "help caps-lock";
  hint.setAttribute("role", "status");
  hint.hidden = true;
  hint.textContent = words.capsLock ?? "";
  wrap.after(hint);

  /** @param {boolean} shown */
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.title = (shown ? words.hide : words.show) ?? "";
    button.setAttribute("aria-label", button.title);
    use.setAttribute("href", `${document.documentElement.dataset.icons}#${shown ? "eye-off" : "eye"}`);
  };
  show(false);
  button.addEventListener("click", () => {
    show(input.type === "password");
    input.focus();
  });
  // A shown password must not stay in the browser's list of typed texts
  input.form?.addEventListener("submit", () => show(false));

  /** @param {KeyboardEvent | MouseEvent} event */
  const look = (event) => {
    hint.hidden = !event.getModifierState?.("CapsLock");
  };
  input.addEventListener("keydown", look);
  input.addEventListener("keyup", look);
  input.addEventListener("blur", () => {
    hint.hidden = true;
  });
}

for (const input of document.querySelectorAll("input[data-password]")) {
  if (input instanceof HTMLInputElement) enhance(input);
}

// After a refusal the next thing to type is what was wrong; passwords never come back, so the empty one
const wrong = document.querySelector("[aria-invalid=true]") ?? (document.querySelector(".error-box") && document.querySelector("input[data-password]"));
if (wrong instanceof HTMLElement) wrong.focus();

for (const form of document.querySelectorAll("form[method=post]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}
// A page that comes back from the browser's cache can be sent again
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
