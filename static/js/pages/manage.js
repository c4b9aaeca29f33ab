// @ts-check
/* Pages of the administration: copy a one-time password, follow an import. Each page works without this too. */

const told = document.querySelector("#told");

/** Clipboards need HTTPS; a selection can be copied everywhere. @param {HTMLButtonElement} button */
async function copy(button) {
  const text = button.dataset.copy ?? "";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const code = button.previousElementSibling;
    if (code) getSelection()?.selectAllChildren(code);
    document.execCommand("copy");
  }
  button.textContent = button.dataset.copied ?? "";
  if (told) told.textContent = button.textContent;
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (button instanceof HTMLButtonElement) button.addEventListener("click", () => copy(button));
}

const working = document.querySelector("[data-progress]");
if (working instanceof HTMLElement) {
  const bar = /** @type {HTMLProgressElement} */ (working.querySelector("progress"));
  const count = /** @type {HTMLElement} */ (working.querySelector("#done"));
  const look = async () => {
    try {
      const response = await fetch(working.dataset.progress ?? "", { headers: { Accept: "application/json" } });
      const { busy, done, percent } = await response.json();
      if (!busy) return location.reload();
      bar.value = percent;
      count.textContent = String(done);
    } catch {
      // the server restarts, or the network is away: the next look finds out
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
}

// What may be fetched once is asked for once; a button must still be enabled while its form is sent
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    const button = /** @type {SubmitEvent} */ (event).submitter;
    setTimeout(() => button?.setAttribute("disabled", ""));
  });
}
