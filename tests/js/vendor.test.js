import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root));

test("vendored files are those that VENDOR.md names", () => {
  const rows = [...read("static/js/vendor/VENDOR.md").toString().matchAll(/^\| (static\S+) \| .* \| (\w{64}) \|$/gm)];
  assert.ok(rows.length >= 4);
  for (const [, path, sum] of rows) assert.equal(createHash("sha256").update(read(path)).digest("hex"), sum, path);
});

test("every icon that is named is in the sprite", () => {
  const sprite = read("static/icons/icons.svg").toString();
  const files = (folder, end) => readdirSync(new URL(folder, root), { recursive: true }).map(String)
    .filter((name) => name.endsWith(end) && !name.startsWith("vendor")).map((name) => read(`${folder}${name}`).toString());
  const sources = files("static/js/", ".js");
  const shell = files("templates/", ".html").join("\n");
  const names = [...sources.flatMap((s) => [...s.matchAll(/icon\("([\w-]+)"\)|icon: "([\w-]+)"|item\("([\w-]+)"/g)].map((m) => m[1] ?? m[2] ?? m[3])), ...[...shell.matchAll(/_(?:icon|mark)\.html" with name="([\w-]+)"/g)].map((m) => m[1])];
  assert.ok(names.length > 20);
  for (const name of names) assert.ok(sprite.includes(`<symbol id="${name}"`), name);
});
