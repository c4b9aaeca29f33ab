/** How long a message may be. */
import { figure, gettext, interpolate } from "../core/i18n.js";

export const MAX_LETTERS = 10_000;
/** From here on they are counted for whoever writes. */
export const WARN_LETTERS = 9_000;

/** Letters as the server counts them. A short text is not looked through. @param {string} text */
export function letters(text) {
  if (text.length <= WARN_LETTERS) return text.length;
  const units = text.normalize("NFC");
  let pairs = 0;
  for (let i = 0; i < units.length; i++) if ((units.charCodeAt(i) & 0xfc00) === 0xd800) pairs++;
  return units.length - pairs;
}

/** What is said of a text that is too long. */
export const limitText = () => interpolate(gettext("A message has at most %(count)s letters."), { count: figure(MAX_LETTERS) });
