/** A short notice with one thing to do: undo, open. */
import { html, render } from "../vendor/ui.js";
import { byId } from "./dom.js";

/** Shows it for so long. @param {string} text @param {string} label @param {() => void} act @param {number} [ms] */
export function offer(text, label, act, ms = 10_000) {
  const element = document.createElement("div");
  element.className = "toast offer";
  const gone = () => element.remove();
  const timer = setTimeout(gone, ms);
  render(html`<span>${text}</span><button type="button" @click=${() => { clearTimeout(timer); gone(); act(); }}>${label}</button>`, element);
  byId("toasts").append(element);
}
