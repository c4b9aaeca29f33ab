/** The sheet of keys. */
import { html, nothing } from "../vendor/ui.js";
import { openDialog } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { whyNoVoice } from "./attach.js";
import { onMac } from "./keys.js";

/** @type {ReturnType<typeof openDialog> | null} */
let sheet = null;

/** Keys and what they do; several ways to the same stand side by side. @returns {[string, [string[][], string][]][]} */
function sections() {
  const command = onMac ? "⌘" : "Ctrl";
  const alt = onMac ? "⌥" : "Alt";
  const shift = onMac ? "⇧" : "Shift";
  return [
    [gettext("Everywhere"), [
      [[[command, "K"]], gettext("Go to a conversation or a person")],
      [[[command, shift, "F"]], gettext("Search in this conversation")],
      [[[alt, "↑"], [alt, "↓"]], gettext("Previous or next conversation")],
      [[[alt, shift, "↑"], [alt, shift, "↓"]], gettext("Previous or next unread conversation")],
      [[["F6"], [shift, "F6"]], gettext("Next or previous part of the window")],
      [[["Esc"]], gettext("Close what is on top")],
      [[[command, "/"], ["?"]], gettext("This help")],
    ]],
    ...document.getElementById("table") ? [/** @type {[string, [string[][], string][]]} */ ([gettext("Card table"), [
      [[["3–9"], ["0"], ["J"], ["Q"], ["K"], ["A"], ["2"]], gettext("Choose cards of a rank")],
      [[["Enter"]], gettext("Play what is chosen")],
      [[[gettext("Space")]], gettext("Pass, or take the pass back")],
      [[["Esc"]], gettext("Put back what is chosen")],
      [[["←"], ["→"], [command, "←"], [command, "→"]], gettext("Walk in the hand, or carry the card")],
    ]])] : [],
    [gettext("List of conversations"), [
      [[["↑"], ["↓"], ["Home"], ["End"]], gettext("Move in the list")],
      [[["Enter"]], gettext("Open")],
      [[[shift, "F10"]], gettext("Pin, notifications and more")],
    ]],
    [gettext("Writing"), [
      [[["Enter"]], gettext("Send")],
      [[[shift, "Enter"]], gettext("New line")],
      [[["↑"]], gettext("Edit your last message (in an empty box)")],
      [[["Esc"]], gettext("Stop replying or editing")],
    ]],
    [gettext("Messages"), [
      [[["↑"], ["↓"], ["Home"], ["End"]], gettext("Move between messages")],
      [[["Enter"]], gettext("What can be done with the message")],
      [[["R"]], gettext("Reply")],
      [[["E"]], gettext("Edit")],
      [[["O"]], gettext("Open or play what was sent")],
      [[["+"]], gettext("React")],
      [[["C"]], gettext("Copy text")],
      [[["L"]], gettext("Copy link")],
      [[["F"]], gettext("Forward")],
      [[["P"]], gettext("Pin or unpin")],
      [[["U"]], gettext("Mark as unread from here")],
      [[["!"]], gettext("Report…")],
      [[["Delete"]], gettext("Recall")],
      [[["A–Z"]], gettext("Go on writing")],
    ]],
  ];
}

/** Opens the sheet, once. */
export function openHelp() {
  if (sheet) return;
  const combination = (/** @type {string[]} */ keys) => html`<span class="keys">${keys.map((key) => html`<kbd>${key}</kbd>`)}</span>`;
  sheet = openDialog(gettext("Keyboard shortcuts"), () => html`<div class="dialog-body help" tabindex="0" autofocus>${sections().map(([title, rows]) => html`
    <section><h3>${title}</h3><dl>${rows.map(([ways, text]) => html`<div><dt>${ways.map(combination)}</dt><dd>${text}</dd></div>`)}</dl></section>`)}${navigator.mediaDevices ? nothing : html`<p class="muted small">${whyNoVoice()}</p>`}</div>`);
  sheet.element.classList.add("help-sheet");
  sheet.element.addEventListener("close", () => { sheet = null; });
}
