/** Searches that were made on this device. */
import { signal } from "../vendor/ui.js";
import { keepHere, mount } from "../core/dom.js";
import { remembered } from "../core/excerpt.js";
import * as store from "../core/store.js";
import { recentView } from "./searchview.js";

const storeKey = `chatroom.searches.${store.state.value.me.id}`;
export const recents = document.createElement("div");
/** @type {import("../vendor/ui.js").Signal<string[]>} */
const searches = signal(read());
/** Are they shown? */
export const offering = signal(false);

/** @returns {string[]} */
function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(storeKey) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [];
  }
}

/** @param {string[]} list */
function keep(list) {
  searches.value = list;
  keepHere(storeKey, JSON.stringify(list));
}

/** Keeps what was searched for with success. @param {string} text */
export const remember = (text) => keep(remembered(read(), text));

/** Shows them below the field while it is empty. @param {HTMLInputElement} field @param {import("../vendor/ui.js").ReadonlySignal<string>} words @param {(text: string) => void} setWords */
export function startRecents(field, words, setWords) {
  recents.className = "search-recent";
  /** @type {HTMLElement} */ (field.parentElement).append(recents);
  const choose = (/** @type {string} */ text) => {
    setWords(text);
    offering.value = false;
    field.focus();
  };
  mount(recents, () => recentView(offering.value && words.value === "" ? searches.value : [], choose, () => keep([])));
  field.addEventListener("click", () => { offering.value = true; });
  const left = (/** @type {FocusEvent} */ event) => {
    const to = /** @type {Node | null} */ (event.relatedTarget);
    if (!to || !field.parentElement?.contains(to)) offering.value = false;
  };
  field.addEventListener("focusout", left);
  recents.addEventListener("focusout", left);
  recents.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the field
  recents.addEventListener("keydown", (event) => {
    const all = [...recents.querySelectorAll("button")];
    const at = all.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (event.key === "Escape" || to === -1) field.focus();
    else if (to !== undefined) all[Math.min(to, all.length - 1)].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
