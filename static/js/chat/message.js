/**
 * How one row of the timeline looks.
 * @import {Attachment, Conversation, Message, Outgoing, State, Timeline} from "../types.js"
 * @import {Row} from "../core/rows.js"
 */
import { classMap, html, nothing, render, signal, unsafeHTML } from "../vendor/ui.js";
import { avatar, icon, needed } from "../core/dom.js";
import { clock, dayName, evenClock, gettext, interpolate, joinNames, span } from "../core/i18n.js";
import { gameText, inWords, isEmojiOnly, isPicture, lineCount, nameOf, roomOf, systemEvent, unmarked } from "../core/rows.js";
import * as store from "../core/store.js";

/** @typedef {{state: State, conversation: Conversation, timeline: Timeline, readSeq: number, compact: boolean}} Context */

const NOTICE_LETTERS = 140;
const FRESH_MS = 3000, opened = { id: 0, at: 0 };
/** The beginning of a notice: it stands whole under the head. @param {string} text */
const shortened = (text) => ([...text].length > NOTICE_LETTERS ? `${[...text].slice(0, NOTICE_LETTERS).join("")}…` : text);

/** What was changed about a group, in words. @param {Partial<Conversation>} changed */
function changedText({ join_policy: policy, discoverable, posting, slow_mode: pace, members_invite: inviting, tables }) {
  const policies = { open: gettext("anybody may join"), request: gettext("people ask to join"), invitation: gettext("people join by invitation") };
  return [
    policy && policies[policy],
    discoverable === undefined ? "" : discoverable ? gettext("it can be found") : gettext("it cannot be found"),
    posting && (posting === "all" ? gettext("everybody may write") : gettext("only managers may write")),
    pace === undefined ? "" : pace ? interpolate(gettext("one message each %(time)s"), { time: span(pace) }) : gettext("no slow mode"),
    inviting === undefined ? "" : inviting ? gettext("members may invite") : gettext("only managers may invite"), tables === undefined ? "" : tables ? gettext("card tables may be opened") : gettext("no card tables"),
  ].filter(Boolean).join(gettext(", "));
}

/** What happened, in words. @param {Message} message @param {State} state */
export function systemText(message, state) {
  const event = systemEvent(message);
  const me = state.me.id;
  const actor = nameOf(message.sender, state.people, message.sender_name);
  const mine = message.sender === me;
  const users = event.users ?? [];
  const self = users.length === 1 && users[0].id === message.sender;
  const names = joinNames(users.map((u) => (u.id === me ? gettext("you") : u.name)));
  const values = {
    actor, names, name: event.name ?? "", text: shortened(event.notice ?? event.text ?? ""), user: event.user?.name ?? "",
    what: changedText(event), time: event.until ? `${dayName(event.until)} ${clock(event.until)}` : "",
  };
  const say = (/** @type {string} */ own, /** @type {string} */ other) => interpolate(mine ? own : other, values);
  switch (event.code) {
    case "welcome": return gettext("Welcome! Everybody on this site reads and writes here.");
    case "created": return say(gettext("You created the group “%(name)s”"), gettext("%(actor)s created the group “%(name)s”"));
    case "joined": return self ? say(gettext("You joined"), gettext("%(actor)s joined")) : say(gettext("You added %(names)s"), gettext("%(actor)s added %(names)s"));
    case "left": return say(gettext("You left"), gettext("%(actor)s left"));
    case "removed": return say(gettext("You removed %(names)s"), gettext("%(actor)s removed %(names)s"));
    case "avatar": return event.avatar ? say(gettext("You changed the picture of the group"), gettext("%(actor)s changed the picture of the group"))
      : say(gettext("You removed the picture of the group"), gettext("%(actor)s removed the picture of the group"));
    case "renamed": return say(gettext("You renamed the group to “%(name)s”"), gettext("%(actor)s renamed the group to “%(name)s”"));
    case "notice": return event.notice ?? event.text ? say(gettext("You changed the notice: %(text)s"), gettext("%(actor)s changed the notice: %(text)s"))
      : say(gettext("You removed the notice"), gettext("%(actor)s removed the notice"));
    case "settings": return say(gettext("You changed the settings: %(what)s"), gettext("%(actor)s changed the settings: %(what)s"));
    case "muted": if (message.sender === null) return interpolate(event.user?.id === me ? gettext("A moderator muted you until %(time)s") : gettext("A moderator muted %(user)s until %(time)s"), values);
      return event.user?.id === me ? interpolate(gettext("%(actor)s muted you until %(time)s"), values)
      : say(gettext("You muted %(user)s until %(time)s"), gettext("%(actor)s muted %(user)s until %(time)s"));
    case "unmuted": return event.user?.id === me ? gettext("You may write again") : interpolate(gettext("%(user)s may write again"), values);
    case "dissolved": return say(gettext("You dissolved the group"), gettext("%(actor)s dissolved the group"));
    case "role": {
      const user = event.user?.id === me ? null : event.user?.name ?? "";
      if (event.role === "master") return user === null ? gettext("You are now the group owner") : interpolate(gettext("%(user)s is now the group owner"), { user });
      if (event.role === "manager") return user === null ? gettext("You are now a manager") : interpolate(gettext("%(user)s is now a manager"), { user });
      return user === null ? gettext("You are now an ordinary member") : interpolate(gettext("%(user)s is now an ordinary member"), { user });
    }
    case "pinned": return say(gettext("You pinned a message"), gettext("%(actor)s pinned a message"));
    default: return event.table ? gameText(event, mine ? null : actor) : gettext("Something changed in this conversation");
  }
}

/** The stub of a recalled message. @param {Message} message @param {State} state */
export function recalledText(message, state) {
  if (message.recalled_by === null) return gettext("A moderator recalled this message");
  if (message.recalled_by === state.me.id) return gettext("You recalled a message");
  const name = nameOf(message.sender, state.people, message.sender_name);
  if (message.recalled_by === message.sender) return interpolate(gettext("%(name)s recalled a message"), { name });
  return gettext("A manager recalled this message");
}

/** @param {Row} row @param {Context} context */
export function rowView(row, context) {
  if (row.kind === "day") {
    return html`<div class="day" data-key=${row.key}><button type="button" tabindex="-1" data-action="date" data-at=${row.at} title=${gettext("Jump to a date")}>${dayName(row.at)}</button></div>`;
  }
  if (row.kind === "divider") return html`<div class="divider" data-key=${row.key}><span>${gettext("New messages")}</span></div>`;
  if (row.kind === "pending") return pendingView(row, context);
  if (row.message.kind === "system") {
    const text = systemText(row.message, context.state);
    const { code, seq, table, match, cancelled } = systemEvent(row.message);
    return html`<div class="system" data-key=${row.key} data-seq=${row.message.seq}>${table && code !== "game_closed" ? html`<a href="/c/${row.message.conversation}/table/${table}/${code === "game_ended" && !cancelled ? `match/${match}/` : ""}" data-nav data-time=${row.message.sent_at}>${icon("spade")}${text}</a>` : code === "pinned"
      ? html`<button type="button" tabindex="-1" data-action="jump" data-to=${seq} data-time=${row.message.sent_at}>${icon("pin")}${text}</button>` : html`<span data-time=${row.message.sent_at}>${text}</span>`}</div>`;
  }
  return messageView(row, context);
}

/** @param {Extract<Row, {kind: "message"}>} row @param {Context} context */
function messageView({ message, first, last, key }, { state, conversation, timeline, readSeq, compact }) {
  const own = message.sender === state.me.id;
  const named = compact || (conversation.kind !== "direct" && !own);
  const name = nameOf(message.sender, state.people, message.sender_name);
  const recalled = !!message.recalled_at;
  const long = !recalled && isLong(message.body);
  const files = !recalled && (message.files?.length || message.offer) ? message.files ?? [] : null;
  const expired = message.kind === "file" && !recalled && !files; // older than the site keeps files
  const large = !recalled && !files && isEmojiOnly(message.body) && message.reply_to === null;
  const meta = html`<span class="meta">${
    message.pinned && !recalled ? PINNED() : nothing}${message.edited_at && !recalled ? html`<span class="edited" data-time=${message.edited_at}>${gettext("edited")}</span>` : nothing}<time datetime=${
    message.sent_at}>${files && !message.body ? clock(message.sent_at) : evenClock(message.sent_at)}</time>${own && !recalled ? tick(message.seq <= readSeq, conversation.kind !== "direct") : nothing}</span>`;
  // No blanks between the tags: in a window of 250 rows each would be 250 nodes.
  return html`<article class=${classMap({ message: true, own, first, last, large, long, recalled: recalled || (expired && !message.body), fresh: !own && isFresh(message, conversation.id), ...(files && looksOf(files, message.body)) })} data-key=${key} data-seq=${message.seq}
      tabindex="-1" aria-label="${own ? gettext("You") : name}, ${clock(message.sent_at)}">${
    named ? html`<div class="message-side">${(compact ? first : last) ? avatar(message.sender ?? 0, name, { size: "small", picture: state.people.get(message.sender ?? 0)?.avatar }) : nothing}</div>` : nothing}<div class="bubble">${
      named && first ? authorView(message.sender, name) : nothing}${
      recalled ? html`${icon("undo-2")}<span class="text">${recalledText(message, state)}</span>`
        : html`${message.forwarded_from ? forwardedView(message.forwarded_from) : nothing}${message.reply_to === null ? nothing : quoteView(message.reply_to, timeline, state)}${
          files ? filesView(files, message, media.value) : expired ? expiredView(message, state) : textView(message.body, message.html, callsOf(message, state))}${long && !files ? FOLD() : nothing}`}${
      files ? html`<div class="caption">${message.body ? textView(message.body, message.html, callsOf(message, state)) : nothing}${long ? FOLD() : nothing}${meta}</div>` : meta}${
      message.reactions.length && !recalled ? reactionsView(message, state) : nothing}</div></article>`;
}

/** What is left of a message whose files the site did not keep any longer. @param {Message} message @param {State} state */
const expiredView = (message, state) => (message.body ? html`<em>${gettext("The file has expired.")}</em> ${textView(message.body, message.html, callsOf(message, state))}`
  : html`${icon("file")}<span class="text">${gettext("The file has expired.")}</span>`);

/** Has it just come, and not before the conversation was opened? @param {Message} message @param {number} id */
const isFresh = (message, id) => (opened.id === id || Object.assign(opened, { id, at: Date.now() })) && Date.parse(message.sent_at) > opened.at && Math.abs(Date.now() - Date.parse(message.sent_at)) < FRESH_MS;

/** Above what was written since the screen was cleared. */
export const clearedView = () => html`<div class="system cleared"><button type="button" data-action="uncleared">${icon("eraser")}${gettext("Earlier messages are cleared from your screen.")} <b>${gettext("Show again")}</b></button></div>`;

/** What to do where nothing has been written yet. @param {Conversation} c @param {import("../types.js").State} state */
export function emptyView(c, state) {
  if (c.cleared_seq) return html`<div class="notice empty-chat"><span class="notice-icon">${icon("eraser")}</span><p>${gettext("Your screen is cleared. Others still see everything.")}</p><button class="button" type="button" data-action="uncleared">${gettext("Show again")}</button></div>`;
  const alone = c.peer === state.me.id;
  const name = c.peer === null ? "" : nameOf(c.peer, state.people);
  const picture = alone || !c.peer ? html`<span class="notice-icon">${icon(alone ? "bookmark" : "messages-square")}</span>` : avatar(c.peer, name, { picture: state.people.get(c.peer)?.avatar });
  const line = alone ? gettext("Keep notes, links and reminders here. Only you can see them.")
    : c.peer ? interpolate(gettext("This is the beginning of your chat with %(name)s."), { name }) : gettext("No messages here yet. Write the first one.");
  return html`<div class="notice empty-chat">${picture}<p>${line}</p>${
    c.can_post && !alone ? html`<button class="button" type="button" data-action="wave">👋 ${gettext("Say hello")}</button>` : nothing}</div>`;
}

/** What draws files: comes with the first row that has some. @type {import("../vendor/ui.js").Signal<typeof import("./media.js") | null>} */
export const media = signal(null);
let wanted = false;

function wantMedia() {
  if (wanted) return;
  wanted = true;
  needed(() => import("./media.js")).then(async (module) => {
    await module.styled;
    media.value = module;
  });
}

/** How a bubble with files looks: pictures reach to its edges, and bear the time where nothing else does. @param {Shown[]} files @param {string} body */
function looksOf(files, body) {
  const pictured = files.some(isPicture);
  return { "with-files": true, pictured, bare: pictured && !body && files.every(isPicture) };
}

/** A file of a message, or of one on its way. @typedef {Pick<Attachment, "name" | "kind" | "width" | "height" | "color"> & {status?: Attachment["status"]}} Shown */
/** Draws what is in the places of files. @typedef {{pictureView: (file: any, of: any, more: number) => unknown, fileView: (file: any, of: any) => unknown, offerView: (of: any) => unknown}} Drawing */

/** The room that files take, which is right before anything has come: pictures together, then a line for each other file. @param {Shown[]} files @param {Message | Outgoing} of @param {Drawing | null} draw */
function filesView(files, of, draw) {
  wantMedia();
  const pictures = files.filter(isPicture);
  const shown = pictures.slice(0, 5);
  const [width, height] = pictures.length ? roomOf(pictures) : [0, 0];
  return html`<div class="files">${pictures.length ? html`<div class="pictures n${shown.length}"><svg class="room" width=${width} height=${height} viewBox="0 0 ${width} ${height}" aria-hidden="true"></svg><div class="cells">${shown.map((file, at) =>
    html`<div class="cell"><svg class="shade" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true"><rect width="1" height="1" fill=${file.color || nothing}></rect></svg>${
      draw?.pictureView(file, of, at === 4 ? pictures.length - 5 : 0) ?? nothing}</div>`)}</div></div>` : nothing}${
    files.filter((file) => !isPicture(file)).map((file) => html`<div class="file-place ${file.kind === "audio" && file.status !== "failed" ? "sounds" : ""}">${draw?.fileView(file, of) ?? nothing}</div>`)}${
    of.offer && !files.length ? html`<div class="file-place offered">${draw?.offerView(of) ?? nothing}</div>` : nothing}</div>`;
}

/** @param {number | null} id @param {string} name */
const authorView = (id, name) => html`<div class="author hue-${(id ?? 0) % 8}">${name}</div>`;

const FOLD_LINES = 34;
const narrow = matchMedia("(width < 43.75rem)");
/** @param {string} body */
const isLong = (body) => body.length > FOLD_LINES && lineCount(body, narrow.matches ? 40 : 80) > FOLD_LINES;
const FOLD = () => html`<button class="fold button-link" type="button" data-action="fold" aria-expanded="false"><span>${gettext("Show more")}</span><span>${gettext("Show less")}</span></button>`;

/** Gives blocks of code that came with a text their head: the language and a button that copies. @param {Element} log */
export function dressCode(log) {
  for (const pre of /** @type {Iterable<HTMLElement>} */ (log.querySelectorAll(".rich pre:not([tabindex])"))) {
    pre.tabIndex = 0;
    const block = document.createElement("div");
    block.className = "code-block";
    pre.replaceWith(block);
    render(html`<div class="code-head"><span>${pre.dataset.lang ?? gettext("Code")}</span><button class="icon-button" type="button" data-action="copy-code"
      aria-label=${gettext("Copy code")} title=${gettext("Copy code")}>${icon("copy")}</button></div>${pre}`, block);
  }
}

/** Tells which links lead away from here. @param {Element} log */
export function dressLinks(log) {
  for (const link of /** @type {Iterable<HTMLAnchorElement>} */ (log.querySelectorAll(".rich a:not(.out, .in)"))) {
    const away = link.origin !== location.origin;
    link.classList.add(away ? "out" : "in");
    if (away) link.title = [link.title, gettext("Opens in a new tab")].filter(Boolean).join(" · ");
  }
}

// Breaking one endless word with kerning takes the browser seconds.
const UNBROKEN = /\S{200}/;

/** @param {string} body @param {string | null} rendered @param {Calls | null} [calls] */
function textView(body, rendered, calls = null) {
  const unbroken = UNBROKEN.test(body) ? " unbroken" : "";
  if (rendered !== null) return html`<div class="text rich${unbroken}${calls ? " calls" : ""}" dir="auto">${unsafeHTML(rendered)}</div>`;
  return html`<span class="text${unbroken}" dir="auto">${calls ? pieces(body, calls).map((piece) => (typeof piece === "string" ? piece : callView(piece))) : body}</span>`;
}

/** @param {NonNullable<Message["forwarded_from"]>} from */
function forwardedView({ id, name }) {
  const text = interpolate(gettext("Forwarded from %(name)s"), { name: name || gettext("Deleted account") });
  return html`<div class="forwarded">${icon("forward")}${id === null ? html`<span>${text}</span>` : html`<span role="link" tabindex="-1" data-action="person" data-user=${id}>${text}</span>`}</div>`;
}

const PINNED = () => html`<span class="pinned" role="img" aria-label=${gettext("Pinned")} title=${gettext("Pinned")}>${icon("pin")}</span>`;

/** Words that call somebody in a message, folded, and who is meant; null is everybody. @typedef {Map<string, {id: number, name: string, me: boolean} | null>} Calls */
/** A call as it is shown. @typedef {{id: number | null, text: string, me: boolean}} Call */

/** @param {string} name */
const folded = (name) => name.normalize("NFKC").toLowerCase();

/** Whom a message calls by name; null where nobody. @param {Message} message @param {State} state @returns {Calls | null} */
function callsOf(message, state) {
  /** @type {Calls} */
  const calls = new Map();
  for (const id of message.mentions ?? []) {
    const person = state.people.get(id);
    if (person?.username) calls.set(folded(person.username), { id, name: person.name || person.username, me: id === state.me.id });
  }
  if (message.mentions_all) for (const word of ["all", "所有人"]) calls.set(word, null);
  return calls.size ? calls : null;
}

/** Chinese puts no blank between words. */
const CJK = "[\\u2e80-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff]";

/** A text in pieces: what is written, and the calls in it. @param {string} text @param {Calls} calls @returns {(string | Call)[]} */
function pieces(text, calls) {
  const names = [...calls.keys()].sort((a, b) => b.length - a.length).map((name) => name.replaceAll(".", "\\."));
  const found = new RegExp(`(?<![A-Za-z0-9_])@(${names.join("|")})(?:(?<=${CJK})(?!\\p{M})|(?=${CJK})|(?![\\p{L}\\p{M}\\p{N}_]))`, "giu");
  /** @type {(string | Call)[]} */
  const all = [];
  let at = 0;
  for (const match of text.matchAll(found)) {
    const meant = calls.get(folded(match[1]));
    if (meant === undefined) continue;
    if (match.index > at) all.push(text.slice(at, match.index));
    all.push(meant ? { id: meant.id, text: `@${meant.name}`, me: meant.me } : { id: null, text: match[0], me: true });
    at = match.index + match[0].length;
  }
  return at < text.length ? [...all, text.slice(at)] : all;
}

/** @param {Call} call */
const callView = ({ id, text, me }) => (id === null || me ? html`<span class="call self">${text}</span>`
  : html`<span class="call" role="link" tabindex="-1" data-action="person" data-user=${id}>${text}</span>`);

/** Shows the calls in texts that came as HTML. @param {Element} log @param {State} state @param {Message[]} messages */
export function dressCalls(log, state, messages) {
  for (const text of log.querySelectorAll(".rich.calls:not(:has(.call))")) {
    const seq = Number(/** @type {HTMLElement | null} */ (text.closest("[data-seq]"))?.dataset.seq);
    const message = messages.find((m) => m.seq === seq);
    const calls = message && callsOf(message, state);
    if (!calls) continue;
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    const nodes = /** @type {Text[]} */ ([]);
    while (walker.nextNode()) if (!walker.currentNode.parentElement?.closest("pre, code, a, .call")) nodes.push(/** @type {Text} */ (walker.currentNode));
    for (const node of nodes.filter((n) => n.data.includes("@"))) {
      const parts = pieces(node.data, calls);
      if (parts.every((part) => typeof part === "string")) continue;
      const place = document.createDocumentFragment();
      render(parts.map((part) => (typeof part === "string" ? html`${part}` : callView(part))), place);
      node.replaceWith(place);
    }
  }
}

/** @param {boolean} read @param {boolean} several */
const tick = (read, several) => (read
  ? html`<span class="tick read" role="img" aria-label=${gettext("Read")} title=${several ? gettext("Who has read it") : gettext("Read")} data-action=${several ? "readers" : nothing}>${icon("check-check")}</span>`
  : html`<span class="tick" role="img" aria-label=${gettext("Sent")} title=${gettext("Sent")}>${icon("check")}</span>`);

/** The message with this number, where it is held. @param {number} seq @param {Timeline} timeline */
export const heldMessage = (seq, timeline) => timeline.rows.find((m) => m.seq === seq) ?? timeline.quoted.get(seq);

/** @param {number} seq @param {Timeline} timeline @param {State} state */
function quoteView(seq, timeline, state) {
  const quoted = heldMessage(seq, timeline);
  const hue = (quoted?.sender ?? 0) % 8;
  const picture = quoted?.recalled_at ? null : quoted?.files?.find((file) => file.preview && file.kind === "image");
  return html`<button class="quote hue-${hue}" type="button" data-action="jump" data-to=${seq} tabindex="-1">${
    picture ? html`<img src="/files/${picture.token}/${picture.animated ? "still" : "preview"}" alt="" loading="lazy" decoding="async" draggable="false">` : nothing}
    <b>${quoted ? nameOf(quoted.sender, state.people, quoted.sender_name) : gettext("Earlier message")}</b>
    <span>${quoted ? quotedText(quoted, state) : "…"}</span></button>`;
}

/** One line for a quoted message. @param {Message} message @param {State} state */
export function quotedText(message, state) {
  if (message.recalled_at) return gettext("Message recalled");
  if (message.kind === "system") return systemText(message, state);
  const text = [...(message.html === null ? message.body : unmarked(message.body)).slice(0, 400)].slice(0, 200).join("");
  const calls = callsOf(message, state);
  return inWords(message, calls ? pieces(text, calls).map((piece) => (typeof piece === "string" ? piece : piece.text)).join("") : text);
}

/** @param {Message} message @param {State} state */
function reactionsView(message, state) {
  return html`<div class="reactions">${message.reactions.map(({ emoji, users }) => {
    const on = users.includes(state.me.id);
    const names = joinNames(users.map((id) => (id === state.me.id ? gettext("you") : nameOf(id, state.people))));
    return html`<button class="reaction" type="button" data-action="react" data-emoji=${emoji} aria-pressed=${on} title=${names}
      aria-label="${emoji} ${users.length}: ${names}">${emoji}<b>${users.length}</b></button>`;
  })}</div>`;
}

/** A message on its way. @param {Extract<Row, {kind: "pending"}>} row @param {Context} context */
function pendingView({ item, first, last, key }, { timeline, state, compact }) {
  const failed = item.status === "failed";
  const files = item.files?.length || item.offer ? item.files ?? [] : null;
  const meta = html`<span class="meta">
          <time>${evenClock(new Date(item.at).toISOString())}</time>
          <span class="tick" role="img" aria-label=${failed ? gettext("Not sent") : gettext("Being sent")}>${icon(failed ? "circle-alert" : "clock")}</span></span>`;
  return html`
    <article class=${classMap({ message: true, own: true, first, last, pending: !failed, failed, long: isLong(item.body), large: !files && isEmojiOnly(item.body) && item.reply_to === null, ...(files && looksOf(files, item.body)) })}
      data-key=${key} data-client=${item.client_id} tabindex="-1" aria-label=${failed ? gettext("Not sent") : gettext("Being sent")}>
      ${compact ? html`<div class="message-side">${first ? avatar(state.me.id, state.me.name, { size: "small", picture: state.me.avatar }) : nothing}</div>` : nothing}
      <div class="bubble">
        ${compact && first ? authorView(state.me.id, state.me.name) : nothing}
        ${item.reply_to === null ? nothing : quoteView(item.reply_to, timeline, state)}${
          files ? html`${filesView(files, item, store.uploads.value)}<div class="caption">${item.body ? textView(item.body, null) : nothing}${meta}</div>` : html`${textView(item.body, null)}${meta}`}
      </div>
      ${failed ? html`<div class="failure">
        <span>${item.error || gettext("Not sent")}</span>
        <button class="button-link" type="button" data-action="retry">${gettext("Retry")}</button>
        <button class="button-link" type="button" data-action="discard">${gettext("Delete")}</button>
      </div>` : nothing}
    </article>`;
}
