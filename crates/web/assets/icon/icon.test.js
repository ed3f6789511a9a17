import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ICONS, draw, pixelsOf } from "../../../../tests/icons/make.mjs";

test("the icons are what tests/icons/make.mjs draws", () => {
  for (const [name, size, fill, round] of ICONS) {
    const file = readFileSync(new URL(name, import.meta.url));
    const [theirs, ours] = [pixelsOf(file), draw(size, fill, round)];
    assert.equal(theirs.length, ours.length, name);
    let far = 0;
    for (let at = 0; at < ours.length; at += 1) far = Math.max(far, Math.abs(ours[at] - theirs[at]));
    assert.ok(far <= 1, `${name} is old: node tests/icons/make.mjs`);
  }
});
