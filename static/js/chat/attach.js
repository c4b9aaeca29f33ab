/**
 * Where files come from: the picker, on phones the camera, the pictures or the files; long text as a file.
 * Loaded when first used.
 */
import { lazy, toast } from "../core/dom.js";
import { nameFor } from "../core/outfiles.js";
import { gettext } from "../core/i18n.js";
import { popMenu } from "../core/menu.js";
import { hasTables } from "../core/rows.js";
import * as store from "../core/store.js";

/** @typedef {(files: File[]) => void} Take */

/** The picker that is open: a browser may forget one that nobody holds. @type {HTMLInputElement} */
let input;

/** Opens the browser's own picker. @param {Take} take @param {{accept?: string, camera?: boolean, several?: boolean}} [how] */
export function pick(take, { accept = "", camera = false, several = !camera } = {}) {
  input = document.createElement("input");
  input.type = "file";
  input.accept = accept;
  input.multiple = several;
  if (camera) input.setAttribute("capture", "environment");
  const opened = input;
  input.addEventListener("change", () => take([...(opened.files ?? [])]));
  input.click();
}

/** The button: the files of a computer; on phones a choice. @param {HTMLElement} button @param {Take} take */
export function chooseFiles(button, take) {
  if (!matchMedia("(pointer: coarse)").matches) return pick(take);
  popMenu(button, gettext("Attach files"), [
    { icon: "camera", label: gettext("Camera"), act: () => pick(take, { accept: "image/*", camera: true }) },
    { icon: "image", label: gettext("Photos and videos"), act: () => pick(take, { accept: "image/*,video/*" }) },
    { icon: "file", label: gettext("File"), act: () => pick(take) },
    ...(hasTables(store.open.value, store.state.value) ? [{ icon: "spade", label: gettext("Play Tiến Lên"), act: () => { lazy(import("../games/entry.js")).then((module) => module?.openTables()); } }] : []),
    ...(navigator.mediaDevices ? [] : [{ icon: "mic-off", label: gettext("Voice message"), act: tellNoVoice }]),
  ]);
}

/** Browsers give the microphone only to pages that came safely. */
export const whyNoVoice = () => gettext("Voice messages need an address with HTTPS: without it the browser gives no page the microphone.");

/** Says it. */
export const tellNoVoice = () => toast(whyNoVoice(), "error");

/** What was pasted, with names that tell one picture from the next. @param {File[]} files */
export const named = (files) => files.map((file) => {
  const end = /^image\.(\w+)$/.exec(file.name)?.[1];
  return end ? new File([file], nameFor(gettext("Picture"), end, new Date()), { type: file.type }) : file;
});

/** A long text as a file. @param {string} text */
export function textFile(text) {
  toast(gettext("The long text has become a file."));
  return new File([text], nameFor(gettext("Text"), "txt", new Date()), { type: "text/plain" });
}
