/**
 * Invite links into a group: the ones that work, and making a new one, which is seen only now. Loaded on use.
 * @import {Conversation} from "../types.js"
 * @typedef {{id: number, maker: string, expires_at: string, uses: number, max_uses: number | null}} Link
 */
import { html, nothing, repeat } from "../vendor/ui.js";
import { ask, copyText, icon, openDialog, tellError } from "../core/dom.js";
import { figure, fullTime, gettext, interpolate, ngettext } from "../core/i18n.js";
import * as store from "../core/store.js";

const DAYS = [1, 7, 30, 365];
const USES = [0, 1, 5, 20, 100];

/** @param {number} days */
const dayWord = (days) => days === 365 ? gettext("1 year") : interpolate(ngettext("%(count)s day", "%(count)s days", days), { count: figure(days) });
/** @param {number} uses */
const useWord = (uses) => uses ? interpolate(ngettext("%(count)s person", "%(count)s people", uses), { count: figure(uses) }) : gettext("Anybody");

/** @param {Link} link */
function linkText(link) {
  const used = link.max_uses ? `${figure(link.uses)} / ${figure(link.max_uses)}` : figure(link.uses);
  return interpolate(gettext("Used: %(count)s · until %(time)s"), { count: used, time: fullTime(link.expires_at) });
}

/** @param {Conversation} c */
export async function openInvites(c) {
  /** @type {Link[]} */
  let links;
  try {
    ({ invites: links } = await store.socket.request("invite.list", { conversation: c.id }));
  } catch (error) {
    return tellError(error);
  }
  let made = "";
  let days = 7;
  let uses = 0;
  let busy = false;
  let copied = false;
  openDialog(gettext("Invite link"), (self) => {
    const make = async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      try {
        const { token, ...link } = await store.socket.request("invite.make", { conversation: c.id, days, max_uses: uses || null });
        made = `${location.origin}/join/${token}/`;
        links = [link, ...links];
        copied = false;
      } catch (error) {
        tellError(error);
      }
      busy = false;
      self.redraw();
      /** @type {HTMLElement | null} */ (self.element.querySelector(".invite-copy"))?.focus();
    };
    const withdraw = async (/** @type {Link} */ link) => {
      if (!await ask(gettext("Withdraw the link?"), gettext("Nobody can join with it any more. Whoever has joined stays."), gettext("Withdraw"))) return;
      try {
        await store.socket.request("invite.revoke", { conversation: c.id, invite: link.id });
        if (link === links[0]) made = "";
        links = links.filter((other) => other !== link);
      } catch (error) {
        tellError(error);
      }
      self.redraw();
    };
    const copy = async () => {
      await copyText(made);
      copied = true;
      self.redraw();
    };
    const options = (/** @type {number[]} */ values, /** @type {number} */ now, /** @type {(n: number) => string} */ word) =>
      values.map((value) => html`<option value=${value} ?selected=${value === now}>${word(value)}</option>`);
    return html`<form class="dialog-form" @submit=${make}><div class="dialog-body">
      ${made ? madeView(made, copied, copy) : html`<p class="muted invite-note">${gettext("Whoever opens the link joins this group; people without an account make one there.")}</p>
        <div class="invite-choice"><div class="field"><label for="invite-days">${gettext("Valid for")}</label><select id="invite-days" @change=${(/** @type {Event} */ e) => { days = Number(/** @type {HTMLSelectElement} */ (e.target).value); }}>${options(DAYS, days, dayWord)}</select></div>
          <div class="field"><label for="invite-uses">${gettext("For how many")}</label><select id="invite-uses" @change=${(/** @type {Event} */ e) => { uses = Number(/** @type {HTMLSelectElement} */ (e.target).value); }}>${options(USES, uses, useWord)}</select></div></div>`}
      ${links.length ? html`<h3 class="invite-caption">${gettext("Links that work now")}</h3><ul class="invites">${repeat(links, (link) => link.id, (link) => html`<li>
        ${icon("link")}<span class="person-text"><b dir="auto">${link.maker}</b><span class="muted">${linkText(link)}</span></span>
        <button class="button" type="button" @click=${() => withdraw(link)}>${gettext("Withdraw")}</button></li>`)}</ul>` : nothing}
      </div><div class="dialog-foot actions">${made ? html`<button class="button button-primary" type="button" @click=${self.close}>${gettext("Done")}</button>`
        : html`<button class="button" type="button" @click=${self.close}>${gettext("Cancel")}</button><button class="button button-primary">${gettext("Make a link")}</button>`}</div></form>`;
  }, { kind: "invite" });
}

/** @param {string} link @param {boolean} copied @param {() => void} copy */
function madeView(link, copied, copy) {
  const alone = /^(localhost|127\.|\[::1\])/.test(location.hostname);
  return html`<div class="invite-made"><img src="${new URL(link).pathname}qr.svg" width="220" height="220" alt=${gettext("QR code of the invite link")}>
    <div class="invite-row"><input type="text" readonly aria-label=${gettext("Invite link")} .value=${link} @focus=${(/** @type {FocusEvent} */ event) => /** @type {HTMLInputElement} */ (event.target).select()}>
      <button class="button button-primary invite-copy" type="button" @click=${copy}>${icon(copied ? "check" : "copy")}<span aria-live="polite">${copied ? gettext("Copied") : gettext("Copy")}</span></button></div>
    <p class="muted">${gettext("The link is shown this once.")}</p>
    ${alone ? html`<p class="error">${gettext("This address works on this computer only. Open the site at its address in the network, and make the link there.")}</p>` : nothing}</div>`;
}
