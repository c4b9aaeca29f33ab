/** What every view needs: icons, avatars, dialogs, short notices, the voice for screen readers. */
import { classMap, effect, html, nothing, render } from "../vendor/ui.js";
import { gettext } from "./i18n.js";

/** An element that the shell always has. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`no #${id} in the page`);
  return element;
}

/** Draws a view into an element in place of what the server painted, and again whenever a signal it reads changes. @param {HTMLElement} element @param {() => unknown} view */
export function mount(element, view) {
  element.replaceChildren();
  effect(() => { render(view(), element); });
}

/** One icon of the sprite. @param {string} name */
export const icon = (name) => html`<svg class="icon" aria-hidden="true"><use href="${document.documentElement.dataset.icons}#${name}"></use></svg>`;

/** One or two letters for a name: the end of a Chinese one, the initials of others. @param {string} name */
export function initials(name) {
  const letters = [...new Intl.Segmenter().segment(name.trim())].map((s) => s.segment);
  if (/\p{Script=Han}/u.test(letters.at(-1) ?? "")) return letters.slice(-2).join("");
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = (/** @type {string | undefined} */ word) => (word ? [...new Intl.Segmenter().segment(word)][0].segment : "");
  return (first(words[0]) + (words.length > 1 ? first(words.at(-1)) : "")).toLocaleUpperCase();
}

/** The picture of a person or a group. @param {number} id @param {string} name @param {{presence?: string, icon?: string, size?: string}} [more] */
export function avatar(id, name, more = {}) {
  const { presence, size = "" } = more;
  return html`<span class="avatar hue-${id % 8} ${size}" aria-hidden="true">${more.icon ? icon(more.icon) : initials(name)}${
    presence && presence !== "offline" ? html`<i class=${classMap({ dot: true, [presence]: true })}></i>` : nothing}</span>`;
}

/** The word for a presence. @param {string} presence */
export function presenceWord(presence) {
  const words = /** @type {Record<string, string>} */ ({
    online: gettext("Online"), away: gettext("Away"), busy: gettext("Busy"), offline: gettext("Offline"), invisible: gettext("Invisible"),
  });
  return words[presence] ?? "";
}

/** Is this key press part of composing a Chinese or Vietnamese letter? Safari ends composing before the keydown; 229 is its only sign. @param {KeyboardEvent} event */
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

/** Goes to an address of the chat. @param {string} path */
export function navigate(path) {
  if (path === location.pathname) return;
  history.pushState({ inside: true }, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
}

/**
 * A modal dialog. `view` is drawn again by `redraw`.
 * @param {string} title @param {(dialog: {close: () => void, redraw: () => void}) => unknown} view @param {{closable?: boolean}} [options]
 */
export function openDialog(title, view, { closable = true } = {}) {
  const element = document.createElement("dialog");
  element.className = "dialog";
  element.setAttribute("aria-label", title);
  const handle = {
    close: () => element.close(),
    redraw: () => render(html`
      <header class="dialog-head"><h2>${title}</h2>${closable
        ? html`<button class="icon-button" type="button" aria-label=${gettext("Close")} @click=${() => element.close()}>${icon("x")}</button>` : nothing}</header>
      ${view(handle)}`, element),
  };
  element.addEventListener("close", () => element.remove());
  if (closable) element.addEventListener("click", (event) => { if (event.target === element) element.close(); });
  else element.addEventListener("cancel", (event) => event.preventDefault());
  document.body.append(element);
  handle.redraw();
  element.showModal();
  return { ...handle, element };
}

/** Asks before something that cannot be undone. @param {string} title @param {string} text @param {string} yes @returns {Promise<boolean>} */
export function ask(title, text, yes) {
  return new Promise((resolve) => {
    let answer = false;
    const { element } = openDialog(title, ({ close }) => html`
      <p class="dialog-text">${text}</p>
      <div class="dialog-foot actions">
        <button class="button" type="button" @click=${close}>${gettext("Cancel")}</button>
        <button class="button button-danger" type="button" @click=${() => { answer = true; close(); }}>${yes}</button>
      </div>`);
    element.addEventListener("close", () => resolve(answer));
  });
}

/** A short notice. @param {string} text @param {"info" | "error"} kind */
export function toast(text, kind = "info") {
  const element = document.createElement("div");
  element.className = `toast ${kind}`;
  element.setAttribute("role", kind === "error" ? "alert" : "status");
  element.textContent = text;
  byId("toasts").append(element);
  setTimeout(() => element.remove(), 5000);
}

/** Tells what went wrong with a command. @param {any} error */
export function tellError(error) {
  if (!("code" in error)) throw error;
  toast(error.code === "offline" ? gettext("No connection. Please try again in a moment.") : error.message || error.code, "error");
}

/** @type {string[]} */
let unspoken = [];
/** @type {any} */
let spoken;

/** Speaks new messages to screen readers; many at once become a number. @param {string} text @param {(count: number) => string} many */
export function announce(text, many) {
  unspoken.push(text);
  if (unspoken.length > 1) return;
  setTimeout(() => {
    byId("announcer").textContent = unspoken.length > 3 ? many(unspoken.length) : unspoken.join("\n");
    unspoken = [];
    clearTimeout(spoken);
    spoken = setTimeout(() => { byId("announcer").textContent = ""; }, 5000); // a text that is recalled later must be gone here too
  }, 600);
}

/** Copies a text; pages on plain HTTP have no clipboard API. @param {string} text */
export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.className = "visually-hidden";
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** Puts a popover at a point, inside the window. @param {HTMLElement} element @param {number} x @param {number} y */
export function showAt(element, x, y) {
  element.showPopover();
  const { width, height } = element.getBoundingClientRect();
  element.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  element.style.top = `${y + height + 8 > innerHeight ? Math.max(8, y - height) : y}px`;
}
