/** The dialog that goes to a date of the open conversation. */
import { html } from "../vendor/ui.js";
import { openDialog } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { jumpToDay } from "./list.js";

/** A day as a date field writes it. @param {Date} day */
const written = (day) => `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;

/** Asks for a date, beginning with the one at the top. @param {string} at */
export function openDates(at) {
  const go = (/** @type {Date} */ day, /** @type {() => void} */ close) => { close(); jumpToDay(new Date(day.setHours(0, 0, 0, 0))); };
  const back = (/** @type {number} */ days) => new Date(Date.now() - days * 86_400_000);
  openDialog(gettext("Jump to a date"), ({ close }) => html`
    <form class="dialog-form" @submit=${(/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const day = /** @type {HTMLInputElement} */ (/** @type {HTMLFormElement} */ (event.target).elements.namedItem("day")).valueAsDate;
      if (day) go(new Date(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate()), close);
    }}>
      <div class="dialog-body">
        <label class="field"><span class="visually-hidden">${gettext("Date")}</span>
          <input type="date" name="day" required max=${written(new Date())} .value=${written(at ? new Date(at) : new Date())} autofocus></label>
        <div class="date-picks">${/** @type {const} */ ([[0, gettext("Today")], [7, gettext("A week ago")], [30, gettext("A month ago")]]).map(([days, label]) =>
          html`<button class="chip" type="button" @click=${() => go(back(days), close)}>${label}</button>`)}
          <button class="chip" type="button" @click=${() => go(new Date(0), close)}>${gettext("The beginning")}</button></div>
      </div>
      <div class="dialog-foot actions">
        <button class="button" type="button" @click=${close}>${gettext("Cancel")}</button>
        <button class="button button-primary" type="submit">${gettext("Go")}</button>
      </div>
    </form>`, { kind: "confirm" });
}
