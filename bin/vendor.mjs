#!/usr/bin/env node
// Rebuilds static/js/vendor/*.js, static/icons/icons.svg, static/emoji/*.json and VENDOR.md from the versions pinned in package.json.
// (the builds for Node of lit-html: they do the same in a browser, and unit tests can load them)
// Development only: npm install && node bin/vendor.mjs
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { buildSync } from "esbuild";
import { pinyin } from "pinyin-pro";

const UI = `
  export { html, svg, render, nothing, noChange } from "lit-html";
  export { repeat } from "lit-html/directives/repeat.js";
  export { guard } from "lit-html/directives/guard.js";
  export { keyed } from "lit-html/directives/keyed.js";
  export { ref, createRef } from "lit-html/directives/ref.js";
  export { live } from "lit-html/directives/live.js";
  export { classMap } from "lit-html/directives/class-map.js";
  export { ifDefined } from "lit-html/directives/if-defined.js";
  export { unsafeHTML } from "lit-html/directives/unsafe-html.js";
  export { signal, computed, effect, batch, untracked, Signal } from "@preact/signals-core";`;
const ICONS = `arrow-down arrow-left arrow-up at-sign audio-lines ban bell bell-off bookmark calendar-days camera check
  check-check chevron-down chevron-left chevron-right chevron-up circle-alert circle-check circle-x clock compass copy
  copy-check crown dog download ellipsis ellipsis-vertical eraser eye eye-off file file-archive file-text film flag folder-open
  forward globe hash heart history image image-off images inbox info key-round keyboard languages laptop laugh lightbulb link
  list loader-circle lock log-in log-out mail mail-open mails megaphone menu message-circle mic-off message-square-plus
  messages-square mic monitor moon music package palette panel-right paperclip pause pencil pin pin-off plane play plus
  refresh-cw reply rotate-ccw search send-horizontal settings shield shield-check sliders-horizontal smartphone smile
  smile-plus spade square square-pen star sun sun-moon timer trash-2 triangle-alert trophy type undo-2 upload user user-check
  user-minus user-plus users users-round user-x utensils volume-2 wifi-off x zoom-in`.split(/\s+/);

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;
const rows = [];
const put = (file, text, names, licence) => {
  writeFileSync(file, text);
  const from = [names].flat().map((name) => `${name} ${version(name)}`).join(", ");
  rows.push(`| ${file} | ${from} | ${licence} | ${createHash("sha256").update(text).digest("hex")} |`);
};
const bundle = (contents, banner, how = { platform: "neutral", conditions: ["node"] }) => buildSync({
  stdin: { contents, resolveDir: "." }, bundle: true, minify: true, format: "esm", target: "es2022", ...how,
  legalComments: "none", banner: { js: banner }, write: false,
}).outputFiles[0].text;

// Since lit-html 3.3.1 each row that `repeat` takes away leaves a comment behind (github.com/lit/lit/issues/5298): long reading filled the page.
const REMOVE_PART = /(\w+)=>\{\1\._\$AR\(\),\1\._\$AA\.remove\(\)\}/g;
const withoutLeak = (code) => {
  if (code.match(REMOVE_PART)?.length !== 1) throw new Error("lit-html removes parts in another way now: is its leak closed?");
  return code.replace(REMOVE_PART, "$1=>{$1._$$AR(),$1._$$AA.remove(),$1._$$AB?.remove()}");
};
put("static/js/vendor/ui.js", withoutLeak(bundle(UI, `/* lit-html ${version("lit-html")}, BSD-3-Clause, Copyright Google LLC;
   @preact/signals-core ${version("@preact/signals-core")}, MIT, Copyright Preact Team */`)), ["lit-html", "@preact/signals-core"], "BSD-3-Clause, MIT");

put("static/js/vendor/tus.js", bundle('export { Upload } from "tus-js-client";', `/* tus-js-client ${version("tus-js-client")}, MIT, Copyright Transloadit Ltd and contributors */`,
  { platform: "browser", mainFields: ["browser", "module", "main"] }), "tus-js-client", "MIT");

const symbol = (name) => {
  const source = readFileSync(`node_modules/lucide-static/icons/${name}.svg`, "utf8");
  const shapes = source.slice(source.indexOf(">", source.indexOf("<svg")) + 1, source.lastIndexOf("</svg>")).replace(/\s+/g, " ").trim();
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
};
put("static/icons/icons.svg", `<svg xmlns="http://www.w3.org/2000/svg"><!-- lucide-static ${version("lucide-static")}, ISC, Copyright Lucide Contributors -->\n${
  ICONS.map(symbol).join("\n")}\n</svg>\n`, "lucide-static", "ISC");

for (const subset of ["latin", "vietnamese"]) {
  const font = execFileSync("bin/cut_font", [`node_modules/@fontsource-variable/inter/files/inter-${subset}-wght-normal.woff2`]);
  put(`static/fonts/inter-${subset}.woff2`, font, "@fontsource-variable/inter", "OFL-1.1");
}

// Emoji with their names and words to find them by, one file per language: groups of [emoji, name, words, has skin tones, version].
const NEWEST_EMOJI = 16, OLD_EMOJI = 5, COMPONENTS = 2;
for (const language of ["en", "vi", "zh"]) {
  const all = JSON.parse(readFileSync(`node_modules/emoji-picker-element-data/${language}/cldr/data.json`, "utf8"));
  const groups = [];
  for (const e of all.sort((a, b) => a.order - b.order)) {
    if (e.version >= NEWEST_EMOJI + 1 || e.group === COMPONENTS) continue;
    const char = e.emoji.replace(/(\p{Emoji_Presentation})\ufe0f/gu, "$1"); // one form of each, that of the standard
    const entry = [char, e.annotation, (e.tags ?? []).filter((tag) => !e.annotation.includes(tag)).join(" ")];
    if (e.skins || e.version > OLD_EMOJI) entry.push(e.skins ? 1 : 0);
    if (e.version > OLD_EMOJI) entry.push(e.version);
    (groups[e.group] ??= []).push(entry);
  }
  put(`static/emoji/${language}.json`, `${JSON.stringify(groups.filter(Boolean))}\n`, "emoji-picker-element-data", "Apache-2.0");
}

// How the Chinese letters of those names and words are spelt there: each syllable with its letters.
const syllables = {};
for (const [, name, words] of JSON.parse(readFileSync("static/emoji/zh.json", "utf8")).flat()) {
  for (const word of `${name} ${words}`.match(/\p{Script=Han}+/gu) ?? []) {
    pinyin(word, { toneType: "none", type: "array", v: true }).forEach((syllable, at) => {
      (syllables[syllable] ??= new Set()).add([...word][at]);
    });
  }
}
put("static/emoji/pinyin.json", `${JSON.stringify(Object.fromEntries(Object.entries(syllables).sort().map(([syllable, letters]) => [syllable, [...letters].sort().join("")])))}\n`,
  ["emoji-picker-element-data", "pinyin-pro"], "Apache-2.0, MIT");

writeFileSync("static/js/vendor/VENDOR.md", `# Code of others in this tree

Built by \`npm install && node bin/vendor.mjs\` (versions pinned in package.json). Never edited by hand; a test checks the sums.

| file | from | licence | sha256 |
|---|---|---|---|
${rows.join("\n")}
`);
