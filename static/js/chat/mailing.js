/**
 * One text to several people: choosing them, writing, and how it fared. Each gets it in the direct conversation with the sender.
 * @import {Mailing, MailingResult, MailingRow} from "../types.js"
 * @import {Dialog} from "../core/dom.js"
 */
import { html, nothing } from "../vendor/ui.js";
import { avatar, icon, isComposing, navigate, openDialog, tellError, toast } from "../core/dom.js";
import { figure, fullTime, gettext, interpolate, listTime, ngettext } from "../core/i18n.js";
import { makeClientId } from "../core/outbox.js";
import { nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { MAX_LETTERS, WARN_LETTERS, letters, limitText } from "./drafts.js";
import { peoplePicker } from "./people.js";
import "./parts.js";

/** What is shown of one mailing. @typedef {{text: string, at: string, rows: (MailingRow | MailingResult)[]}} Table */

/** What was written and not sent: it stays where the dialog was closed by a slip. */
let text = "";
let client = makeClientId();

/** Opens the dialog. */
export function openMailing() {
  /** @type {ReturnType<typeof peoplePicker>} */
  let picker;
  /** @type {"people" | "text" | "list" | Table} */
  let shown = "people";
  let busy = false;
  /** @type {Mailing[] | null} */
  let mailings = null;
  const title = gettext("Message to several people");
  openDialog(title, (self) => {
    picker ??= peoplePicker(self, new Set([store.state.value.me.id]));
    if (shown === "people") return peopleView(self);
    if (shown === "text") return textView(self);
    if (shown === "list") return listView(self);
    return tableView(shown);
  }, { kind: "tall" }).element.classList.add("mailing");

  /** @param {Dialog} self @param {typeof shown} to */
  function show(self, to) {
    shown = to;
    if (to === "people") self.retitle(title);
    else if (to === "text") self.retitle(title, () => show(self, "people"));
    else if (to === "list") self.retitle(gettext("Earlier messages to several"), () => show(self, "people"));
    else self.retitle(gettext("Sent to several people"), () => { list(self); });
    /** @type {HTMLElement | null} */ (self.element.querySelector("textarea, input[type=search]"))?.focus();
  }

  /** @param {Dialog} self */
  async function list(self) {
    show(self, "list");
    try {
      ({ mailings } = await store.socket.request("mailing.list", {}));
    } catch (error) {
      tellError(error);
      if (!mailings) return show(self, "people");
    }
    self.redraw();
  }

  /** @param {Dialog} self @param {Mailing} mailing */
  async function open(self, mailing) {
    try {
      const { rows } = await store.socket.request("mailing.status", { mailing: mailing.id });
      show(self, { text: mailing.text, at: mailing.at, rows });
    } catch (error) {
      tellError(error);
    }
  }

  /** @param {Dialog} self */
  async function send(self) {
    const body = text.trim();
    if (busy || !body) return;
    if (letters(body) > MAX_LETTERS) return toast(limitText(), "error");
    busy = true;
    self.redraw();
    try {
      /** @type {{results: MailingResult[]}} */
      const { results } = await store.socket.request("mailing.send", { client_id: client, users: [...picker.chosen.keys()], body });
      client = makeClientId();
      text = "";
      picker.chosen.clear();
      show(self, { text: body, at: new Date().toISOString(), rows: results });
    } catch (error) {
      tellError(error);
    } finally {
      busy = false;
      self.redraw();
    }
  }

  /** @param {Dialog} self */
  function peopleView(self) {
    const count = picker.chosen.size;
    const earlier = html`<button class="person mailing-earlier" type="button" @click=${() => list(self)}><span class="avatar hue-6" aria-hidden="true">${icon("history")}</span>
      <span class="person-text"><b>${gettext("Earlier messages to several")}</b><span class="muted">${gettext("Who has read them")}</span></span>${icon("chevron-right")}</button>`;
    return html`<div class="dialog-form">${picker.view(count ? nothing : earlier)}
      <div class="dialog-foot actions"><button class="button" type="button" @click=${self.close}>${gettext("Cancel")}</button>
        <button class="button button-primary" type="button" ?disabled=${!count} @click=${() => show(self, "text")}>${count
          ? interpolate(ngettext("Next: %(count)s person", "Next: %(count)s people", count), { count: figure(count) }) : gettext("Next")}</button></div></div>`;
  }

  /** @param {Dialog} self */
  function textView(self) {
    const chosen = [...picker.chosen.values()];
    const count = letters(text);
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" || isComposing(event) || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      send(self);
    };
    const onInput = (/** @type {Event} */ event) => {
      text = /** @type {HTMLTextAreaElement} */ (event.target).value;
      self.redraw();
    };
    return html`<form class="dialog-form" @submit=${(/** @type {Event} */ event) => { event.preventDefault(); send(self); }}><div class="dialog-body">
      <div class="mailing-to" title=${chosen.map((p) => p.name).join(", ")}><span class="faces" aria-hidden="true">${chosen.slice(0, 5).map((p) => avatar(p.id, p.name, { size: "small", picture: p.avatar }))}</span>
        <span>${interpolate(ngettext("To %(count)s person", "To %(count)s people", chosen.length), { count: figure(chosen.length) })}</span></div>
      <div class="field mailing-text"><textarea rows="7" placeholder=${gettext("Message")} aria-label=${gettext("Message")} .defaultValue=${text} @input=${onInput} @keydown=${onKey} aria-describedby="mailing-note"></textarea></div>
      <p class="mailing-note muted" id="mailing-note">${count > MAX_LETTERS ? html`<span class="error">${limitText()}</span>` : gettext("Everybody gets it in the chat with you and does not see who else got it.")}${
        count > WARN_LETTERS ? html`<span class="mailing-count">${figure(MAX_LETTERS - count)}</span>` : nothing}</p></div>
      <div class="dialog-foot actions"><button class="button" type="button" @click=${() => show(self, "people")}>${gettext("Back")}</button>
        <button class="button button-primary" ?disabled=${busy || !text.trim() || count > MAX_LETTERS}>${icon("send-horizontal")}${gettext("Send")}</button></div></form>`;
  }

  /** @param {Dialog} self */
  function listView(self) {
    if (!mailings) return html`<div class="dialog-body"><div class="people-skeleton" aria-hidden="true"><i></i><i></i><i></i></div></div>`;
    if (!mailings.length) return html`<div class="dialog-body"><div class="notice"><span class="notice-icon">${icon("mails")}</span><p>${gettext("You have not written to several people yet.")}</p></div></div>`;
    return html`<div class="dialog-body"><div class="people">${mailings.map((mailing) => html`<button class="person" type="button" @click=${() => open(self, mailing)}>
      <span class="person-text"><b dir="auto">${mailing.text}</b><span class="muted">${interpolate(gettext("Read by %(count)s of %(all)s"),
        { count: figure(mailing.read), all: figure(mailing.receivers) })}</span></span><time class="muted" title=${fullTime(mailing.at)}>${listTime(mailing.at)}</time>${icon("chevron-right")}</button>`)}</div></div>`;
  }

  /** @param {Table} table */
  function tableView({ text: body, at, rows }) {
    const { people } = store.state.value;
    /** @param {Table["rows"][number]} row */
    const stateOf = (row) => {
      if ("error" in row && row.error) return html`<span class="mailing-state failed">${icon("circle-alert")}${row.error.message}</span>`;
      const read = "read" in row && row.read;
      return html`<span class="mailing-state ${read ? "read" : ""}">${icon(read ? "check-check" : "check")}${read ? gettext("Read") : gettext("Sent")}</span>`;
    };
    return html`<div class="dialog-body"><div class="forward-what"><b>${listTime(at)}</b><span dir="auto">${body}</span></div>
      <table class="mailing-table"><thead class="visually-hidden"><tr><th>${gettext("Person")}</th><th>${gettext("State")}</th></tr></thead><tbody>${rows.map((row) => {
        const person = people.get(row.user) ?? picker.chosen.get(row.user);
        const name = nameOf(row.user, people, person?.name);
        return html`<tr><td>${avatar(row.user, name, { picture: person?.avatar })}${row.conversation
          ? html`<a href="/c/${row.conversation}/" @click=${(/** @type {MouseEvent} */ event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            /** @type {HTMLElement} */ (event.target).closest("dialog")?.close();
            navigate(`/c/${row.conversation}/`);
          }} dir="auto">${name}</a>` : html`<span dir="auto">${name}</span>`}</td><td>${stateOf(row)}</td></tr>`;
      })}</tbody></table></div>`;
  }
}
