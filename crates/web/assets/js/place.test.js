import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { between, driveMinutes, read } from "./place.js";

test("distances are the server's", () => {
  for (const { from, to, words } of JSON.parse(readFileSync(new URL("place.cases.json", import.meta.url), "utf8"))) {
    assert.equal(between(from, to), words, `${from} to ${to}`);
  }
  assert.equal(between("35,140", undefined), "位置未登録");
});

test("what is no place", () => {
  for (const place of ["", "35", "91,0", "0,181", "a,b", "1,2,3"]) assert.equal(read(place), null, place);
  assert.equal(driveMinutes(0), 1);
});
