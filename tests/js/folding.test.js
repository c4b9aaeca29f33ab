import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { match } from "../../static/js/core/match.js";

const cases = JSON.parse(readFileSync(new URL("../folding_cases.json", import.meta.url), "utf8"));

test("the browser finds what the server finds", () => {
  for (const { query, text, found } of cases) assert.equal(match(query, text) !== null, found, `${query} in ${text}`);
});
