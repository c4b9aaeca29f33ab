/**
 * All files of a conversation: pictures, sounds and films, files, links. A page of the info panel.
 * @import {Attachment, Conversation, Message, State} from "../types.js"
 */
import { effect, html, nothing, ref, repeat, signal, untracked } from "../vendor/ui.js";
import { icon } from "../core/dom.js";
import { addressOf, downloadOf, fileSize, whyRefused } from "../core/filelook.js";
import { fullTime, gettext, interpolate, listTime } from "../core/i18n.js";
import { get } from "../core/net.js";
import { nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { goTo, openLightbox } from "./lightbox.js";
import { fileIcon, fullAddress, nameView, styled } from "./media.js";

/** @typedef {"image" | "media" | "file" | "link"} Kind */
/** Something that was sent: a file, or a link with the text around it. @typedef {{seq: number, sender: number | null, sender_name?: string, sent_at: string, file?: Attachment, url?: string, text?: string}} Item */
/** @typedef {{items: Item[], more: boolean, status: "waiting" | "here" | "failed", error: string}} Found */

const PAGE = 48;
const NOTHING = /** @type {Found} */ ({ items: [], more: true, status: "waiting", error: "" });

await styled;

const kind = signal(/** @type {Kind} */ ("image"));
/** @type {import("../vendor/ui.js").Signal<Map<string, Found>>} */
const found = signal(new Map());
/** @type {Set<string>} */
const asking = new Set();
/** What has changed while it was asked for. @type {Set<string>} */
const stale = new Set();

/** @param {number} id @param {Kind} which */
const keyOf = (id, which) => `${id}.${which}`;
/** @param {string} key @param {Found} value */
const put = (key, value) => { found.value = new Map([...found.value, [key, value]]); };

/** Fetches the next page, or the first one anew. @param {number} id @param {Kind} which @param {boolean} [anew] */
async function load(id, which, anew = false) {
  const key = keyOf(id, which);
  const held = found.value.get(key) ?? NOTHING;
  if (asking.has(key) && anew) stale.add(key);
  if (asking.has(key) || (!anew && !held.more)) return;
  asking.add(key);
  try {
    const before = anew ? undefined : held.items.at(-1)?.seq;
    const page = await get(`conversations/${id}/files`, { kind: which, before, limit: PAGE });
    put(key, { items: anew ? page.items : [...held.items, ...page.items], more: page.more, status: "here", error: "" });
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    put(key, { ...held, status: "failed", error: error.code === "offline" ? gettext("No connection. Please try again in a moment.") : error.message });
  }
  asking.delete(key);
  if (stale.delete(key)) load(id, which, true);
}

/** What has come or gone since. @param {Message} message */
function refresh(message) {
  for (const which of /** @type {Kind[]} */ (["image", "media", "file", "link"])) {
    const touched = message.recalled_at || (which === "link" ? message.body.includes("://") : message.files);
    const key = keyOf(message.conversation, which);
    if (!touched || !found.value.has(key)) continue;
    if (message.conversation === store.openId.value && which === kind.value) load(message.conversation, which, true);
    else found.value = new Map([...found.value].filter(([other]) => other !== key));
  }
}
effect(() => {
  const message = store.arrived.value;
  if (message) untracked(() => refresh(message));
});

const KINDS = () => /** @type {[Kind, string, string, string][]} */ ([
  ["image", gettext("Pictures"), "images", gettext("No pictures yet")], ["media", gettext("Media"), "music", gettext("Nothing to hear or watch yet")],
  ["file", gettext("Files"), "file", gettext("No files yet")], ["link", gettext("Links"), "link", gettext("No links yet")],
]);

/** @param {KeyboardEvent} event */
function onTabKey(event) {
  const tabs = /** @type {HTMLElement[]} */ ([.../** @type {HTMLElement} */ (event.currentTarget).children]);
  const at = tabs.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  const next = tabs[(to + tabs.length) % tabs.length];
  next.click();
  next.focus();
}

/** Asks for more when the end of what is there comes near. @param {Conversation} c @param {Kind} which */
const sentinel = (c, which) => ref((place) => {
  if (!place) return;
  new IntersectionObserver(([entry], observer) => {
    if (!place.isConnected) observer.disconnect();
    else if (entry.isIntersecting) load(c.id, which);
  }, { rootMargin: "300px" }).observe(place);
});

/** @param {Item} item @param {Conversation} c @param {Item[]} all */
function pictureView(item, c, all) {
  const file = /** @type {Attachment} */ (item.file);
  const source = file.status === "processing" ? fullAddress(file) : addressOf(file, file.animated ? "still" : file.preview ? "preview" : undefined);
  const name = nameOf(item.sender, store.state.value.people, item.sender_name);
  const open = (/** @type {Event} */ event) => openLightbox({ conversation: c.id, sender_name: "", body: "", ...item }, file, /** @type {HTMLElement} */ (event.currentTarget),
    all.toReversed().map((one) => ({ body: "", ...one, file: /** @type {Attachment} */ (one.file) })));
  return html`<li><button class="shared-picture" type="button" aria-label="${interpolate(gettext("Picture %(name)s"), { name: file.name })}, ${name}, ${listTime(item.sent_at)}" @click=${open}>
    <svg class="shade" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true"><rect width="1" height="1" fill=${file.color || nothing}></rect></svg>${
    source ? html`<img src=${source} alt="" loading="lazy" decoding="async" draggable="false">` : nothing}${file.animated ? html`<span class="shared-sign">GIF</span>` : nothing}</button></li>`;
}

/** @param {Item} item @param {State} state */
const factsOf = (item, state) => [item.file?.status === "processing" ? gettext("Being prepared…") : item.file?.status === "refused" ? whyRefused(item.file) : "", item.file?.size ? fileSize(item.file.size) : "", item.sender === state.me.id ? gettext("You") : nameOf(item.sender, state.people, item.sender_name), listTime(item.sent_at)].filter(Boolean).join(" · ");

/** @param {Item} item @param {Conversation} c @param {unknown} main @param {unknown} [more] */
const lineView = (item, c, main, more = nothing) => html`<li class="shared-line"><span class="shared-row">${main}<button class="icon-button" type="button" aria-label=${gettext("Go to the message")} title=${gettext("Go to the message")}
  @click=${() => goTo(c.id, item.seq)}>${icon("message-circle")}</button></span>${more}</li>`;

/** @param {Item} item @param {Conversation} c @param {State} state */
function fileLine(item, c, state) {
  const file = /** @type {Attachment} */ (item.file);
  const held = file.status === "refused" || (file.status === "processing" && item.sender !== state.me.id);
  const facts = html`<span class="file-facts" title=${fullTime(item.sent_at)}>${factsOf(item, state)}</span>`;
  const playing = held ? nothing : file.kind === "audio" ? html`<span class="shared-sound"><sound-player .file=${file}></sound-player></span>`
    : file.kind === "video" ? html`<video class="shared-video" controls preload="none" playsinline src=${addressOf(file)} aria-label=${file.name}></video>` : nothing;
  const shown = html`${fileIcon(file)}<span class="file-text">${file.peaks ? html`<span class="file-name">${gettext("Voice message")}</span>` : nameView(file.name)}${facts}</span>`;
  return lineView(item, c, held ? html`<span class="file-card">${shown}</span>` : html`<a class="file-card" href=${downloadOf(file)} download=${file.name} aria-label="${interpolate(gettext("Download %(name)s"), { name: file.name })}, ${factsOf(item, state)}">${shown}</a>`, playing);
}

/** @param {Item} item @param {Conversation} c @param {State} state */
function linkLine(item, c, state) {
  const url = item.url ?? "";
  if (!/^https?:\/\//i.test(url)) return nothing;
  const shown = url.replace(/^https?:\/\/(www\.)?/i, "").replace(/\/$/, "");
  return lineView(item, c, html`<a class="file-card" href=${url} target="_blank" rel="noopener noreferrer" title=${url}><span class="file-icon link" aria-hidden="true">${icon("globe")}</span>
    <span class="file-text"><bdi class="shared-url">${shown}</bdi><span class="file-facts">${factsOf(item, state)}</span></span></a>`);
}

/** The page. @param {Conversation} c @param {State} state */
export function filesView(c, state) {
  const which = kind.value;
  const key = keyOf(c.id, which);
  const { items, more, status, error } = found.value.get(key) ?? NOTHING;
  if (!found.value.has(key)) queueMicrotask(() => load(c.id, which, true));
  const tabs = KINDS();
  const [, , emptyIcon, emptyText] = /** @type {[Kind, string, string, string]} */ (tabs.find(([name]) => name === which));
  const again = () => {
    put(key, { items, more, status: "here", error: "" });
    load(c.id, which, !items.length);
  };
  return html`<div class="shared"><div class="segments" role="tablist" aria-label=${gettext("Shared files")} @keydown=${onTabKey}>${tabs.map(([name, label]) =>
      html`<button type="button" role="tab" id="shared-${name}" aria-selected=${name === which} aria-controls="shared-list" tabindex=${name === which ? 0 : -1} @click=${() => { kind.value = name; }}>${label}</button>`)}</div>
    <div id="shared-list" role="tabpanel" aria-labelledby="shared-${which}" aria-busy=${status === "waiting"} tabindex=${items.length ? nothing : 0}>${
      items.length ? html`<ul class=${which === "image" ? "shared-grid" : "shared-lines"}>${repeat(items, (item, at) => `${which}.${item.seq}.${item.file?.token ?? at}`, (item) =>
        (which === "image" ? pictureView(item, c, items) : which === "link" ? linkLine(item, c, state) : fileLine(item, c, state)))}</ul>` : nothing}${
      status === "failed" ? html`<div class="notice" role="alert"><span class="notice-icon">${icon("circle-alert")}</span><p>${error}</p><button class="button" type="button" @click=${again}>${gettext("Try again")}</button></div>`
        : status === "waiting" ? html`<div class="shared-skeleton ${which === "image" ? "grid" : ""}" aria-hidden="true"><i></i><i></i><i></i><i></i><i></i><i></i></div>`
        : more ? html`<div class="more" ${sentinel(c, which)}>${icon("loader-circle")}</div>`
        : items.length ? nothing : html`<div class="notice"><span class="notice-icon">${icon(emptyIcon)}</span><p>${emptyText}</p></div>`}</div></div>`;
}
