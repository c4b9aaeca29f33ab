/**
 * The button that leads to the next message that calls me. Loaded with the first of them.
 * @import {Conversation, Page} from "../types.js"
 */
import { effect, html, nothing, render } from "../vendor/ui.js";
import { byId, tellError } from "../core/dom.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { get } from "../core/net.js";
import { callsMe } from "../core/rows.js";
import * as store from "../core/store.js";
import { jumpTo } from "./list.js";
import { seenSeq } from "./scroll.js";
import "./parts.js";

const PAGE = 100;
const place = document.createElement("div");
/** Where the last press led, until what is there counts as read. */
let been = 0;
let busy = false;

/** The first call after a message: among the rows that are held, else page by page from the server. @param {Conversation} c @param {number} after @returns {Promise<number | null>} */
async function nextCall(c, after) {
  const me = store.state.value.me.id;
  const held = store.timeline.value;
  const rows = held && !held.loading ? held.rows : [];
  const unbroken = rows.length > 0 && rows[0].seq <= after + 1;
  const near = unbroken ? rows.find((m) => m.seq > after && callsMe(m, me)) : undefined;
  if (near) return near.seq;
  let from = unbroken ? Math.max(after, rows[rows.length - 1].seq) : after;
  while (from < c.last_seq && store.openId.value === c.id) {
    const page = /** @type {Page} */ (await get(`conversations/${c.id}/messages`, { after: from, limit: PAGE }));
    const found = page.messages.find((m) => callsMe(m, me));
    if (found) return found.seq;
    if (!page.more_after) return null;
    from = page.messages[page.messages.length - 1].seq;
  }
  return null;
}

async function go() {
  const c = store.open.value;
  if (!c || busy) return;
  busy = true;
  try {
    const seq = await nextCall(c, Math.max(c.read_seq, been, seenSeq())) ?? await nextCall(c, c.read_seq);
    if (seq === null || store.openId.value !== c.id) return;
    been = seq;
    await jumpTo(seq);
  } catch (error) {
    tellError(error);
  } finally {
    busy = false;
  }
}

byId("jump").prepend(place);
effect(() => {
  store.openId.value;
  been = 0;
});
effect(() => {
  const count = store.open.value?.mentions ?? 0;
  const label = interpolate(ngettext("To the next of %(count)s mention", "To the next of %(count)s mentions", count), { count: figure(count) });
  render(count ? html`<button class="jump next-call" type="button" aria-label=${label} title=${gettext("To the next mention")} @click=${go}><span aria-hidden="true">@</span><span class="badge">${figure(count)}</span></button>` : nothing, place);
});
