/**
 * The dialog that takes a conversation along as a file.
 * @import {Conversation} from "../types.js"
 */
import { html } from "../vendor/ui.js";
import { icon, openDialog } from "../core/dom.js";
import { gettext } from "../core/i18n.js";

/** Asks in which form; the browser saves the answer. @param {Conversation} c */
export function openTranscripts(c) {
  const forms = /** @type {const} */ ([
    ["text", "file-text", gettext("Text"), gettext("Time, name and message")],
    ["zip", "file-archive", gettext("Web page with files"), gettext("One archive that opens offline, pictures and all")],
    ["html", "globe", gettext("Web page"), gettext("Opens offline; files stay on this site")],
    ["xml", "list", "XML", gettext("For programs")],
    ["json", "list", "JSON", gettext("For programs")],
  ]);
  openDialog(gettext("Export chat history"), ({ close }) => html`
    <div class="dialog-body">
      <p class="muted">${gettext("Everything you can see in this chat. Recalled messages are not in it.")}</p>
      ${forms.map(([form, name, title, more]) => html`<a class="menu-item" href="/c/${c.id}/export/${form}/" download @click=${() => setTimeout(close)}>${icon(name)}<span
        class="person-text"><span>${title}</span><span class="muted">${more}</span></span></a>`)}
    </div>
    <div class="dialog-foot actions"><button class="button" type="button" @click=${close}>${gettext("Cancel")}</button></div>`, { kind: "confirm" });
}
