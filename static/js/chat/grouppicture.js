/**
 * The picture of a group, and how it is changed. Loaded with the page that governs it.
 * @import {Conversation, State} from "../types.js"
 */
import { html, nothing, signal } from "../vendor/ui.js";
import { icon } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { conversationAvatar } from "./header.js";

const BYTES_MAX = 5 * 1024 * 1024;

/** The group whose picture is on its way. */
const busy = signal(0);
/** Why it was refused, and by which group. */
const wrong = signal({ id: 0, text: "" });

/** @param {Conversation} c @param {RequestInit} request */
async function send(c, request) {
  if (busy.value) return;
  busy.value = c.id;
  wrong.value = { id: 0, text: "" };
  const token = /** @type {HTMLInputElement} */ (document.querySelector("input[name=csrfmiddlewaretoken]")).value;
  try {
    const response = await fetch(`/api/conversations/${c.id}/avatar`, { ...request, headers: { "X-CSRFToken": token } });
    const answer = response.headers.get("content-type")?.startsWith("application/json") ? await response.json() : {};
    if (!response.ok) wrong.value = { id: c.id, text: answer.error?.message ?? gettext("This could not be saved. Check the connection and try again.") };
  } catch {
    wrong.value = { id: c.id, text: gettext("No connection. Please try again in a moment.") };
  } finally {
    busy.value = 0;
  }
}

/** @param {Conversation} c @param {Event} event */
function choose(c, event) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const file = input.files?.[0];
  if (!file) return;
  const body = new FormData();
  body.set("picture", file);
  input.value = "";
  if (file.size > BYTES_MAX) wrong.value = { id: c.id, text: gettext("The picture is too large: at most 5 MiB.") };
  else send(c, { method: "POST", body });
}

/** @param {Conversation} c @param {State} state */
export const pictureView = (c, state) => html`<div class="govern-picture" aria-busy=${busy.value === c.id ? "true" : nothing}>
  ${conversationAvatar(c, state, "large")}
  <div class="govern-picture-acts" role="group" aria-label=${gettext("Picture of the group")}>
    <label class="button small file-button">${icon("camera")}<span>${gettext("Choose a picture")}</span><input type="file" accept="image/jpeg,image/png,image/webp,image/gif" aria-describedby="wrong-avatar" ?disabled=${busy.value !== 0} @change=${(/** @type {Event} */ event) => choose(c, event)}></label>
    ${c.avatar ? html`<button class="button small" type="button" ?disabled=${busy.value !== 0} @click=${() => send(c, { method: "DELETE" })}>${icon("trash-2")}${gettext("Remove picture")}</button>` : nothing}
    <p class="error" id="wrong-avatar" role="alert">${wrong.value.id === c.id ? wrong.value.text : ""}</p>
  </div></div>`;
