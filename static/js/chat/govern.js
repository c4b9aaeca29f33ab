/**
 * Everything that may be decided about a group, on one page of its panel: only what the reader may do is there. Loaded when first opened.
 * @import {Conversation, State} from "../types.js"
 */
import { effect, html, keyed, live, nothing, repeat, signal } from "../vendor/ui.js";
import { icon, isComposing, lazy } from "../core/dom.js";
import { figure, gettext, span } from "../core/i18n.js";
import * as store from "../core/store.js";
import { pictureView } from "./grouppicture.js";
import { requestView } from "./joining.js";
import { membersView, rename } from "./members.js";
import { sentView } from "./sent.js";
import "./groupstyle.js";

const NAME_MAX = 64;
const NOTICE_MAX = 2000;
const PACES = [0, 5, 10, 30, 60, 300, 900, 3600, 21_600];
const SETTLE_MS = 400;

/** What is being written and not saved. @type {import("../vendor/ui.js").Signal<Record<string, string>>} */
const drafts = signal({});
/** What was chosen and is on its way. @type {import("../vendor/ui.js").Signal<Record<string, unknown>>} */
const chosen = signal({});
/** Why the server refused, by what it was about. @type {import("../vendor/ui.js").Signal<Record<string, string>>} */
const wrong = signal({});

/** @template T @param {import("../vendor/ui.js").Signal<Record<string, T>>} map @param {string} key @param {T} [value] */
function put(map, key, value) {
  const { [key]: _, ...rest } = map.value;
  map.value = /** @type {Record<string, T>} */ (value === undefined ? rest : { ...rest, [key]: value });
}

/** Is there anything that I may decide here? @param {Conversation | null} c */
export const mayGovern = (c) => !!c && c.kind !== "direct" && c.role !== "member";

/** @param {any} error */
function refusal(error) {
  if (!("code" in error)) throw error;
  return error.code === "offline" ? gettext("No connection. Please try again in a moment.") : error.message || error.code;
}

/** A new value of a setting; it is shown at once. @param {Conversation} c @param {string} key @param {unknown} value */
async function choose(c, key, value) {
  put(wrong, key);
  put(chosen, key, value);
  try {
    await store.socket.request("group.settings", { conversation: c.id, [key]: value });
    setTimeout(() => put(chosen, key), SETTLE_MS); // by then its event has come
  } catch (error) {
    put(chosen, key);
    put(wrong, key, refusal(error));
  }
}

/** @param {string} key */
const errorView = (key) => html`<p class="error govern-error" id="wrong-${key}" role="alert">${wrong.value[key] ?? ""}</p>`;

/** A text with its own button to save. @param {Conversation} c @param {{key: "name" | "notice", label: string, max: number, rows: number, save: (text: string) => Promise<string>}} field */
function textView(c, { key, label, max, rows, save }) {
  const text = drafts.value[key] ?? c[key];
  const dirty = key in drafts.value && text !== c[key];
  const stop = () => { put(drafts, key); put(wrong, key); };
  const onInput = (/** @type {Event} */ event) => put(drafts, key, /** @type {HTMLInputElement} */ (event.target).value);
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const written = drafts.value[key];
    const problem = await save(text.trim());
    if (store.openId.value !== c.id) return;
    put(wrong, key, problem || undefined);
    if (!problem) setTimeout(() => { if (store.openId.value === c.id && drafts.value[key] === written) stop(); }, SETTLE_MS);
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && isComposing(event)) event.preventDefault();
    if (event.key !== "Escape" || isComposing(event) || !dirty) return;
    event.preventDefault();
    stop();
  };
  const invalid = wrong.value[key] ? "true" : nothing;
  const id = `govern-${key}`;
  return html`<form class="govern-text" novalidate @submit=${submit} @keydown=${onKey}><label for=${id}>${label}</label>
    ${rows > 1 ? html`<textarea id=${id} rows=${rows} maxlength=${max} dir="auto" aria-invalid=${invalid} aria-describedby="wrong-${key}" .value=${live(text)} @input=${onInput}></textarea>`
    : html`<input id=${id} maxlength=${max} autocomplete="off" dir="auto" aria-invalid=${invalid} aria-describedby="wrong-${key}" .value=${live(text)} @input=${onInput}>`}
    ${errorView(key)}
    ${dirty ? html`<div class="actions"><span class="counter-line muted">${figure([...text].length)}/${figure(max)}</span>
      <button class="button small" type="button" @click=${stop}>${gettext("Cancel")}</button><button class="button small button-primary">${gettext("Save")}</button></div>` : nothing}</form>`;
}

/** @param {Conversation} c @param {string} notice */
const saveNotice = (c, notice) => store.socket.request("group.notice", { conversation: c.id, notice }).then(() => "", refusal);

/** One of several. @param {Conversation} c @param {"join_policy" | "posting"} key @param {string} legend @param {[string, string, string][]} options value, word, what it means */
function choiceView(c, key, legend, options) {
  const now = chosen.value[key] ?? c[key];
  return html`<fieldset class="govern-choice" aria-describedby="wrong-${key}"><legend>${legend}</legend>${options.map(([value, word, meaning]) =>
    html`<label class="choice"><input type="radio" name=${key} value=${value} .checked=${live(now === value)} @change=${() => choose(c, key, value)}><span class="person-text"><span>${word}</span>${
      meaning ? html`<span class="muted">${meaning}</span>` : nothing}</span></label>`)}</fieldset>${errorView(key)}`;
}

/** On or off. @param {Conversation} c @param {"discoverable" | "members_invite" | "tables"} key @param {string} word @param {string} meaning */
function switchView(c, key, word, meaning) {
  const on = Boolean(chosen.value[key] ?? c[key]);
  return html`<label class="choice"><span class="person-text"><span>${word}</span><span class="muted">${meaning}</span></span>
    <input class="switch" type="checkbox" role="switch" aria-describedby="wrong-${key}" .checked=${live(on)} @change=${() => choose(c, key, !on)}></label>${errorView(key)}`;
}

/** @param {Conversation} c */
function writingCard(c) {
  const pace = Number(chosen.value.slow_mode ?? c.slow_mode);
  const paces = PACES.includes(pace) ? PACES : [...PACES, pace].sort((a, b) => a - b);
  return html`<section class="info-card"><h3>${gettext("Writing messages")}</h3>
    ${choiceView(c, "posting", gettext("Who may write"), c.kind === "everyone" ? [["all", gettext("Everybody"), ""], ["managers", gettext("Only administrators"), ""]]
      : [["all", gettext("All members"), ""], ["managers", gettext("Only managers"), gettext("Everybody is muted except the owner and the managers")]])}
    ${c.kind === "everyone" ? nothing : html`<div class="govern-row"><label for="govern-pace">${gettext("Slow mode")}<span class="muted">${gettext("How often a member may write")}</span></label>
      <select id="govern-pace" aria-describedby="wrong-slow_mode" @change=${(/** @type {Event} */ event) => choose(c, "slow_mode", Number(/** @type {HTMLSelectElement} */ (event.target).value))}>${
        paces.map((seconds) => html`<option value=${seconds} .selected=${live(seconds === pace)}>${seconds ? span(seconds) : gettext("Off")}</option>`)}</select></div>${errorView("slow_mode")}`}
  </section>`;
}

/** @param {Conversation} c */
const joiningCard = (c) => html`<section class="info-card"><h3>${gettext("Joining")}</h3>
  ${choiceView(c, "join_policy", gettext("Who may join"), [["open", gettext("Anyone"), gettext("Whoever finds the group joins at once")],
    ["request", gettext("On request"), gettext("The owner or a manager lets people in")], ["invitation", gettext("By invitation"), gettext("Only who is invited or has a link")]])}
  ${switchView(c, "discoverable", gettext("Can be found"), gettext("Shown to everybody in “Find groups”"))}
  ${switchView(c, "members_invite", gettext("Members may invite"), gettext("Otherwise only the owner and the managers"))}</section>`;

/** @param {Conversation} c @param {State} state */
function requestsCard(c, state) {
  const requests = state.joining.requests.filter((request) => request.conversation === c.id);
  return requests.length ? html`<section class="info-card"><h3>${gettext("They want to join")} <span class="muted">${figure(requests.length)}</span></h3>
    <ul class="waits-list">${repeat(requests, (request) => request.id, (request) => requestView(request, state))}</ul></section>` : nothing;
}

/** @param {Conversation} c */
function endCard(c) {
  const end = (/** @type {(module: typeof import("./leaving.js")) => unknown} */ act) => lazy(import("./leaving.js")).then((module) => module && act(module));
  return html`<section class="info-card"><button class="menu-item danger" type="button" @click=${() => end(({ leave }) => leave(c))}>${icon("log-out")}${gettext("Leave the group")}</button>
    ${c.role === "master" ? html`<button class="menu-item danger" type="button" @click=${() => end(({ openDissolve }) => openDissolve(c))}>${icon("trash-2")}${gettext("Dissolve the group")}</button>` : nothing}</section>`;
}

/** The page. @param {Conversation} c @param {State} state */
export function governView(c, state) {
  const group = c.kind === "group";
  return keyed(c.id, html`<div class="govern">
    ${requestsCard(c, state)}
    <section class="info-card">${group ? pictureView(c, state) : nothing}${group ? textView(c, { key: "name", label: gettext("Name of the group"), max: NAME_MAX, rows: 1, save: (text) => rename(c, text) }) : nothing}
      ${textView(c, { key: "notice", label: group ? gettext("Group notice") : gettext("Notice"), max: NOTICE_MAX, rows: 4, save: (text) => saveNotice(c, text) })}</section>
    ${group && c.role === "master" ? joiningCard(c) : nothing}
    ${c.role === "master" || !group ? writingCard(c) : nothing}
    ${group && state.site.tables ? html`<section class="info-card"><h3>${gettext("Games")}</h3>${switchView(c, "tables", gettext("Card tables"), gettext("Members may open tables for Tiến Lên"))}</section>` : nothing}
    ${group ? html`${sentView(state)}${endCard(c)}` : nothing}
    ${membersView(c)}</div>`);
}

// What is written for one group is not for the next.
let shown = store.openId.value;
effect(() => {
  if (store.openId.value === shown) return;
  shown = store.openId.value;
  drafts.value = chosen.value = wrong.value = {};
});
