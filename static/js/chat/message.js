/**
 * How one row of the timeline looks.
 * @import {Conversation, Message, State, Timeline} from "../types.js"
 * @import {Row} from "../core/rows.js"
 */
import { classMap, html, ifDefined, nothing, unsafeHTML } from "../vendor/ui.js";
import { avatar, icon } from "../core/dom.js";
import { clock, dayName, fullTime, gettext, interpolate, joinNames } from "../core/i18n.js";
import { isEmojiOnly, nameOf, systemEvent } from "../core/rows.js";

/** @typedef {{state: State, conversation: Conversation, timeline: Timeline, readSeq: number}} Context */

/** What happened, in words. @param {Message} message @param {State} state */
export function systemText(message, state) {
  const event = systemEvent(message);
  const me = state.me.id;
  const actor = nameOf(message.sender, state.people, message.sender_name);
  const mine = message.sender === me;
  const users = event.users ?? [];
  const self = users.length === 1 && users[0].id === message.sender;
  const names = joinNames(users.map((u) => (u.id === me ? gettext("you") : u.name)));
  const values = { actor, names, name: event.name ?? "", text: event.text ?? "" };
  const say = (/** @type {string} */ own, /** @type {string} */ other) => interpolate(mine ? own : other, values);
  switch (event.code) {
    case "welcome": return gettext("Welcome! Everybody on this site reads and writes here.");
    case "created": return say(gettext("You created the group “%(name)s”"), gettext("%(actor)s created the group “%(name)s”"));
    case "joined": return self ? say(gettext("You joined"), gettext("%(actor)s joined")) : say(gettext("You added %(names)s"), gettext("%(actor)s added %(names)s"));
    case "left": return say(gettext("You left"), gettext("%(actor)s left"));
    case "removed": return say(gettext("You removed %(names)s"), gettext("%(actor)s removed %(names)s"));
    case "renamed": return say(gettext("You renamed the group to “%(name)s”"), gettext("%(actor)s renamed the group to “%(name)s”"));
    case "notice": return say(gettext("You changed the notice: %(text)s"), gettext("%(actor)s changed the notice: %(text)s"));
    case "role": {
      const user = event.user?.id === me ? null : event.user?.name ?? "";
      if (event.role === "master") return user === null ? gettext("You are now the group owner") : interpolate(gettext("%(user)s is now the group owner"), { user });
      if (event.role === "manager") return user === null ? gettext("You are now a manager") : interpolate(gettext("%(user)s is now a manager"), { user });
      return user === null ? gettext("You are now an ordinary member") : interpolate(gettext("%(user)s is now an ordinary member"), { user });
    }
    default: return gettext("Something changed in this conversation");
  }
}

/** The stub of a recalled message. @param {Message} message @param {State} state */
export function recalledText(message, state) {
  if (message.recalled_by === state.me.id) return gettext("You recalled a message");
  if (message.recalled_by === message.sender) {
    return interpolate(gettext("%(name)s recalled a message"), { name: nameOf(message.sender, state.people, message.sender_name) });
  }
  return gettext("A manager recalled this message");
}

/** @param {Row} row @param {Context} context */
export function rowView(row, context) {
  if (row.kind === "day") return html`<div class="day" data-key=${row.key}><span>${dayName(row.at)}</span></div>`;
  if (row.kind === "divider") return html`<div class="divider" data-key=${row.key}><span>${gettext("New messages")}</span></div>`;
  if (row.kind === "pending") return pendingView(row, context);
  if (row.message.kind === "system") {
    return html`<div class="system" data-key=${row.key} data-seq=${row.message.seq}><span title=${fullTime(row.message.sent_at)}>${systemText(row.message, context.state)}</span></div>`;
  }
  return messageView(row, context);
}

/** @param {Extract<Row, {kind: "message"}>} row @param {Context} context */
function messageView({ message, first, last, key }, { state, conversation, timeline, readSeq }) {
  const own = message.sender === state.me.id;
  const many = conversation.kind !== "direct";
  const name = nameOf(message.sender, state.people, message.sender_name);
  const large = !message.recalled_at && isEmojiOnly(message.body) && message.reply_to === null;
  return html`
    <article class=${classMap({ message: true, own, first, last, large, recalled: !!message.recalled_at })} data-key=${key} data-seq=${message.seq}
      tabindex="-1" aria-label="${own ? gettext("You") : name}, ${clock(message.sent_at)}">
      ${many && !own ? html`<div class="message-side">${last ? avatar(message.sender ?? 0, name, { size: "small" }) : nothing}</div>` : nothing}
      <div class="bubble">
        ${many && !own && first ? html`<div class="author hue-${(message.sender ?? 0) % 8}">${name}</div>` : nothing}
        ${message.recalled_at ? html`<span class="text">${recalledText(message, state)}</span>` : html`
          ${message.reply_to === null ? nothing : quoteView(message.reply_to, timeline, state)}${textView(message.body, message.html)}`}<span class="meta">${
            message.edited_at && !message.recalled_at ? html`<span title=${fullTime(message.edited_at)}>${gettext("edited")}</span>` : nothing}
          <time datetime=${message.sent_at} title=${fullTime(message.sent_at)}>${clock(message.sent_at)}</time>
          ${own && !message.recalled_at ? tick(message.seq <= readSeq) : nothing}</span>
        ${message.reactions.length && !message.recalled_at ? reactionsView(message, state) : nothing}
      </div>
      ${message.recalled_at ? nothing : html`<div class="message-tools">
        <button class="icon-button" type="button" tabindex="-1" data-action="reply" aria-label=${gettext("Reply")} title=${gettext("Reply")}>${icon("reply")}</button>
        <button class="icon-button" type="button" tabindex="-1" data-action="menu" aria-label=${gettext("More")} title=${gettext("More")}>${icon("ellipsis")}</button>
      </div>`}
    </article>`;
}

/** @param {string} body @param {string | null} rendered */
function textView(body, rendered) {
  return rendered === null ? html`<span class="text" dir="auto">${body}</span>` : html`<div class="text rich" dir="auto">${unsafeHTML(rendered)}</div>`;
}

/** @param {boolean} read */
const tick = (read) => (read
  ? html`<span class="tick read" role="img" aria-label=${gettext("Read")} title=${gettext("Read")}>${icon("check-check")}</span>`
  : html`<span class="tick" role="img" aria-label=${gettext("Sent")} title=${gettext("Sent")}>${icon("check")}</span>`);

/** The message with this number, where it is held. @param {number} seq @param {Timeline} timeline */
export const heldMessage = (seq, timeline) => timeline.rows.find((m) => m.seq === seq) ?? timeline.quoted.get(seq);

/** @param {number} seq @param {Timeline} timeline @param {State} state */
function quoteView(seq, timeline, state) {
  const quoted = heldMessage(seq, timeline);
  const hue = (quoted?.sender ?? 0) % 8;
  return html`<button class="quote hue-${hue}" type="button" data-action="jump" data-to=${seq} tabindex="-1">
    <b>${quoted ? nameOf(quoted.sender, state.people, quoted.sender_name) : gettext("Earlier message")}</b>
    <span>${quoted ? quotedText(quoted, state) : "…"}</span></button>`;
}

/** One line for a quoted message. @param {Message} message @param {State} state */
export function quotedText(message, state) {
  if (message.recalled_at) return gettext("Message recalled");
  return message.kind === "system" ? systemText(message, state) : message.body;
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
function pendingView({ item, first, last, key }, { timeline, state }) {
  const failed = item.status === "failed";
  return html`
    <article class=${classMap({ message: true, own: true, first, last, pending: !failed, failed, large: isEmojiOnly(item.body) && item.reply_to === null })}
      data-key=${key} data-client=${item.client_id} tabindex="-1" aria-label=${ifDefined(failed ? gettext("Not sent") : gettext("Being sent"))}>
      <div class="bubble">
        ${item.reply_to === null ? nothing : quoteView(item.reply_to, timeline, state)}${textView(item.body, null)}<span class="meta">
          <time>${clock(new Date(item.at).toISOString())}</time>
          <span class="tick" role="img" aria-label=${failed ? gettext("Not sent") : gettext("Being sent")}>${icon(failed ? "circle-alert" : "clock")}</span></span>
      </div>
      ${failed ? html`<div class="failure">
        <span>${item.error || gettext("Not sent")}</span>
        <button class="button-link" type="button" data-action="retry">${gettext("Retry")}</button>
        <button class="button-link" type="button" data-action="discard">${gettext("Delete")}</button>
      </div>` : nothing}
    </article>`;
}
