/** The tables of the conversation that is open, and a new one. Loaded when first asked for. */
import { html } from "../vendor/ui.js";
import { addStyle, avatar, byId, icon, navigate, openDialog, tellError } from "../core/dom.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { get } from "../core/net.js";
import * as store from "../core/store.js";
import { openNew } from "./options.js";
import { presetName } from "./words.js";

await addStyle(byId("app").dataset.games ?? "");

/** @typedef {{table: number, preset: string, host: number | null, phase: string, match: number, seats: (number | null)[], watchers: number}} Listed */

/** Opens the list; where there is no table, the dialog for a new one. */
export async function openTables() {
  const c = store.open.value;
  if (!c) return;
  const go = (/** @type {number} */ table) => navigate(`/c/${c.id}/table/${table}/`);
  /** @type {{tables: Listed[], names: Record<string, {name: string, avatar: string}>}} */
  const found = await get(`v1/conversations/${c.id}/tables`).catch((error) => { tellError(error); return null; });
  if (!found) return;
  const { tables, names } = found;
  const mine = tables.find(({ seats }) => seats.includes(store.state.value.me.id));
  if (mine) return go(mine.table);
  if (!tables.length) return openNew(c.id, go);
  const face = (/** @type {number | null} */ user) => (user === null ? html`<span class="avatar small seat-none" aria-hidden="true"></span>` : avatar(user, names[user]?.name ?? "", { size: "small", picture: names[user]?.avatar }));
  openDialog(gettext("Card tables"), (self) => html`<div class="dialog-body table-list">${tables.map(({ table, preset, host, phase, match, seats, watchers }) => {
    const count = seats.filter((seat) => seat !== null).length;
    const words = [presetName(preset), phase === "playing" ? interpolate(gettext("Match %(number)s is being played"), { number: figure(match) }) : gettext("Waiting for players"),
      interpolate(ngettext("%(count)s seat taken", "%(count)s seats taken", count), { count: figure(count) }), watchers ? interpolate(ngettext("%(count)s watches", "%(count)s watch", watchers), { count: figure(watchers) }) : ""];
    return html`<button class="table-item" type="button" @click=${() => { self.close(); go(table); }}><span class="person-text"><span>${interpolate(gettext("Table of %(name)s"), { name: names[host ?? 0]?.name ?? "…" })}</span><span class="muted">${words.filter(Boolean).join(" · ")}</span></span>
      <span class="table-faces" aria-hidden="true">${seats.map(face)}</span></button>`;
  })}</div><div class="dialog-foot actions"><button class="button button-primary" type="button" @click=${() => { self.close(); openNew(c.id, go); }}>${icon("plus")}${gettext("New table")}</button></div>`);
}
