/**
 * Texts, dates and numbers in the language of the page. Texts come from Django's JSONCatalog, the rest from Intl.
 */

/** @type {Record<string, string | string[]>} */
let catalog = {};
let language = "en";

/** Sets the language and its texts. @param {string} code @param {Record<string, string | string[]>} texts */
export function setCatalog(code, texts) {
  language = code;
  catalog = texts;
  formats.clear();
}

/** Fetches the texts; English needs none, and a page without them is English. @param {string} code @param {string} url */
export async function loadCatalog(code, url) {
  if (code.startsWith("en")) return setCatalog(code, {});
  const response = await fetch(url).catch(() => null);
  setCatalog(code, response?.ok ? (await response.json()).catalog : {});
}

/** The text in the page's language. @param {string} text */
export function gettext(text) {
  const found = catalog[text];
  return typeof found === "string" ? found : found?.[0] ?? text;
}

/** The text for a number. Vietnamese and Chinese have one form, English two. @param {string} one @param {string} many @param {number} count */
export function ngettext(one, many, count) {
  const forms = catalog[one];
  if (Array.isArray(forms)) return forms[count === 1 ? 0 : forms.length - 1];
  return count === 1 ? one : many;
}

/** Fills %(name)s places. @param {string} text @param {Record<string, string | number>} values */
export const interpolate = (text, values) => text.replace(/%\((\w+)\)s/g, (_, key) => String(values[key]));

/** @type {Map<string, any>} */
const formats = new Map();

/** @param {Intl.DateTimeFormatOptions} options @returns {Intl.DateTimeFormat} */
function dateFormat(options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language, options));
  return formats.get(key);
}

/** The hour and minute: "3:25 PM", "15:25", "03:25". @param {string} iso */
export const clock = (iso) => dateFormat({ hour: language === "en" ? "numeric" : "2-digit", minute: "2-digit" }).format(new Date(iso));

/** The same, as wide at nine as at ten o'clock: rows keep room for it before it is known. @param {string} iso */
export const evenClock = (iso) => (language === "en" ? clock(iso).padStart(8, "\u2007") : clock(iso));

/** Date and time in full, for titles and screen readers. @param {string} iso */
export const fullTime = (iso) => dateFormat({ dateStyle: "full", timeStyle: "short" }).format(new Date(iso));

/** A key that is the same within one local day. @param {string} iso */
export const dayKey = (iso) => new Date(iso).toDateString();

/** Whole days between a moment and now, by the calendar. @param {string} iso @param {number} now */
function daysAgo(iso, now) {
  const midnight = (/** @type {number | string} */ t) => new Date(t).setHours(0, 0, 0, 0);
  return Math.round((midnight(now) - midnight(iso)) / 86_400_000);
}

/** @param {string} text */
const capitalized = (text) => text.charAt(0).toLocaleUpperCase(language) + text.slice(1);

/** The name of a day between messages: Today, Yesterday, a weekday, a date. @param {string} iso @param {number} now */
export function dayName(iso, now = Date.now()) {
  const days = daysAgo(iso, now);
  if (days === 0) return gettext("Today");
  if (days === 1) return gettext("Yesterday");
  if (days > 1 && days < 7) return capitalized(dateFormat({ weekday: "long" }).format(new Date(iso)));
  const sameYear = new Date(iso).getFullYear() === new Date(now).getFullYear();
  return dateFormat({ day: "numeric", month: "long", year: sameYear ? undefined : "numeric" }).format(new Date(iso));
}

/** The time in the list: clock, weekday or short date. @param {string} iso @param {number} now */
export function listTime(iso, now = Date.now()) {
  const days = daysAgo(iso, now);
  if (days <= 0) return clock(iso);
  if (days < 7) return dateFormat({ weekday: "short" }).format(new Date(iso));
  const sameYear = new Date(iso).getFullYear() === new Date(now).getFullYear();
  return dateFormat(sameYear ? { day: "numeric", month: "numeric" } : { day: "numeric", month: "numeric", year: "2-digit" }).format(new Date(iso));
}

/** How long ago somebody was seen. @param {string} iso @param {number} now */
export function ago(iso, now = Date.now()) {
  const minutes = Math.round((Date.parse(iso) - now) / 60_000);
  formats.has("ago") || formats.set("ago", new Intl.RelativeTimeFormat(language, { numeric: "auto" }));
  const format = /** @type {Intl.RelativeTimeFormat} */ (formats.get("ago"));
  if (minutes > -60) return format.format(Math.min(minutes, -1), "minute");
  if (minutes > -1440) return format.format(Math.round(minutes / 60), "hour");
  return format.format(Math.round(minutes / 1440), "day");
}

/** @type {[string, number][]} */
const UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** A length of time in its largest unit: "5 minutes"; what is left over counts as one more, but for the moment that the server's clock was on its way. @param {number} seconds */
export function span(seconds) {
  const [unit, size] = UNITS.find((entry) => seconds >= entry[1]) ?? UNITS[3];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(Math.ceil(seconds / size - 0.05));
}

/** Names joined as the language does it. @param {string[]} names */
export const joinNames = (names) => new Intl.ListFormat(language, { type: "conjunction" }).format(names);

/** A number in the language's figures. @param {number} n */
export const figure = (n) => new Intl.NumberFormat(language).format(n);

/** Sorts names as the language does. @param {string} a @param {string} b */
export function compareNames(a, b) {
  formats.has("names") || formats.set("names", new Intl.Collator(language, { sensitivity: "base", numeric: true }));
  return formats.get("names").compare(a, b);
}

/** A text without marks and case, for finding names: "nguyen" finds "Nguyễn". @param {string} text */
export const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLocaleLowerCase();
