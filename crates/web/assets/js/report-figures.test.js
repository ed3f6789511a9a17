import assert from "node:assert/strict";
import { test } from "node:test";
import { figures, rate } from "./report-figures.js";

const of = (answers) => figures((item) => (item in answers ? answers[item] : null));

test("rates", () => {
  assert.deepEqual([rate(9, 20), rate(0, 20), rate(1, 900), rate(899, 900), rate(900, 900), rate(25, 20)], ["45 %", "0 %", "1 % 未満", "99 % 台", "100 %", "125 %"]);
});

test("rates that a survey defines", () => {
  const rates = [{ label: "病床使用率", part: ["in_use", "inpatients"], whole: "beds" }];
  const said = (answers) => figures((item) => (item in answers ? answers[item] : null), rates);
  assert.deepEqual(said({ inpatients: 9, beds: 20 }), ["病床使用率 45 %（9／20）"]);
  assert.deepEqual(said({ in_use: 5, inpatients: 9, beds: 20 }), ["病床使用率 25 %（5／20）"]);
  assert.deepEqual([said({ beds: 20 }), said({ inpatients: 9, beds: 0 })], [[], []]);
});

test("what the figures say together", () => {
  assert.deepEqual(of({}), []);
  assert.deepEqual(of({ inpatients_in_secured: 9, secured_beds: 20 }), ["確保病床の使用率 45 %（9／20 床）"]);
  assert.deepEqual(of({ inpatients_in_secured: 9, secured_beds: 0 }), []);
  assert.deepEqual(of({ inpatients_in_secured: undefined, secured_beds: 20 }), []);
  assert.deepEqual(of({ available_beds: 4, available_beds_severe: 1, available_beds_mild: 2 }), ["空床の内訳 3 床（計 4、未回答 1）"]);
  assert.deepEqual(of({ available_beds: 4, available_beds_severe: 1, available_beds_moderate: 1, available_beds_mild: 2 }), ["空床の内訳 4 床（計 4）"]);
  assert.deepEqual(of({ inpatients_total: 9, inpatients_severe: 0 }), ["入院患者の内訳 0 人（計 9、未回答 3）"]);
});
