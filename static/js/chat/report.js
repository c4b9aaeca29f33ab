/**
 * Telling the moderators of a message: why, and a few words. Loaded when first used.
 * @import {Message} from "../types.js"
 */
import { html } from "../vendor/ui.js";
import { isComposing, openDialog, tellError, toast } from "../core/dom.js";
import { figure, gettext } from "../core/i18n.js";
import { nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { quotedText } from "./message.js";
import "./groupstyle.js";
import "./parts.js";

const WORDS_MAX = 500;

/** @returns {[string, string, string][]} code, word, what it means */
const reasons = () => [
  ["spam", gettext("Spam or advertising"), ""],
  ["harassment", gettext("Harassment or hate"), gettext("insults, bullying, threats")],
  ["violence", gettext("Violence or danger"), gettext("somebody may come to harm")],
  ["private", gettext("Private data of somebody"), gettext("addresses, numbers, pictures without consent")],
  ["other", gettext("Something else"), ""],
];

/** Opens the dialog. @param {Message} message */
export function openReport(message) {
  let busy = false;
  let length = 0;
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    if (busy) return;
    busy = true;
    dialog.redraw();
    try {
      await store.socket.request("message.report", {
        conversation: message.conversation, seq: message.seq, reason: String(form.get("reason")), words: String(form.get("words")).trim(),
      });
      dialog.close();
      toast(gettext("Thank you. The moderators will look at it."));
    } catch (error) {
      tellError(error);
      busy = false;
      dialog.redraw();
    }
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || isComposing(event) || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    /** @type {HTMLElement} */ (event.currentTarget).closest("form")?.requestSubmit();
  };
  const { people } = store.state.value;
  const dialog = openDialog(gettext("Report this message"), (self) => html`<form class="dialog-form" @submit=${submit}><div class="dialog-body">
      <div class="forward-what"><b>${nameOf(message.sender, people, message.sender_name)}</b><span dir="auto">${quotedText(message, store.state.value)}</span></div>
      <fieldset class="govern-choice"><legend>${gettext("What is wrong with it?")}</legend>${reasons().map(([code, word, meaning], index) =>
        html`<label class="choice"><input type="radio" name="reason" value=${code} required ?autofocus=${index === 0}><span class="person-text"><span>${word}</span>${meaning ? html`<span class="muted">${meaning}</span>` : ""}</span></label>`)}</fieldset>
      <div class="field report-words"><label for="report-words">${gettext("A few words, if you like")}</label>
        <textarea id="report-words" name="words" rows="2" maxlength=${WORDS_MAX} dir="auto" @input=${(/** @type {Event} */ event) => { length = [.../** @type {HTMLTextAreaElement} */ (event.target).value].length; self.redraw(); }} @keydown=${onKey}></textarea>
        <span class="mailing-note muted"><span>${gettext("Moderators see the message, a few around it, and your name. The sender is not told.")}</span><span class="mailing-count">${length ? `${figure(length)}/${figure(WORDS_MAX)}` : ""}</span></span></div></div>
    <div class="dialog-foot actions"><button class="button" type="button" @click=${() => self.close()}>${gettext("Cancel")}</button><button class="button button-danger" ?disabled=${busy}>${gettext("Report")}</button></div></form>`, { kind: "tall" });
  dialog.element.classList.add("forward");
}
