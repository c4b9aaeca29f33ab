// @ts-check
/* Buttons that copy what stands in another element, also on plain HTTP, where there is no clipboard API. */

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!(button instanceof HTMLButtonElement)) continue;
  const label = button.lastChild?.textContent ?? "";
  button.addEventListener("click", async () => {
    const source = /** @type {HTMLElement} */ (document.getElementById(button.dataset.copy ?? ""));
    const lines = source.querySelectorAll("li");
    const text = source instanceof HTMLInputElement ? source.value
      : lines.length ? [...lines].map((line) => line.textContent?.trim()).join("\n") : source.textContent?.trim() ?? "";
    if (!await copy(text)) return;
    const words = button.lastChild;
    if (!words) return;
    words.textContent = button.dataset.done ?? label;
    button.setAttribute("aria-live", "polite");
    setTimeout(() => { words.textContent = label; }, 2000);
  });
}

/** @param {string} text @returns {Promise<boolean>} */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

for (const button of document.querySelectorAll("button[data-print]")) button.addEventListener("click", () => print());
