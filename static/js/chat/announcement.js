/** What the site says to everybody, as soon as it says something else. Loaded once all else is there. */
import { effect, html, render } from "../vendor/ui.js";
import { addStyle, announce, byId, icon } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import * as store from "../core/store.js";
import "../pages/announcement.js";

const ADDRESS = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)])/;
/** @type {Promise<void> | undefined} */
let styled = document.getElementById("announcement") ? Promise.resolve() : undefined; // it came with the page

let last = document.getElementById("announcement")?.dataset.key ?? "";

/** @param {string} key was it put away here? */
const putAway = (key) => document.cookie.split("; ").includes(`announcement=${key}`);

/** @param {string} key @param {string} text */
async function show(key, text) {
  await (styled ??= addStyle(byId("app").dataset.announcement ?? ""));
  if (key !== last) return; // the site has said something else, or nothing more
  const place = document.createElement("aside");
  place.className = "announcement";
  place.id = "announcement";
  place.dataset.key = key;
  place.setAttribute("aria-label", gettext("Announcement"));
  render(html`${icon("megaphone")}<p dir="auto">${text.split(ADDRESS).map((part, index) => (index % 2 ? html`<a href=${part} target="_blank" rel="nofollow noopener">${part}</a>` : part))}</p>
    <button class="announcement-close" type="button" data-put-away aria-label=${gettext("Dismiss")} title=${gettext("Dismiss")}>${icon("x")}</button>`, place);
  byId("app").before(place);
  announce(text, () => text);
}

effect(() => {
  const { me, site: { announcement } } = store.state.value;
  const key = announcement ? `${me.id}-${announcement.key}` : "";
  if (key === last) return;
  last = key;
  document.getElementById("announcement")?.remove();
  if (announcement && !putAway(key)) show(key, announcement.text);
});
