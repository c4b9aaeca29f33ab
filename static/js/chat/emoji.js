/**
 * Choosing an emoji: beside what opened it on a computer, at the bottom of the screen on a phone.
 * @import {Emoji} from "./emojidata.js"
 */
import { html, render } from "../vendor/ui.js";
import { byId, icon, isComposing, toast } from "../core/dom.js";
import { gettext, interpolate, ngettext } from "../core/i18n.js";
import { bare, findEmoji, inTone, loadEmoji, recent, setTone, tone, used } from "./emojidata.js";

const FOUND_MAX = 180;
const TITLE = 28;
const narrow = matchMedia("(width < 43.75rem)");
const coarse = matchMedia("(pointer: coarse)");

/** @typedef {{anchor: HTMLElement, onPick: (emoji: string) => void, keep: boolean, focus: HTMLElement}} Use */

/** @type {HTMLElement} */
let picker;
/** @type {HTMLElement} */
let grid;
/** @type {HTMLInputElement} */
let field;
/** @type {Emoji[]} */
let all = [];
/** @type {HTMLElement[]} */
let sections = [];
/** @type {Use | null} */
let use = null;
let columns = 9;
/** @type {Promise<unknown> | null} */
let styles = null;
/** What was pressed last, if that press is to close the picker it had opened. @type {HTMLElement | null} */
let pressed = null;

const tabs = () => /** @type {const} */ ([
  ["history", gettext("Used last")], ["smile", gettext("Smileys and feelings")], ["user", gettext("People and gestures")], ["dog", gettext("Animals and nature")],
  ["utensils", gettext("Food and drink")], ["plane", gettext("Travel and places")], ["trophy", gettext("Activities")], ["lightbulb", gettext("Objects")],
  ["hash", gettext("Symbols")], ["flag", gettext("Flags")],
]);
const toneNames = () => [gettext("Without skin tone"), gettext("Light skin"), gettext("Medium-light skin"), gettext("Medium skin"), gettext("Medium-dark skin"), gettext("Dark skin")];

/**
 * Opens the picker; a second press on the same anchor closes it. A click with `keep` (or Shift) leaves it open for more.
 * @param {HTMLElement} anchor @param {(emoji: string) => void} onPick @param {{keep?: boolean, focus?: HTMLElement}} [options] `focus` gets the focus afterwards
 */
export async function openEmoji(anchor, onPick, { keep = false, focus = anchor } = {}) {
  const closes = pressed === anchor;
  pressed = null;
  if (closes) return;
  try {
    await (styles ??= loadStyles());
  } catch {
    styles = null;
    return toast(gettext("No connection. Please try again in a moment."), "error");
  }
  if (!picker) build();
  if (picker.matches(":popover-open")) picker.hidePopover();
  use = { anchor, onPick, keep, focus };
  if (coarse.matches) /** @type {HTMLElement | null} */ (document.activeElement)?.blur(); // the keyboard makes room
  (anchor.closest("dialog") ?? document.body).append(picker);
  picker.classList.toggle("docked", keep);
  field.value = "";
  picker.showPopover();
  place();
  if (!coarse.matches) field.focus({ preventScroll: true });
  try {
    const found = await loadEmoji();
    const fits = coarse.matches ? Math.max(6, Math.floor((picker.clientWidth - 16) / 44)) : 9;
    if (found !== all || fits !== columns || !sections.length) fill(found, fits);
    showAll();
  } catch (error) {
    render(html`<div class="notice"><p>${gettext("No connection. Please try again in a moment.")}</p>
      <button class="button" type="button" @click=${() => openEmoji(anchor, onPick, { keep, focus })}>${gettext("Try again")}</button></div>`, message());
    if (!(error instanceof Error)) throw error;
  }
}

/** The picker's own style sheet, which nobody else needs. */
function loadStyles() {
  loadEmoji().catch(() => {}); // asked for again, and told of, when the picker is there
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = byId("composer-emoji").dataset.styles ?? "";
  document.head.append(link);
  return new Promise((resolve, reject) => { link.onload = resolve; link.onerror = reject; });
}

/** An empty place in the grid for a notice. */
function message() {
  const place = document.createElement("div");
  grid.replaceChildren(place);
  return place;
}

function build() {
  picker = document.createElement("div");
  picker.className = "emoji-picker";
  picker.popover = "auto";
  picker.setAttribute("role", "dialog");
  picker.setAttribute("aria-label", gettext("Emoji"));
  picker.tabIndex = -1;
  render(html`
    <div class="emoji-tabs" role="group" aria-label=${gettext("Groups of emoji")}>${tabs().map(([name, label], at) => html`<button type="button" data-group=${at}
      aria-label=${label} title=${label} @click=${() => goTo(at)}>${icon(name)}</button>`)}</div>
    <div class="emoji-search"><div class="search">${icon("search")}<input type="search" autocomplete="off" enterkeyhint="search" placeholder=${gettext("Search emoji")} aria-label=${gettext("Search emoji")}></div>
      <button class="emoji-tone" type="button" aria-label=${gettext("Skin tone")} title=${gettext("Skin tone")} @click=${() => picker.classList.toggle("tones")}>${inTone("✋", tone())}</button></div>
    <div class="emoji-grid" role="grid" tabindex="-1" aria-label=${gettext("Emoji")}><div class="more">${icon("loader-circle")}</div></div>
    <div class="emoji-foot"><span class="emoji-name" aria-hidden="true"></span><span class="visually-hidden" role="status"></span>
      <div class="emoji-tones" role="group" aria-label=${gettext("Skin tone")}>${toneNames().map((label, at) => html`<button type="button" data-tone=${at}
        aria-label=${label} title=${label} aria-pressed=${String(tone() === at)} @click=${() => chooseTone(at)}>${inTone("✋", at)}</button>`)}</div></div>`, picker);
  grid = /** @type {HTMLElement} */ (picker.querySelector(".emoji-grid"));
  field = /** @type {HTMLInputElement} */ (picker.querySelector("input"));
  grid.replaceChildren(...grid.children); // without the marks of the template: the grid is filled by hand
  field.addEventListener("input", search);
  picker.addEventListener("keydown", onKey);
  grid.addEventListener("click", (event) => {
    const cell = cellOf(event.target);
    if (cell) pick(cell, /** @type {Use} */ (use).keep || event.shiftKey);
  });
  const tell = (/** @type {Event} */ event) => { nameLine().textContent = cellOf(event.target)?.ariaLabel ?? ""; };
  grid.addEventListener("pointerover", tell);
  grid.addEventListener("focusin", tell);
  grid.addEventListener("scroll", markTab, { passive: true });
  picker.addEventListener("beforetoggle", (event) => {
    const opens = /** @type {ToggleEvent} */ (event).newState === "open";
    use?.anchor.setAttribute("aria-expanded", String(opens));
    document.body.classList.toggle("docked", opens && !!use?.keep);
  });
  // A press on the anchor closes the picker, being outside of it, before the click asks for it again.
  addEventListener("pointerdown", (event) => {
    pressed = picker.matches(":popover-open") && use?.anchor.contains(/** @type {Node} */ (event.target)) ? use.anchor : null;
  }, { capture: true });
  addEventListener("resize", () => { if (picker.matches(":popover-open")) place(); });
}

const nameLine = () => /** @type {HTMLElement} */ (picker.querySelector(".emoji-name"));
/** @param {EventTarget | null} target @returns {HTMLElement | null} */
const cellOf = (target) => /** @type {HTMLElement} */ (target).closest(".emoji");

/** Beside the anchor, inside the window; on phones the style sheet says where. */
function place() {
  if (narrow.matches || !use) {
    picker.style.left = picker.style.top = "";
    return;
  }
  const box = use.anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = picker;
  const above = box.top - height - 8;
  const top = above >= 8 ? above : Math.min(box.bottom + 8, innerHeight - height - 8);
  picker.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
  picker.style.top = `${Math.max(8, top)}px`;
}

/** @param {Emoji} e */
function cell(e) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "emoji";
  button.tabIndex = -1;
  button.setAttribute("role", "gridcell");
  button.ariaLabel = e.name;
  button.textContent = e.toned ? inTone(e.char, tone()) : e.char;
  if (e.toned) button.dataset.char = e.char;
  return button;
}

/** A titled group of rows. Its height is known, so that it is laid out only when it comes near. @param {string} title @param {Emoji[]} emoji */
function section(title, emoji) {
  const box = document.createElement("div");
  box.className = "emoji-group";
  box.setAttribute("role", "rowgroup");
  box.ariaLabel = title;
  const heading = document.createElement("div");
  heading.className = "emoji-title";
  heading.ariaHidden = "true";
  heading.textContent = title;
  box.append(heading);
  for (let at = 0; at < emoji.length; at += columns) {
    const row = document.createElement("div");
    row.className = "emoji-row";
    row.setAttribute("role", "row");
    row.append(...emoji.slice(at, at + columns).map(cell));
    box.append(row);
  }
  box.style.setProperty("contain-intrinsic-block-size", `auto ${TITLE + Math.ceil(emoji.length / columns) * (coarse.matches ? 44 : 36)}px`);
  return box;
}

/** Makes the groups. @param {Emoji[]} found @param {number} fits emoji in a row */
function fill(found, fits) {
  all = found;
  columns = fits;
  picker.style.setProperty("--columns", String(columns));
  sections = tabs().slice(1).map(([, title], group) => section(title, all.filter((e) => e.group === group)));
}

/** Those used last, as they were used. */
function recentSection() {
  const known = new Map(all.map((e) => [bare(e.char), e]));
  const list = recent().flatMap((char) => { const e = known.get(bare(char)); return e ? [{ ...e, char, toned: false }] : []; });
  return section(tabs()[0][1], list.slice(0, Math.max(columns, list.length - (list.length % columns))));
}

function showAll() {
  if (grid.children[1] === sections[0]) grid.children[0].replaceWith(recentSection());
  else grid.replaceChildren(recentSection(), ...sections);
  grid.scrollTop = 0;
  stop(grid.querySelector(".emoji"));
  markTab();
}

/** @param {number} tab */
function goTo(tab) {
  if (field.value) {
    field.value = "";
    showAll();
  }
  const box = /** @type {HTMLElement | undefined} */ (grid.children[tab]);
  if (!box) return;
  grid.scrollTop = tab ? box.offsetTop : 0;
  stop(box.querySelector(".emoji"));
}

/** The tab of the group at the top. */
function markTab() {
  const at = field.value ? -1 : Math.max(0, /** @type {HTMLElement[]} */ ([...grid.children]).findLastIndex((box) => box.offsetTop <= grid.scrollTop + TITLE));
  for (const tab of picker.querySelectorAll("[data-group]")) {
    const current = Number(/** @type {HTMLElement} */ (tab).dataset.group) === at;
    if (current) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
}

function search() {
  if (!field.value.trim()) return showAll();
  const found = findEmoji(all, field.value);
  if (found.length) grid.replaceChildren(section(gettext("Found"), found.slice(0, FOUND_MAX)));
  else render(html`<div class="notice"><p>${gettext("Nothing found")}</p></div>`, message());
  grid.scrollTop = 0;
  stop(grid.querySelector(".emoji"));
  markTab();
  nameLine().textContent = found[0]?.name ?? "";
  /** @type {HTMLElement} */ (picker.querySelector("[role=status]")).textContent = interpolate(ngettext("%(count)s emoji found", "%(count)s emoji found", found.length), { count: found.length });
}

/** @param {number} chosen */
function chooseTone(chosen) {
  setTone(chosen);
  picker.classList.remove("tones");
  /** @type {HTMLElement} */ (picker.querySelector(".emoji-tone")).textContent = inTone("✋", chosen);
  for (const button of picker.querySelectorAll("[data-tone]")) button.setAttribute("aria-pressed", String(Number(/** @type {HTMLElement} */ (button).dataset.tone) === chosen));
  for (const box of [...sections, ...grid.children]) {
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (box.querySelectorAll("[data-char]"))) button.textContent = inTone(button.dataset.char ?? "", chosen);
  }
}

/** @param {HTMLElement} button @param {boolean} stay */
function pick(button, stay) {
  const char = button.textContent ?? "";
  const chosen = use;
  used(char);
  if (!stay) close();
  else if (!coarse.matches && chosen?.keep) chosen.focus.focus();
  chosen?.onPick(char);
}

function close() {
  picker.hidePopover();
  if (!coarse.matches) use?.focus.focus();
}

/** The one cell that Tab reaches. @param {Element | null | undefined} to */
function stop(to) {
  grid.querySelector('.emoji[tabindex="0"]')?.setAttribute("tabindex", "-1");
  to?.setAttribute("tabindex", "0");
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (isComposing(event)) return;
  const at = cellOf(event.target);
  if (event.key === "Escape") close();
  else if (event.target === field && event.key === "ArrowDown") move(grid.querySelector(".emoji"));
  else if (event.target === field && event.key === "Enter") {
    const first = /** @type {HTMLElement | null} */ (grid.querySelector(".emoji"));
    if (first && field.value.trim()) pick(first, event.shiftKey);
  } else if (at && event.key === "Enter") pick(at, event.shiftKey);
  else if (at && event.key in STEPS) {
    const rows = [...grid.querySelectorAll(".emoji-row")];
    const row = rows.indexOf(/** @type {Element} */ (at.parentElement));
    const to = STEPS[event.key](rows, row, [...rows[row].children].indexOf(at), event.ctrlKey || event.metaKey);
    if (to) move(to);
    else if (event.key === "ArrowUp") field.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

/** @param {Element[]} rows @param {number} row @param {number} column */
const at = (rows, row, column) => rows[row]?.children[Math.min(column, rows[row].children.length - 1)];
/** Where the keys lead in the grid. @type {Record<string, (rows: Element[], row: number, column: number, far: boolean) => Element | undefined>} */
const STEPS = {
  ArrowLeft: (rows, row, column) => (column ? at(rows, row, column - 1) : at(rows, row - 1, columns)),
  ArrowRight: (rows, row, column) => rows[row].children[column + 1] ?? at(rows, row + 1, 0),
  ArrowUp: (rows, row, column) => at(rows, row - 1, column),
  ArrowDown: (rows, row, column) => at(rows, row + 1, column),
  Home: (rows, row, _, far) => at(rows, far ? 0 : row, 0),
  End: (rows, row, _, far) => at(rows, far ? rows.length - 1 : row, columns),
};

/** @param {Element | null} to */
function move(to) {
  stop(to);
  /** @type {HTMLElement | null} */ (to)?.focus({ preventScroll: true });
  to?.scrollIntoView({ block: "nearest" });
}
