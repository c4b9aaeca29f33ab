/** Emoji as data: names in the page's language, search, skin tones, those used last. */
import { byId, keepHere } from "../core/dom.js";
import { folded } from "../core/i18n.js";

/** @typedef {{char: string, name: string, words: string, toned: boolean, group: number, version: number, english?: string, text?: string, names?: string[]}} Emoji */
/** How Chinese letters are spelt: those that have more than one reading have all of them. @typedef {Map<string, string[]>} Spelling */

const RECENT = "chatroom.emoji.recent";
const TONE = "chatroom.emoji.tone";
const RECENT_MAX = 27;
const POPULAR = ["👍", "❤️", "😂", "😊", "🎉", "🙏", "😍", "😭", "👏"];
const FLAGS = 8;
const TONES = ["", "\u{1f3fb}", "\u{1f3fc}", "\u{1f3fd}", "\u{1f3fe}", "\u{1f3ff}"];

/** @type {Promise<Emoji[]> | null} */
let loading = null;

/** @type {Spelling} */
let spelling = new Map();

/** All emoji that this device can draw, in the page's language; fetched once. */
export function loadEmoji() {
  loading ??= fetchEmoji().catch((error) => { loading = null; throw error; });
  return loading;
}

async function fetchEmoji() {
  const urls = byId("composer-emoji").dataset;
  const language = document.documentElement.lang.slice(0, 2);
  const get = (/** @type {string | undefined} */ url) => fetch(url ?? "").then((response) => (response.ok ? response.json() : Promise.reject(new Error(`${response.status}`))));
  const english = get(urls.en);
  const own = urls[language];
  const all = parse(own && own !== urls.en ? await get(own) : await english);
  // Without these, what is written in the page's own language is still found
  if (own !== urls.en) english.then((groups) => addEnglish(all, groups), () => {});
  if (language === "zh") get(urls.pinyin).then((syllables) => { spelling = spellingOf(syllables); }, () => {});
  return all.filter(drawable());
}

/** The file's groups as one list. @param {any[][]} groups @returns {Emoji[]} */
export const parse = (groups) => groups.flatMap((group, at) => group.map(([char, name, words, toned = 0, version = 0]) => ({ char, name, words, toned: !!toned, group: at, version })));

/** Makes emoji known by their English words too. @param {Emoji[]} all @param {any[][]} groups the English file */
export function addEnglish(all, groups) {
  groups.flat().forEach(([, name, words], at) => Object.assign(all[at], { english: `${name}\n${words}`, text: undefined }));
}

/** Tells which emoji are more than an empty box here: one sample for each version, and one flag. @returns {(e: Emoji) => boolean} */
function drawable() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return () => true;
  context.font = '100px "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif';
  context.textBaseline = "top";
  context.scale(0.01, 0.01);
  const pixel = (/** @type {string} */ char, /** @type {string} */ colour) => {
    context.clearRect(0, 0, 100, 100);
    context.fillStyle = colour;
    context.fillText(char, 0, 0);
    return context.getImageData(0, 0, 1, 1).data.join();
  };
  const one = context.measureText("😀").width;
  // A picture has its own colours; letters and boxes have that of the pen. A sequence that is not known is drawn as several.
  const works = (/** @type {string} */ char) => {
    const black = pixel(char, "#000");
    return black === pixel(char, "#fff") && black !== "0,0,0,0" && context.measureText(char).width < one * 1.5;
  };
  if (!works("😀")) return () => true; // a browser that hides what it draws
  const flags = works("🇻🇳");
  /** @type {Map<string, boolean>} */
  const known = new Map();
  return (e) => {
    if (e.group === FLAGS && /^\p{RI}/u.test(e.char)) return flags;
    if (!e.version) return true;
    const key = `${e.version}${e.char.includes("\u200d")}`;
    if (!known.has(key)) known.set(key, works(e.char));
    return known.get(key) ?? true;
  };
}

/** @param {Record<string, string>} syllables each with its letters @returns {Spelling} */
export function spellingOf(syllables) {
  const found = new Map();
  for (const [syllable, letters] of Object.entries(syllables)) for (const letter of letters) found.set(letter, [...(found.get(letter) ?? []), syllable]);
  return found;
}

/** Is this how a Chinese text begins in pinyin? Whole syllables, first letters, or both mixed. @param {string} text @param {string} typed @param {Spelling} known @returns {boolean} */
function isSpelt(text, typed, known) {
  if (!typed) return true;
  const [letter = ""] = text;
  const rest = text.slice(letter.length);
  return (known.get(letter) ?? []).some((syllable) => syllable.startsWith(typed) || (typed.startsWith(syllable) && isSpelt(rest, typed.slice(syllable.length), known))
    || (typed[0] === syllable[0] && isSpelt(rest, typed.slice(1), known)));
}

const plain = (/** @type {string} */ text) => folded(text).replace(/[^\p{L}\p{N}\n]+/gu, " ");

/** Those that fit the words, the best first: name, beginning of a word of the name, any word. @param {Emoji[]} all @param {string} query @param {Spelling} known @returns {Emoji[]} */
export function findEmoji(all, query, known = spelling) {
  const wanted = plain(query).trim();
  const char = query.trim();
  const words = wanted.split(" ").filter(Boolean);
  if (!words.length) return all.filter((e) => bare(e.char) === bare(char));
  const typed = words.join("");
  const rank = (/** @type {Emoji} */ e) => {
    if (e.text === undefined) {
      const [name, english = "", more = ""] = [e.name, ...(e.english ?? "").split("\n")].map(plain);
      e.names = english ? [name, english] : [name];
      e.text = ` ${e.names.join(" ")} ${plain(e.words)} ${more}`;
    }
    const { text, names = [] } = e;
    if (names.includes(wanted)) return 0;
    if (names.some((name) => name.startsWith(wanted))) return 1;
    if (names.some((name) => ` ${name}`.includes(` ${wanted}`))) return 2;
    if (words.every((word) => ` ${text} `.includes(` ${word} `))) return 3;
    if (words.every((word) => text.includes(` ${word}`))) return 4;
    if (words.every((word) => /\p{Script=Han}/u.test(word) && text.includes(word))) return 5;
    if (!known.size || !/^[a-z]{2,}$/.test(typed)) return 9;
    if (isSpelt(e.name, typed, known)) return 6;
    return e.words.split(" ").some((word) => isSpelt(word, typed, known)) ? 7 : 9;
  };
  return all.map((e) => /** @type {const} */ ([rank(e), e])).filter(([r]) => r < 9).sort((a, b) => a[0] - b[0]).map(([, e]) => e);
}

/** The emoji in a skin tone of 1 to 5; 0 leaves it yellow. @param {string} char @param {number} tone */
export function inTone(char, tone) {
  if (!tone) return char;
  const parts = char.split("\u200d");
  const worn = (/** @type {string} */ part) => /^\p{Emoji_Modifier_Base}/u.test(part) && !(parts.length > 1 && part === "🤝");
  return parts.map((part) => (worn(part) ? part.replace(/^(.)\ufe0f?/u, `$1${TONES[tone]}`) : part)).join("\u200d");
}

/** An emoji without skin tone and variation marks, to compare. @param {string} char */
export const bare = (char) => char.replace(/[\u{1f3fb}-\u{1f3ff}\ufe0f]/gu, "");

/** The chosen skin tone. */
export const tone = () => Number(localStorage.getItem(TONE)) || 0;
/** @param {number} chosen */
export const setTone = (chosen) => keepHere(TONE, String(chosen));

/** Emoji used last, the newest first, filled up with popular ones. @returns {string[]} */
export function recent() {
  const kept = (localStorage.getItem(RECENT) ?? "").split(" ").filter(Boolean);
  return kept.length < POPULAR.length ? [...kept, ...POPULAR.filter((char) => !kept.includes(char))].slice(0, POPULAR.length) : kept;
}

/** Remembers that an emoji was used. @param {string} char */
export function used(char) {
  const kept = (localStorage.getItem(RECENT) ?? "").split(" ").filter((other) => other && other !== char);
  keepHere(RECENT, [char, ...kept].slice(0, RECENT_MAX).join(" "));
}
