/**
 * The panel of a group: its members, and what one may do there.
 * @import {Conversation, Member} from "../types.js"
 */
import { html, nothing, repeat } from "../vendor/ui.js";
import { ask, icon, openDialog, tellError } from "../core/dom.js";
import { gettext, interpolate } from "../core/i18n.js";
import { get } from "../core/net.js";
import { titleOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { peoplePicker, personView } from "./people.js";

/** @param {string} role */
const roleWord = (role) => ({ master: gettext("Group owner"), manager: gettext("Manager") })[role] ?? gettext("Member");

/** May I remove this member? @param {Conversation} c @param {Member} member */
function canRemove(c, member) {
  if (c.kind !== "group" || member.id === store.state.value.me.id) return false;
  return c.role === "master" || (c.role === "manager" && member.role === "member");
}

/** Opens the panel of the open conversation. */
export function openGroup() {
  const c = store.open.value;
  if (!c) return;
  /** @type {Member[] | null} */
  let members = null;
  const load = async () => {
    try {
      ({ members } = await get(`conversations/${c.id}/members`));
      dialog.redraw();
    } catch (error) {
      tellError(error);
    }
  };
  const run = (/** @type {string} */ command, /** @type {object} */ data) => store.socket.request(command, { conversation: c.id, ...data }).then(load, tellError);
  const remove = async (/** @type {Member} */ member) => {
    const text = interpolate(gettext("%(name)s will no longer see this group."), { name: member.name });
    if (await ask(gettext("Remove from the group?"), text, gettext("Remove"))) run("group.remove", { user: member.id });
  };
  const dialog = openDialog(titleOf(c, store.state.value), (self) => html`
    <div class="dialog-body">
      ${c.kind === "group" && c.role !== "member" ? renameForm(c, (name) => run("group.rename", { name }).then(self.close)) : nothing}
      ${c.notice ? html`<p class="group-notice">${c.notice}</p>` : nothing}
      <div class="row-between"><h3>${gettext("Members")} ${members ? html`<span class="muted">${members.length}</span>` : nothing}</h3>
        ${c.kind === "group" ? html`<button class="button" type="button" @click=${() => openAdd(c, members ?? [], load)}>${icon("user-plus")}${gettext("Add")}</button>` : nothing}</div>
      <div class="people" aria-busy=${members === null}>${repeat(members ?? [], (m) => m.id, (m) => html`<div class="person">
        ${personView(m, `@${m.username}`)}
        <span class="role ${m.role}">${m.role === "member" ? nothing : roleWord(m.role)}</span>
        ${canRemove(c, m) ? html`<button class="icon-button" type="button" aria-label=${interpolate(gettext("Remove %(name)s"), { name: m.name })} title=${gettext("Remove")} @click=${() => remove(m)}>${icon("user-minus")}</button>` : nothing}</div>`)}</div>
    </div>
    ${c.kind === "group" ? html`<div class="dialog-foot"><button class="button danger-text" type="button" @click=${() => leave(c, self.close)}>${icon("log-out")}${gettext("Leave the group")}</button></div>` : nothing}`);
  dialog.element.classList.add("tall");
  load();
}

/** @param {Conversation} c @param {(name: string) => void} save */
function renameForm(c, save) {
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const name = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("name")).trim();
    if (name && name !== c.name) save(name);
  };
  return html`<form class="rename" @submit=${submit}><div class="field"><label for="rename">${gettext("Name of the group")}</label>
    <div class="row"><input id="rename" name="name" required maxlength="64" autocomplete="off" .defaultValue=${c.name}><button class="button">${gettext("Save")}</button></div></div></form>`;
}

/** @param {Conversation} c @param {() => void} close */
async function leave(c, close) {
  if (!await ask(gettext("Leave the group?"), gettext("You will no longer see its messages."), gettext("Leave"))) return;
  store.socket.request("group.leave", { conversation: c.id }).then(close, tellError);
}

/** @param {Conversation} c @param {Member[]} members @param {() => void} done */
function openAdd(c, members, done) {
  /** @type {ReturnType<typeof peoplePicker>} */
  let picker;
  const dialog = openDialog(gettext("Add people"), (self) => {
    picker ??= peoplePicker(() => self.redraw(), new Set(members.map((m) => m.id)));
    const add = () => store.socket.request("group.add", { conversation: c.id, users: [...picker.chosen.keys()] }).then(() => { self.close(); done(); }, tellError);
    return html`<div class="dialog-body">${picker.view()}</div>
      <div class="dialog-foot actions"><button class="button" type="button" @click=${self.close}>${gettext("Cancel")}</button>
      <button class="button button-primary" type="button" ?disabled=${!picker.chosen.size} @click=${add}>${gettext("Add")}</button></div>`;
  });
  dialog.element.classList.add("tall");
}
