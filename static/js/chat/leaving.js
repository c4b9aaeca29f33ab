/**
 * The end of being in a group: leaving, with somebody who follows, and dissolving. Loaded when first used.
 * @import {Conversation, Member} from "../types.js"
 */
import { html } from "../vendor/ui.js";
import { ask, avatar, isComposing, openDialog } from "../core/dom.js";
import { gettext, interpolate } from "../core/i18n.js";
import * as store from "../core/store.js";
import { rosters } from "./header.js";
import { roleWord, run, sorted } from "./members.js";
import "./groupstyle.js";

/** Leaves a group: its owner chooses who follows. @param {Conversation} c */
export async function leave(c) {
  const others = (rosters.value.get(c.id) ?? []).filter((m) => m.id !== store.state.value.me.id);
  if (c.role === "master" && c.members > 1) return openSuccession(c, others);
  const text = c.members > 1 ? gettext("You will no longer see its messages.") : gettext("You are the only member: nobody will see this group and its messages any more.");
  if (await ask(gettext("Leave the group?"), text, gettext("Leave"))) await run(c, "group.leave");
}

/** An owner who leaves hands the group over first. @param {Conversation} c @param {Member[]} others */
function openSuccession(c, others) {
  const { people } = store.state.value;
  const list = sorted(others, (m) => (people.get(m.id)?.presence ?? "offline") !== "offline");
  let heir = 0;
  let busy = false;
  openDialog(gettext("Who takes the group over?"), (self) => {
    const submit = async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      if (busy || !heir) return;
      busy = true;
      // Where the group has gone over but leaving failed, I am a manager now and the next try only leaves.
      const mine = store.state.value.conversations.get(c.id)?.role;
      const done = (mine !== "master" || await run(c, "group.role", { user: heir, role: "master" })) && await run(c, "group.leave");
      busy = false;
      if (done) self.close();
    };
    return html`<form class="dialog-form" @submit=${submit}><p class="dialog-text">${gettext("You own this group. Choose who owns it after you; then you leave.")}
        <button class="button-link" type="button" @click=${() => { self.close(); openDissolve(c); }}>${gettext("Or dissolve the group")}</button></p>
      <div class="dialog-body people">${list.map((m) => html`<label class="person">${avatar(m.id, m.name, { presence: people.get(m.id)?.presence, picture: people.get(m.id)?.avatar })}
        <span class="person-text"><b>${m.name}</b><span class="muted">${roleWord(m.role) || `@${m.username}`}</span></span>
        <input type="radio" name="heir" value=${m.id} @change=${() => { heir = m.id; self.redraw(); }}></label>`)}</div>
      <div class="dialog-foot actions"><button class="button" type="button" @click=${self.close}>${gettext("Cancel")}</button>
        <button class="button button-danger" ?disabled=${!heir}>${gettext("Hand over and leave")}</button></div></form>`;
  }, { kind: "tall" });
}

/** Ends a group for all, after its name was typed. @param {Conversation} c */
export function openDissolve(c) {
  let typed = "";
  let busy = false;
  const plain = (/** @type {string} */ text) => text.normalize("NFKC").trim().replace(/\s+/g, " ").toLocaleLowerCase();
  openDialog(gettext("Dissolve the group?"), (self) => {
    const fits = plain(typed) === plain(c.name);
    const submit = async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      if (busy || !fits) return;
      busy = true;
      if (await run(c, "group.dissolve")) self.close();
      busy = false;
    };
    const onKey = (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter" && isComposing(event)) event.preventDefault(); };
    const onInput = (/** @type {Event} */ event) => { typed = /** @type {HTMLInputElement} */ (event.target).value; self.redraw(); };
    return html`<form class="dialog-form" novalidate @submit=${submit} @keydown=${onKey}>
      <p class="dialog-text" id="dissolve-text">${gettext("Nobody will see this group and its messages any more. This cannot be undone.")}</p>
      <div class="field dissolve-field"><label for="dissolve-name">${interpolate(gettext("To confirm, type the name of the group: %(name)s"), { name: c.name })}</label>
        <input id="dissolve-name" autocomplete="off" spellcheck="false" aria-describedby="dissolve-text" @input=${onInput}></div>
      <div class="dialog-foot actions"><button class="button" type="button" @click=${self.close}>${gettext("Cancel")}</button>
        <button class="button button-danger" ?disabled=${!fits}>${gettext("Dissolve")}</button></div></form>`;
  }, { kind: "confirm" });
}
