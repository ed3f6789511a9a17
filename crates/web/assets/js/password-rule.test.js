import assert from "node:assert/strict";
import test from "node:test";
import { judge } from "./password-rule.js";

test("a password is judged as the server will judge it", () => {
  const id = "F12K7QPX";
  for (const [password, level, words] of /** @type {[string, number, RegExp][]} */ ([
    ["", 0, /^$/],
    ["kelp", 1, /あと 4 文字（いま 4 文字）/],
    ["my f12k7 qpx is it", 1, /ID を含まない/],
    ["ｆ１２ｋ７ｑｐｘ-kelp", 1, /ID を含まない/],
    ["abababababababab", 1, /繰り返し/],
    ["0312345678901", 1, /数字だけ/],
    ["tx9-kelp", 2, /2 段階の確認と一緒に使えます.*あと 5 文字/],
    ["correct horse", 3, /13 文字（足りています）/],
    ["correct horse battery", 4, /足りています/],
    ["青い朝のとうふ屋が三軒ならぶ", 3, /14 文字/],
    ["𠮷𠮷𠮷", 1, /いま 3 文字/],
  ])) {
    const said = judge(password, id);
    assert.equal(said.level, level, password);
    assert.match(said.words, words, password);
  }
});
