import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { addEnglish, findEmoji, inTone, parse, recent, spellingOf, used } from "../../static/js/chat/emojidata.js";

const file = (language) => readFileSync(new URL(`../../static/emoji/${language}.json`, import.meta.url));
const groups = (language) => JSON.parse(file(language).toString());
const chars = (found) => found.map((e) => e.char);

test("each language has the same emoji in the same order, in at most 45 kB", () => {
  const english = parse(groups("en"));
  assert.ok(english.length > 1800);
  for (const { char, toned } of english) {
    for (let tone = toned ? 5 : 0; tone >= 0; tone--) assert.match(inTone(char, tone), /^\p{RGI_Emoji}$/v);
  }
  for (const language of ["en", "vi", "zh"]) {
    assert.deepEqual(chars(parse(groups(language))), chars(english));
    assert.ok(gzipSync(file(language), { level: 9 }).length <= 45_000, language);
    assert.ok(parse(groups(language)).every((e) => e.name), language);
  }
});

test("names are found before other words, and by their beginning", () => {
  const all = parse(groups("en"));
  assert.equal(chars(findEmoji(all, "thumbs up"))[0], "👍");
  assert.equal(chars(findEmoji(all, "PIZZA"))[0], "🍕");
  assert.ok(chars(findEmoji(all, "smi")).includes("😊"));
  assert.ok(chars(findEmoji(all, "bye")).includes("👋"), "a keyword");
  assert.deepEqual(findEmoji(all, "zzzz"), []);
  assert.deepEqual(chars(findEmoji(all, "❤")), ["❤️"]);
  assert.deepEqual(findEmoji(all, " "), []);
});

test("Vietnamese is found with and without marks and đ, and in English", () => {
  const all = parse(groups("vi"));
  assert.equal(chars(findEmoji(all, "vẫy tay"))[0], "👋");
  assert.equal(chars(findEmoji(all, "VAY TAY"))[0], "👋");
  assert.ok(chars(findEmoji(all, "dong y")).includes("🤝"), "đồng ý");
  assert.ok(!chars(findEmoji(all, "handshake")).includes("🤝"));
  addEnglish(all, groups("en"));
  assert.equal(chars(findEmoji(all, "handshake"))[0], "🤝");
});

test("Chinese is found by any part of a word", () => {
  const all = parse(groups("zh"));
  assert.equal(chars(findEmoji(all, "握手"))[0], "🤝");
  assert.ok(chars(findEmoji(all, "笑")).includes("😃"));
});

test("Chinese is found by its pinyin, whole or by first letters", () => {
  const all = parse(groups("zh"));
  const known = spellingOf(JSON.parse(file("pinyin").toString()));
  assert.ok(gzipSync(file("pinyin"), { level: 9 }).length <= 8_000);
  assert.equal(chars(findEmoji(all, "woshou", known))[0], "🤝");
  for (const typed of ["xiaokule", "xiao ku le", "xkl", "xiaokl"]) assert.equal(chars(findEmoji(all, typed, known))[0], "😂", typed);
  assert.ok(chars(findEmoji(all, "yinyue", known)).includes("🎵"), "a reading among several");
  assert.ok(!chars(findEmoji(all, "woshou", new Map())).length);
  assert.deepEqual(findEmoji(all, "zzzz", known), []);
});

test("a skin tone goes after each person, and never on what has none", () => {
  assert.equal(inTone("👍", 3), "👍🏽");
  assert.equal(inTone("☝️", 1), "☝🏻");
  assert.equal(inTone("👩‍❤️‍👨", 5), "👩🏿‍❤️‍👨🏿");
  assert.equal(inTone("🧑‍🤝‍🧑", 2), "🧑🏼‍🤝‍🧑🏼");
  assert.equal(inTone("👍", 0), "👍");
});

test("what was used last comes first, once", () => {
  const kept = new Map();
  globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  assert.equal(recent()[0], "👍");
  for (const char of ["🍕", "🐢", "🍕"]) used(char);
  assert.deepEqual(recent().slice(0, 3), ["🍕", "🐢", "👍"]);
  for (const e of parse(groups("en")).slice(0, 60)) used(e.char);
  assert.equal(recent().length, 27);
});

test("every tab of the picker has its icon", () => {
  const source = readFileSync(new URL("../../static/js/chat/emoji.js", import.meta.url)).toString();
  const sprite = readFileSync(new URL("../../static/icons/icons.svg", import.meta.url)).toString();
  const names = [...source.matchAll(/\["([\w-]+)", gettext/g)].map((m) => m[1]);
  assert.equal(names.length, 10);
  for (const name of names) assert.ok(sprite.includes(`<symbol id="${name}"`), name);
});
