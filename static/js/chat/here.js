/**
 * Who looks at the open conversation: told in its head, and who has just left it.
 * @import {State} from "../types.js"
 */
import { effect } from "../vendor/ui.js";
import { gettext, interpolate } from "../core/i18n.js";
import { nameOf } from "../core/rows.js";
import * as store from "../core/store.js";
import { leaving } from "./header.js";

const TOLD_MS = 4000;
/** @type {{id: number | null, users: number[]}} */
let before = { id: null, users: [] };
/** @type {any} */
let timer;

/** @param {State} state */
function look(state) {
  const id = store.openId.value;
  const users = id === null ? [] : state.here.get(id) ?? [];
  const gone = before.id === id ? before.users.filter((user) => !users.includes(user)) : [];
  if (before.id !== id) leaving.value = "";
  before = { id, users };
  const live = store.socket.connection.value.state === "live";
  if (!gone.length || !live) return;
  leaving.value = interpolate(gettext("%(name)s has left the chat window"), { name: nameOf(gone[0], state.people) });
  clearTimeout(timer);
  timer = setTimeout(() => { leaving.value = ""; }, TOLD_MS);
}

effect(() => look(store.state.value));
