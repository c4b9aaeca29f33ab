/**
 * Names, sizes, lengths and addresses of files, as they are shown.
 * @import {Attachment} from "../types.js"
 */
import { gettext } from "./i18n.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];
const END_COLUMNS = 8;
/** Letters that take two columns: of China, Japan and Korea, and emoji. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;
/** Signs that turn the direction of what follows: a name must not look like another one. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\p{Cc}]/gu;

/** A size in words: "2.4 MB". @param {number} bytes */
export function fileSize(bytes) {
  const power = Math.min(3, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  const value = bytes / 1024 ** power;
  return new Intl.NumberFormat(document.documentElement.lang || "en", { style: "unit", unit: UNITS[power], unitDisplay: power ? "short" : "long", maximumFractionDigits: value < 10 && power ? 1 : 0 }).format(value);
}

/** A length as players show it: "1:05". @param {number} ms */
export function clockLength(ms) {
  const seconds = Math.round(Math.max(0, ms) / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours ? `${hours}:${String(minutes).padStart(2, "0")}` : minutes}:${String(seconds % 60).padStart(2, "0")}`;
}

/** What a name ends with: "pdf". @param {string} name */
export const extensionOf = (name) => /[^.]\.([\p{L}\p{N}]{1,8})$/u.exec(name.replace(TURNING, ""))?.[1].toLowerCase() ?? "";

/** A name in two parts: the first may be cut, the second always shows how it ends. @param {string} name @returns {[string, string]} */
export function nameParts(name) {
  const letters = [...name.replace(TURNING, "")];
  let end = 0;
  for (let columns = END_COLUMNS + extensionOf(name).length; columns > 0 && end < letters.length; end++) columns -= WIDE.test(letters[letters.length - 1 - end]) ? 2 : 1;
  return letters.length <= end + 4 ? [letters.join(""), ""] : [letters.slice(0, -end).join(""), letters.slice(-end).join("")];
}

/** Why nobody gets a file that was refused: its kind, or that nobody could tell it. @param {Pick<Attachment, "type">} file */
export const whyRefused = ({ type }) => (type === "" ? gettext("Removed: this file could not be read. Send it again.") : gettext("Removed: files of this kind may not be sent here."));

/** Where a file is; `look` is "preview" or "still". @param {Pick<Attachment, "token" | "name">} file @param {string} [look] */
export const addressOf = ({ token, name }, look) => `/files/${token}/${look ?? encodeURIComponent(name)}`;

/** Where a file is downloaded. @param {Pick<Attachment, "token" | "name">} file */
export const downloadOf = (file) => `${addressOf(file)}?download`;

const KINDS = /** @type {[RegExp, string, string][]} */ ([
  [/^(pdf)$/, "file-text", "red"], [/^(docx?|odt|rtf|pages)$/, "file-text", "blue"], [/^(xlsx?|ods|csv|numbers)$/, "file-text", "green"],
  [/^(pptx?|odp|key)$/, "file-text", "orange"], [/^(zip|rar|7z|gz|tar|xz|bz2|zst)$/, "file-archive", "amber"], [/^(txt|md|log)$/, "file-text", "grey"],
  [/^(mp4|mov|webm|mkv|avi|m4v)$/, "film", "violet"], [/^(mp3|m4a|ogg|opus|wav|flac|aac)$/, "music", "violet"], [/^(jpe?g|png|gif|webp|heic|bmp|tiff?|svg)$/, "image", "teal"],
]);

/** The icon of a file that is a card, and its colour. @param {Pick<Attachment, "name" | "kind">} file @returns {[string, string]} */
export function lookOf({ name, kind }) {
  const known = /** @type {Record<string, [string, string]>} */ ({ audio: ["music", "violet"], video: ["film", "violet"], image: ["image", "teal"] })[kind];
  if (known) return known;
  const extension = extensionOf(name);
  const found = KINDS.find(([test]) => test.test(extension));
  return found ? [found[1], found[2]] : ["file", "grey"];
}
