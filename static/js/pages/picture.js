// @ts-check
/* The picture on the settings page: shown as soon as it is chosen, and sent. Files of options are sent when chosen too. Without this they are forms with a button. */

export {}; // a module of its own

const BYTES_MAX = 5 * 1024 * 1024;
const row = /** @type {HTMLElement} */ (document.querySelector("#picture-row"));
const input = /** @type {HTMLInputElement} */ (row.querySelector("#picture"));
const frame = /** @type {HTMLElement} */ (row.querySelector(".picture"));
const error = /** @type {HTMLElement} */ (row.querySelector("#picture-error"));
const remove = /** @type {HTMLElement} */ (row.querySelector("#picture-remove-button"));
const form = /** @type {HTMLFormElement} */ (document.querySelector("#picture-form"));

/** @param {string} [text] */
function tell(text = "") {
  error.textContent = text;
  error.hidden = !text;
}

/** Shows a picture in the frame, or what was there before. @param {HTMLImageElement | null} image */
function show(image) {
  frame.querySelector("img")?.remove();
  if (image) frame.append(image);
}

/** @param {string} src */
function imageOf(src) {
  const image = document.createElement("img");
  image.alt = "";
  image.src = src;
  return image;
}

/** @param {File} file */
async function send(file) {
  const before = frame.querySelector("img");
  const url = URL.createObjectURL(file);
  show(imageOf(url));
  frame.classList.add("busy");
  try {
    const body = new FormData(form); // the picture is in it
    const response = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body });
    if (response.redirected) return location.assign(response.url); // the session has ended
    const answer = response.headers.get("content-type")?.startsWith("application/json") ? await response.json() : {};
    if (!response.ok) throw new Error(answer.error?.message ?? row.dataset.failed);
    show(imageOf(`/avatars/${answer.avatar}/256.webp`));
    remove.hidden = false;
    const note = document.querySelector("#saved");
    if (note) note.textContent = row.dataset.saved ?? "";
  } catch (problem) {
    show(before);
    tell(problem instanceof TypeError ? row.dataset.failed : /** @type {Error} */ (problem).message);
  } finally {
    frame.classList.remove("busy");
    URL.revokeObjectURL(url);
    input.value = "";
  }
}

row.addEventListener("change", (event) => {
  event.stopPropagation(); // the settings around it save what is theirs
  const file = input.files?.[0];
  tell();
  if (!file) return;
  if (file.size > BYTES_MAX) {
    input.value = "";
    return tell(row.dataset.large);
  }
  send(file);
});

const options = /** @type {HTMLInputElement} */ (document.querySelector("#options-input"));
options.addEventListener("change", () => { if (options.files?.length) options.form?.requestSubmit(); });
