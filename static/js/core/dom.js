/** What every view needs: icons, avatars, dialogs, short notices, the voice for screen readers. */
import { classMap, effect, html, nothing, render } from "../vendor/ui.js";
import { ago, gettext, interpolate } from "./i18n.js";

/** An element that the shell always has. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`no #${id} in the page`);
  return element;
}

/** Keeps something in this browser, where it has room left. @param {string} key @param {string} value */
export function keepHere(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}

/** Makes the list of conversations this wide, or as wide as it is by itself. @param {number | null} width */
export const setWidth = (width) => document.documentElement.style.setProperty("--sidebar", width ? `${width}px` : "");

/** Lets the browser answer before what follows. @returns {Promise<void>} */
export const pause = () => new Promise((resolve) => { setTimeout(resolve); });

/** Lets the browser paint and answer before what follows. @returns {Promise<void>} */
export const painted = () => new Promise((resolve) => {
  if (!document.hidden) requestAnimationFrame(() => setTimeout(resolve));
  setTimeout(resolve, 100); // a window that nobody sees paints nothing
});

/** Adds a style sheet that the first page does without, and waits for it. @param {string} href @returns {Promise<void>} */
export const addStyle = (href) => new Promise((resolve) => {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  link.onload = link.onerror = () => resolve();
  document.head.append(link);
});

/** Draws a view into an element in place of what the server painted, and again whenever a signal it reads changes. @param {HTMLElement} element @param {() => unknown} view */
export function mount(element, view) {
  element.replaceChildren();
  effect(() => { render(view(), element); });
}

/** One icon of the sprite. @param {string} name */
export const icon = (name) => html`<svg class="icon" aria-hidden="true"><use href="${document.documentElement.dataset.icons}#${name}"></use></svg>`;

/** @type {Intl.Segmenter | undefined} */
let segmenter;

/** A text as the eye counts it. A segmenter is made only for what needs one: that takes 13 ms. @param {string} text */
const signs = (text) => (/^[\p{L}\p{N}\p{P} ]*$/u.test(text) ? [...text] : [...(segmenter ??= new Intl.Segmenter()).segment(text)].map((s) => s.segment));

/** One or two letters for a name: the end of a Chinese one, the initials of others. @param {string} name */
export function initials(name) {
  const letters = signs(name.trim());
  if (/\p{Script=Han}/u.test(letters.at(-1) ?? "")) return letters.slice(-2).join("");
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = (/** @type {string | undefined} */ word) => (word ? signs(word)[0] : "");
  return (first(words[0]) + (words.length > 1 ? first(words.at(-1)) : "")).toLocaleUpperCase();
}

/** The picture of a person or a group: one of his own, else letters. @param {number} id @param {string} name @param {{presence?: string, icon?: string, size?: string, picture?: string}} [more] */
export function avatar(id, name, more = {}) {
  const { presence, picture, size = "" } = more;
  const at = `/avatars/${picture}/`;
  return html`<span class="avatar hue-${id % 8} ${size}" aria-hidden="true">${more.icon ? icon(more.icon) : initials(name)}${
    picture ? html`<img src="${at}64.webp" srcset="${at}64.webp 64w, ${at}256.webp 256w" sizes=${size === "large" ? "96px" : "44px"} alt="" decoding="async" draggable="false">` : nothing}${
    presence && presence !== "offline" ? html`<i class=${classMap({ dot: true, [presence]: true })}></i>` : nothing}</span>`;
}

/** The word for a presence. @param {string} presence */
export function presenceWord(presence) {
  const words = /** @type {Record<string, string>} */ ({
    online: gettext("Online"), away: gettext("Away"), busy: gettext("Busy"), offline: gettext("Offline"), invisible: gettext("Invisible"),
  });
  return words[presence] ?? "";
}

/** How somebody is there, or when he was. @param {Pick<import("../types.js").Person, "presence" | "status" | "last_seen">} person */
export function personStatus(person) {
  if (person.presence === "offline" && person.last_seen) return interpolate(gettext("last seen %(when)s"), { when: ago(person.last_seen) });
  return [presenceWord(person.presence), person.status].filter(Boolean).join(" · ");
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
 * A modal dialog. `view` is drawn again by `redraw`; `retitle` turns it into another one, with a way back.
 * @typedef {{element: HTMLDialogElement, close: () => void, redraw: () => void, retitle: (title: string, back?: () => void) => void}} Dialog
 * @param {string} title @param {(dialog: Dialog) => unknown} view
 * @param {{closable?: boolean, kind?: string}} [options] `kind` is "tall" for lists, "confirm" for questions
 * @returns {Dialog}
 */
export function openDialog(title, view, { closable = true, kind = "" } = {}) {
  const element = document.createElement("dialog");
  element.className = `dialog ${kind}`;
  /** @type {(() => void) | undefined} */
  let back;
  const close = () => element.close();
  const button = (/** @type {string} */ name, /** @type {string} */ label, /** @type {() => void} */ action) =>
    html`<button class="icon-button" type="button" aria-label=${label} title=${label} @click=${action}>${icon(name)}</button>`;
  /** @type {Dialog} */
  const handle = {
    element,
    close,
    redraw: () => render(html`
      <header class="dialog-head">${back ? button("arrow-left", gettext("Back"), back) : nothing}<h2>${title}</h2>${
        closable && kind !== "confirm" ? button("x", gettext("Close"), close) : nothing}</header>
      ${view(handle)}`, element),
    retitle: (text, goBack) => {
      title = text;
      back = goBack;
      element.setAttribute("aria-label", text);
      handle.redraw();
    },
  };
  element.setAttribute("aria-label", title);
  element.addEventListener("close", () => {
    byId("toasts").append(...element.querySelectorAll(".toast"));
    element.remove();
  });
  if (closable) element.addEventListener("click", (event) => { if (event.target === element) close(); });
  else element.addEventListener("cancel", (event) => event.preventDefault());
  document.body.append(element);
  handle.redraw();
  element.showModal();
  return handle;
}

/** Asks before something is done. @param {string} title @param {string} text @param {string} yes @param {string} [look] the class of the button @returns {Promise<boolean>} */
export function ask(title, text, yes, look = "button-danger") {
  return new Promise((resolve) => {
    let answer = false;
    const { element } = openDialog(title, ({ close }) => html`
      <p class="dialog-text" id="dialog-text">${text}</p>
      <div class="dialog-foot actions">
        <button class="button" type="button" autofocus @click=${close}>${gettext("Cancel")}</button>
        <button class="button ${look}" type="button" @click=${() => { answer = true; close(); }}>${yes}</button>
      </div>`, { kind: "confirm" });
    element.setAttribute("aria-describedby", "dialog-text");
    element.addEventListener("close", () => resolve(answer));
  });
}

const TOAST_MS = { info: 5000, error: 8000 };

/** A short notice. Everything outside an open dialog is inert, so it shows inside. @param {string} text @param {"info" | "error"} kind */
export function toast(text, kind = "info") {
  const dialog = [...document.querySelectorAll("dialog:modal")].at(-1);
  let place = dialog ? dialog.querySelector(".toasts") : byId("toasts");
  if (!place) {
    place = document.createElement("div");
    place.className = "toasts";
    place.setAttribute("aria-live", "polite");
    dialog?.append(place);
  }
  const element = document.createElement("div");
  element.className = kind === "error" ? "toast error" : "toast";
  if (kind === "error") element.setAttribute("role", "alert");
  element.textContent = text;
  element.addEventListener("click", () => element.remove());
  place.append(element);
  setTimeout(() => element.remove(), TOAST_MS[kind]);
}

/** Tells what went wrong with a command. @param {any} error */
export function tellError(error) {
  if (!("code" in error)) throw error;
  toast(error.code === "offline" ? gettext("No connection. Please try again in a moment.") : error.message || error.code, "error");
}

/** A module that comes when it is first wanted. Where it cannot be fetched that is told, and the next time tries again. @template T @param {Promise<T>} module @returns {Promise<T | null>} */
export const lazy = (module) => module.catch((error) => {
  if (!(error instanceof TypeError)) throw error; // a fault of the module itself
  tellError({ code: "offline" });
  return null;
});

const AGAIN_MS = 3000;

/** A module that the page cannot do without: what keeps it away is told once, and it is tried until it comes. @template T @param {() => Promise<T>} load @returns {Promise<T>} */
export async function needed(load) {
  for (let told = false; ; told = true) {
    try {
      return await load();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // a fault of the module itself
      if (!told) tellError({ code: "offline" });
      await new Promise((again) => setTimeout(again, AGAIN_MS));
    }
  }
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
  (document.querySelector("dialog:modal") ?? document.body).append(area); // what is behind a dialog cannot be selected
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** Puts a popover at a point, inside the window. @param {HTMLElement} element @param {number} x @param {number} y */
export function showAt(element, x, y) {
  element.showPopover();
  const { offsetWidth: width, offsetHeight: height } = element; // an entrance that scales changes its box
  element.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  element.style.top = `${y + height + 8 > innerHeight ? Math.max(8, y - height) : y}px`;
}
