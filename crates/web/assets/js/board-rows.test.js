import assert from "node:assert/strict";
import { test } from "node:test";
import { groupsOf } from "./board-rows.js";

const now = Date.parse("2026-04-10T09:42:00+09:00");

/** A row of so many minutes ago, or never; with a star it has moved. */
const row = (words) => ({ dataset: { at: words.startsWith("-") ? "" : String(now - parseInt(words, 10) * 60_000), ...(words.endsWith("*") ? { moved: "" } : {}) } });

test("under a band no row is older than it says", () => {
  for (const [rows, expected] of [
    ["3 20 90 600 1500 -", "hour 2, today 1, day 1, over-day 1, never 1"],
    // What moved by a report of now stays where it stood, and is fresher than the band says.
    ["3 90 1* 100", "hour 1, today 3"],
    ["600 1* 700", "day 3"],
    // What moved and is older says so: taken back, or no longer shared.
    ["3 1400* 20 90", "hour 1, day 1, hour 1, today 1"],
    ["3 20 3000*", "hour 2, over-two-days 1"],
    ["3 -* 20", "hour 1, never 1, hour 1"],
    ["1400* 3", "day 1, hour 1"],
    ["- 1*", "never 2"],
  ]) {
    assert.equal(groupsOf(rows.split(" ").map(row), now).map((group) => `${group.band} ${group.rows}`).join(", "), expected, rows);
  }
});
