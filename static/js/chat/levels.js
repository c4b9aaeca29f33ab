/**
 * For which messages of a conversation one is called: a row of the panel, with a menu.
 * @import {Conversation} from "../types.js"
 */
import { html, nothing } from "../vendor/ui.js";
import { icon, tellError } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { popMenu } from "../core/menu.js";
import * as store from "../core/store.js";

/** The levels, each with its icon and name. @returns {[Conversation["level"], string, string][]} */
export const levels = () => [["all", "bell", gettext("All messages")], ["mentions", "at-sign", gettext("Only mentions")], ["none", "bell-off", gettext("None")]];

/** @param {Conversation} c */
export function levelView(c) {
  if (c.peer === store.state.value.me.id) return nothing;
  const [, sign, name] = /** @type {[string, string, string]} */ (levels().find(([level]) => level === c.level));
  const open = (/** @type {MouseEvent} */ event) => popMenu(/** @type {HTMLElement} */ (event.currentTarget), gettext("Notifications"), levels().map(([level, image, label]) => ({
    icon: image, label, checked: level === c.level, act: () => { store.socket.request("conversation.level", { conversation: c.id, level }).catch(tellError); },
  })), event);
  return html`<div class="info-card"><button class="menu-item level" type="button" aria-haspopup="menu" aria-expanded="false" @click=${open}>${icon(sign)}<span>${gettext("Notifications")}</span><span class="muted">${name}</span>${icon("chevron-right")}</button></div>`;
}
