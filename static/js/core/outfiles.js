/** What is known of a file before it is sent. Pure. */
import { extensionOf, fileSize } from "./filelook.js";
import { gettext, interpolate } from "./i18n.js";

/** @import {FileKind, Site} from "../types.js" */

/** Files of one message. */
export const FILES_MAX = 10;
/** From here on a file to one person is offered first. */
export const OFFER_BYTES = 5 << 20;

const PICTURES = ["image/jpeg", "image/png", "image/webp", "image/gif"];
/** Types by the ends of names, for systems that tell none. @type {Record<string, string>} */
const BY_END = {
  jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", gif: "image/gif", mp3: "audio/mpeg", m4a: "audio/mp4", ogg: "audio/ogg", opus: "audio/ogg",
  wav: "audio/wav", flac: "audio/flac", mp4: "video/mp4", m4v: "video/mp4", mov: "video/quicktime", webm: "video/webm", txt: "text/plain", pdf: "application/pdf",
};

/** @param {{name: string, type: string}} file */
export const typeOf = ({ name, type }) => type.split(";")[0] || BY_END[extensionOf(name)] || "";

/** As what a file will be shown, as far as its type tells; the server looks inside. @param {{name: string, type: string}} file @returns {FileKind} */
export function kindOf(file) {
  const type = typeOf(file);
  if (PICTURES.includes(type)) return "image";
  return type.startsWith("audio/") ? "audio" : type.startsWith("video/") ? "video" : "file";
}

/** Is it offered, where files to one person are offered first? Small pictures just go. @param {{kind: FileKind, size: number}} file */
export const isOffered = ({ kind, size }) => kind !== "image" || size > OFFER_BYTES;

/** Why a file cannot be sent here, or nothing. @param {{name: string, type: string, size: number}} file @param {Pick<Site, "max_size" | "file_kinds">} site */
export function whyNot(file, { max_size: most, file_kinds: kinds }) {
  const { name } = file;
  if (most && file.size > most) return interpolate(gettext("“%(name)s” is too large (%(size)s). At most %(most)s can be sent here."), { name, size: fileSize(file.size), most: fileSize(most) });
  if (!file.size) return interpolate(gettext("“%(name)s” is empty."), { name });
  const kind = kindOf(file);
  if (kinds === "images" && kind !== "image") return interpolate(gettext("“%(name)s” is no picture. Only pictures can be sent here."), { name });
  if (kinds === "media" && kind === "file") return interpolate(gettext("“%(name)s” cannot be sent. Only pictures, sound and videos can be sent here."), { name });
  return "";
}

/** Heights brought to `count` values of 0 to 100, the loudest of each part. @param {number[]} heights 0 to 1 @param {number} count */
export function peaksOf(heights, count) {
  const loudest = Math.max(0.05, ...heights);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * heights.length) / count);
    const part = heights.slice(from, Math.max(from + 1, Math.floor(((i + 1) * heights.length) / count)));
    return Math.round((Math.max(0, ...part) / loudest) * 100);
  });
}

/** A name for what has none: "Text 2026-11-21 22.42.05.txt". @param {string} word @param {string} end @param {Date} at */
export function nameFor(word, end, at) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${word} ${day} ${two(at.getHours())}.${two(at.getMinutes())}.${two(at.getSeconds())}.${end}`;
}

/** What of it is done, in words. @param {number} done @param {number} size */
export const doneText = (done, size) => interpolate(gettext("%(at)s of %(count)s"), { at: fileSize(done), count: fileSize(size) });
