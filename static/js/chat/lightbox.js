/**
 * The viewer of pictures: all those of a conversation, one at a time, on the whole window.
 * @import {Attachment, Message} from "../types.js"
 */
import { effect, html, nothing, render, untracked } from "../vendor/ui.js";
import { avatar, icon, isComposing, navigate } from "../core/dom.js";
import { downloadOf, fileSize } from "../core/filelook.js";
import { clock, dayName, figure, fullTime, gettext, interpolate } from "../core/i18n.js";
import { get } from "../core/net.js";
import { isPicture, nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { jumpTo } from "./list.js";
import { fullAddress, rowAddress } from "./media.js";
import { zoomable } from "./zoom.js";

const PAGE = 40;
const NEAR = 2;

/** A picture and the message that it came with. @typedef {{seq: number, sender: number | null, sender_name?: string, sent_at: string, body: string, file: Attachment}} Item */

/** Shows a message, also where a panel covers the messages. @param {number} conversation @param {number} seq */
export function goTo(conversation, seq) {
  const path = `/c/${conversation}/${seq}/`;
  if (location.pathname === path) jumpTo(seq);
  else navigate(path);
}

/** @param {Attachment} file */
const isImage = (file) => file.kind === "image" && isPicture(file) && fullAddress(file) !== "";

/** Their pictures. @param {Message[]} messages @returns {Item[]} */
const itemsOf = (messages) => messages.filter((m) => !m.recalled_at).flatMap((m) => (m.files ?? []).filter(isImage).map((file) => (
  { seq: m.seq, sender: m.sender, sender_name: m.sender_name, sent_at: m.sent_at, body: m.body, file })));

/** Opens the viewer. @param {Pick<Message, "conversation" | "seq" | "sender" | "sender_name" | "sent_at" | "body">} message @param {Attachment} file @param {HTMLElement | null} [opener] gets the focus back @param {Item[]} [known] pictures around it */
export function openLightbox(message, file, opener = null, known = itemsOf(store.timeline.value?.rows ?? [])) {
  const { conversation } = message;
  /** @type {Item[]} */
  let items = known;
  let at = items.findIndex((item) => item.file.token === file.token && item.seq === message.seq);
  if (at < 0) {
    items = [{ seq: message.seq, sender: message.sender, sender_name: message.sender_name, sent_at: message.sent_at, body: message.body, file }];
    at = 0;
  }
  let more = true;
  let loading = false;
  /** What changed before the first picture while those before it were on their way. @type {Message[]} */
  const late = [];
  let scale = 1;

  const dialog = document.createElement("dialog");
  dialog.className = "lightbox";
  dialog.setAttribute("aria-label", gettext("Picture viewer"));
  const image = document.createElement("img");
  image.draggable = false;
  image.decoding = "async";
  const stage = document.createElement("div");
  stage.className = "lightbox-stage";
  stage.append(image);

  const now = () => items[at];
  const has = (/** @type {number} */ way) => items[at + way] !== undefined;

  const fit = () => {
    const { width, height } = now().file;
    if (!width || !height) return image.removeAttribute("style");
    const part = Math.min(1, stage.clientWidth / width, stage.clientHeight / height);
    Object.assign(image.style, { width: `${width * part}px`, height: `${height * part}px` });
  };

  /** The full picture takes the place of the small one when it has come. */
  const load = () => {
    const { file: shown } = now();
    const full = fullAddress(shown);
    image.alt = interpolate(gettext("Picture %(name)s"), { name: shown.name });
    image.src = rowAddress(shown) || full;
    stage.classList.add("loading");
    const big = new Image();
    big.src = full;
    big.onload = big.onerror = () => {
      if (now().file !== shown) return;
      stage.classList.remove("loading");
      if (big.naturalWidth) image.src = full;
    };
    for (const near of [items[at + 1], items[at - 1]]) if (near && !near.file.animated) new Image().src = fullAddress(near.file);
  };

  const show = () => {
    zoom.reset();
    fit();
    load();
    draw();
    if (at < NEAR) older();
  };

  /** Fetches what lies before. */
  async function older() {
    if (loading || !more) return;
    loading = true;
    try {
      const page = await get(`conversations/${conversation}/files`, { kind: "image", before: items[0].seq, limit: PAGE });
      const known = new Set(items.map((item) => `${item.seq}.${item.file.token}`));
      const found = page.items.filter((/** @type {Item} */ item) => isImage(item.file) && !known.has(`${item.seq}.${item.file.token}`)).map((/** @type {Item} */ item) => ({ ...item, body: item.body ?? "" }));
      found.reverse(); // the newest came first, also of one message
      items = [...found, ...items];
      at += found.length;
      more = page.more;
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error)) throw error;
      more = false; // those at hand can still be seen
    }
    loading = false;
    late.splice(0).forEach(follow);
    if (dialog.open) draw();
  }

  const step = (/** @type {1 | -1} */ way) => {
    if (!has(way)) return;
    at += way;
    show();
  };
  const close = () => dialog.close();
  const zoom = zoomable(stage, image, {
    onStep: step,
    onLeave: close,
    onScale: (value) => {
      if (value === scale) return;
      scale = value;
      dialog.classList.toggle("zoomed", scale > 1);
    },
  });

  const draw = () => {
    const item = now();
    const { people, me } = store.state.value;
    const name = nameOf(item.sender, people, item.sender_name);
    const who = item.sender === me.id ? gettext("You") : name;
    const when = `${dayName(item.sent_at)} ${clock(item.sent_at)}`;
    const side = (/** @type {1 | -1} */ way, /** @type {string} */ label) => html`<button class="lightbox-step ${way < 0 ? "before" : "after"}" type="button" aria-label=${label} title=${label} ?hidden=${!has(way)} @click=${() => step(way)}>${icon(way < 0 ? "chevron-left" : "chevron-right")}</button>`;
    render(html`<header class="lightbox-head">${avatar(item.sender ?? 0, name, { size: "small", picture: people.get(item.sender ?? 0)?.avatar })}
        <p class="lightbox-who" aria-live="polite"><b dir="auto">${who}</b><span title=${fullTime(item.sent_at)}>${items.length > 1 ? `${interpolate(gettext("%(at)s of %(count)s"), { at: figure(at + 1), count: `${figure(items.length)}${more ? "+" : ""}` })} · ` : ""}${when}</span></p>
        <button class="icon-button zoom-out-in" type="button" aria-label=${gettext("Zoom")} title="${gettext("Zoom")} (+ −)" @click=${() => zoom.zoom(zoom.isZoomed() ? 0.01 : 2.5)}>${icon("zoom-in")}</button>
        <a class="icon-button" href=${downloadOf(item.file)} download=${item.file.name} aria-label=${gettext("Download")} title="${gettext("Download")} (${fileSize(item.file.size)})">${icon("download")}</a>
        <button class="icon-button" type="button" aria-label=${gettext("Go to the message")} title=${gettext("Go to the message")} @click=${() => { close(); goTo(conversation, item.seq); }}>${icon("message-circle")}</button>
        <button class="icon-button" type="button" autofocus aria-label=${gettext("Close")} title="${gettext("Close")} (Esc)" @click=${close}>${icon("x")}</button></header>
      <div class="lightbox-main">${stage}${side(-1, gettext("Earlier picture"))}${side(1, gettext("Later picture"))}</div>
      ${item.body ? html`<p class="lightbox-caption" dir="auto">${item.body}</p>` : nothing}`, dialog);
  };

  dialog.addEventListener("keydown", (event) => {
    if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { ArrowLeft: () => step(-1), ArrowRight: () => step(1), "+": () => zoom.zoom(1.5), "=": () => zoom.zoom(1.5), "-": () => zoom.zoom(1 / 1.5), 0: () => zoom.reset() }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  const sizes = new ResizeObserver(() => { if (dialog.open) fit(); });
  /** What came meanwhile is there too; what was recalled is gone. @param {Message} message */
  const follow = (message) => {
    const here = now();
    const others = items.filter((item) => item.seq !== message.seq);
    const pictures = message.recalled_at ? [] : itemsOf([message]);
    const before = message.seq < items[0].seq;
    if (before && loading) late.push(message);
    if ((before && more) || (!pictures.length && others.length === items.length)) return;
    items = [...others, ...pictures].sort((a, b) => a.seq - b.seq);
    if (!items.length) return close();
    const same = items.findIndex((item) => item.seq === here.seq && item.file.token === here.file.token);
    at = same < 0 ? Math.min(at, items.length - 1) : same;
    if (same < 0) show();
    else draw();
  };
  let latest = store.arrived.value;
  const stop = effect(() => {
    const message = store.arrived.value;
    if (message && message !== latest && message.conversation === conversation) untracked(() => follow(message));
    latest = message;
  });
  dialog.addEventListener("close", () => {
    sizes.disconnect();
    stop();
    dialog.remove();
    opener?.focus({ preventScroll: true });
  });
  document.body.append(dialog);
  draw();
  dialog.showModal();
  sizes.observe(stage);
  show();
}
