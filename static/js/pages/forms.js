// @ts-check
/* Pages with forms: show the password, warn about caps lock, send once. Each page works without this too. */

const words = /** @type {HTMLElement} */ (document.querySelector("[data-show]") ?? document.body).dataset;

/** @param {HTMLInputElement} input */
function enhance(input) {
  const wrap = document.createElement("div");
  wrap.className = "password";
  input.before(wrap);

  const button = document.createElement("button");
  button.type = "button";
  button.className = "button-link password-toggle";
  button.setAttribute("aria-controls", input.id);
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
    button.textContent = (shown ? words.hide : words.show) ?? "";
    button.setAttribute("aria-pressed", String(shown));
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
