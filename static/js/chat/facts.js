/** What the page itself sees in a file: the size of a picture, the length of sound. */
import { kindOf, typeOf } from "../core/outfiles.js";

/** @import {FileKind} from "../types.js" */
/** @typedef {{kind: FileKind, type: string, width?: number, height?: number, duration?: number}} Facts */

const PATIENCE_MS = 4000;

/** @param {HTMLElement} element @param {string} good */
const settled = (element, good) => new Promise((resolve, reject) => {
  element.addEventListener(good, resolve, { once: true });
  element.addEventListener("error", reject, { once: true });
  setTimeout(reject, PATIENCE_MS);
});

/** A picture that cannot be read here, or sound that the browser does not know, is a file like any other. @param {File} file @returns {Promise<Facts>} */
export async function factsOf(file) {
  const kind = kindOf(file);
  const type = typeOf(file);
  if (kind === "file") return { kind, type };
  const url = URL.createObjectURL(file);
  try {
    if (kind === "image") {
      const image = new Image();
      image.src = url;
      await image.decode();
      return { kind, type, width: image.naturalWidth, height: image.naturalHeight };
    }
    const media = document.createElement(kind);
    media.preload = "metadata";
    media.src = url;
    await settled(media, "loadedmetadata");
    const duration = Number.isFinite(media.duration) ? Math.round(media.duration * 1000) : 0;
    return media instanceof HTMLVideoElement ? { kind, type, duration, width: media.videoWidth, height: media.videoHeight } : { kind, type, duration };
  } catch {
    return { kind: "file", type };
  } finally {
    URL.revokeObjectURL(url);
  }
}
