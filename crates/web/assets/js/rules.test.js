import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { age, ageWords, band, bars, clock, counts, hours, moment } from "./age.js";
import { accepts, everything, facts, isWithin, narrows, parameters, shows } from "./filter-rule.js";
import { foldDigits, foldSearch, readCount } from "./fold.js";
import { Rules, names, reader } from "./rules.js";
import { sumWords, totals } from "./totals.js";
import { countWrong, readClock, readDate } from "./typed.js";

const at = (words) => Date.parse(words);
const now = at("2026-04-10T09:42:00+09:00");

test("ages say what the server says", () => {
  const cases = JSON.parse(readFileSync(new URL("age.cases.json", import.meta.url), "utf8"));
  for (const c of cases) {
    assert.equal(ageWords(at(c.at), at(c.now)), c.words);
    assert.equal(bars(at(c.at), at(c.now)), c.bars, c.at);
  }
  assert.deepEqual(age(at("2026-04-09T12:12:00+09:00"), now), { word: "昨日", detail: "12:12" });
});

test("bands", () => {
  const minutes = (n) => band(now - n * 60_000, now);
  assert.deepEqual([0, 60, 61, 582, 583, 1440, 1441, 2880, 2881].map(minutes), [
    "hour", "hour", "today", "today", "day", "day", "over-day", "over-day", "over-two-days",
  ]);
  assert.equal(band(null, now), "never");
  assert.ok(counts(now - 48 * 3_600_000, now) && !counts(now - 48 * 3_600_000 - 1, now) && !counts(null, now));
});

test("clocks are Japan's wherever the screen stands", () => {
  assert.equal(clock(now), "09:42");
  assert.equal(clock(now, true), "09:42:00");
  assert.equal(moment(now), "4月10日（金）09:42");
  assert.deepEqual(["07:59", "08:00", "17:59", "18:00"].map((t) => hours(at(`2026-04-10T${t}:00+09:00`))), ["night", "day", "day", "night"]);
});

test("searches meet names", () => {
  for (const [typed, name] of [
    ["しりつさつほろひよういん", "シリツサツホロヒヨウイン"],
    ["ｾﾝﾀｰ", "センター"],
    ["せんた", "センター"],
    ["キヨウワ", "キョウワ"],
    ["ＡＢＣ　病院", "abc病院"],
    ["鎌ヶ谷", "鎌ケ谷"],
    ["高崎", "髙﨑"],
    ["ジョン・スミス", "じよんすみす"],
    ["葛飾", "葛\u{e0100}飾"],
  ]) {
    assert.equal(foldSearch(typed), foldSearch(name), typed);
  }
  assert.notEqual(foldSearch("かき"), foldSearch("がき"));
});

test("counts as people type them", () => {
  for (const [typed, expected] of [["", null], ["　", null], ["４", 4], ["0", 0], [" 1,234 ", 1234], ["１，２３４，５６７", 1234567], ["-1", undefined], ["1.5", undefined], ["1,2", undefined], ["四", undefined]]) {
    assert.equal(readCount(typed), expected, typed);
  }
  assert.equal(foldDigits("１２"), "12");
});

const row = facts({
  at: String(now - 90 * 60_000), area: "9901", muni: "990011", can: String(now - 90 * 60_000), tot: "2", sev: "0", mild: "1", totAt: String(now - 3 * 86_400_000),
  care: "pediatric", q: "凪浦市民病院なぎうらしみんびよういん凪浦市",
});

test("a filter shows what the address shows", () => {
  for (const [part, expected] of [
    [{}, true],
    [{ search: "なぎうら" }, true],
    [{ search: "ﾅｷﾞｳﾗ 市民" }, true],
    [{ search: "東京" }, false],
    [{ area: "9901" }, true],
    [{ area: "9902" }, false],
    [{ municipality: "990020" }, false],
    [{ accepting: true }, true],
    [{ severity: "severe" }, false],
    [{ severity: "moderate" }, false],
    [{ severity: "mild" }, true],
    [{ care: ["pediatric"] }, true],
    [{ care: ["pediatric", "dialysis"] }, false],
    [{ within: 1 }, false],
    [{ within: 2 }, true],
  ]) {
    assert.equal(shows({ ...everything(), ...part }, row, now), expected, JSON.stringify(part));
  }
});

test("who can take a patient now is what the server says", () => {
  const cases = JSON.parse(readFileSync(new URL("accepts.cases.json", import.meta.url), "utf8"));
  for (const { why, row, door, emergency, beds, accepts: expected } of cases) {
    const can = ["normal", "limited"].includes(emergency) && beds !== 0;
    const own = facts({ at: String(now - row * 60_000), ...(can ? { can: String(now - door * 60_000) } : {}) });
    assert.equal(accepts(own, now), expected, why);
    assert.equal(totals([own], now).accepting, expected ? 1 : 0, why);
    assert.equal(shows({ ...everything(), accepting: true }, own, now), expected, why);
  }
  assert.ok(!accepts(facts({ at: String(now), can: "" }), now), "a row of an older program says nothing of its door's age");
});

test("a view can be sent", () => {
  const filter = { ...everything(), search: "なぎ", accepting: true, care: ["pediatric", "dialysis"], within: 6, order: "beds" };
  assert.equal(new URLSearchParams(parameters(filter)).toString(), "q=%E3%81%AA%E3%81%8E&accepting=1&care=pediatric&care=dialysis&within=6&order=beds");
  assert.ok(narrows(filter) && !narrows({ ...everything(), order: "beds" }));
  const far = { ...everything(), level: "tertiary", devices: ["ecmo"], near: "35.6074,140.1065", order: "distance" };
  assert.equal(new URLSearchParams(parameters(far)).toString(), "level=tertiary&device=ecmo&near=35.6074%2C140.1065&order=distance");
  assert.ok(narrows(far) && !narrows({ ...everything(), near: "35.6074,140.1065", order: "distance" }), "how far it is leaves nobody out");
});

test("the rows of one filter are enough for a narrower one", () => {
  const base = { ...everything(), search: "なぎ", accepting: true, care: ["pediatric"], within: 24 };
  for (const [part, expected] of [
    [{}, true],
    [{ search: "ナギウラ 市民" }, true],
    [{ area: "9901", severity: "severe", devices: ["ecmo"], care: ["dialysis", "pediatric"], within: 6 }, true],
    [{ search: "" }, false],
    [{ search: "な" }, false],
    [{ accepting: false }, false],
    [{ care: ["dialysis"] }, false],
    [{ within: 48 }, false],
    [{ within: null }, false],
  ]) {
    assert.equal(isWithin({ ...base, ...part }, base), expected, JSON.stringify(part));
  }
  for (const part of [{ area: "9901" }, { municipality: "990011" }, { severity: "mild" }, { level: "tertiary" }, { devices: ["ecmo"] }]) {
    assert.ok(!isWithin(base, { ...base, ...part }) && isWithin({ ...base, ...part }, base), JSON.stringify(part));
  }
});

test("sums say who is missing", () => {
  const fresh = facts({ at: String(now), can: String(now), tot: "4", sev: "1" });
  const none = facts({ at: "" });
  assert.deepEqual(totals([fresh, row, none], now), { hospitals: 3, accepting: 2, available: 4, severe: 1, moderate: null, mild: 1, unanswered: 2 });
  assert.deepEqual(["－", "0"], [null, 0].map(sumWords));
});

test("dates and times as people type them, on the server's table", () => {
  const cases = JSON.parse(readFileSync(new URL("../../../domain/tests/it/typed.cases.json", import.meta.url), "utf8"));
  for (const [read, table] of [[readDate, cases.date], [readClock, cases.time]]) {
    // In the table `false` is what does not read.
    for (const [typed, kept] of table) assert.equal(read(typed) === undefined ? false : read(typed), kept, typed);
  }
});

const cel = await import(new URL("../../../../node_modules/@marcbachmann/cel-js/lib/evaluator.js", import.meta.url));

test("rules between items, on the server's table", () => {
  const { cases, survey } = JSON.parse(readFileSync(new URL("../../../domain/tests/it/rules.cases.json", import.meta.url), "utf8"));
  const items = survey.sections.flatMap((section) => section.items.map((item) => item.id));
  const read = reader(cel);
  for (const { holds, plain, answers, verdict, previous = {}, licensed_beds = null } of cases) {
    const facts = { licensed_beds, previous, report_date: "2026-04-10" };
    const said = read(plain)(names(items, facts, (id) => answers[id]));
    assert.equal(said, verdict === "undefined" ? "silent" : verdict, `${holds} of ${JSON.stringify(answers)}`);
  }
});

test("a broken rule stands at its item, or at the first that is answered", () => {
  const rule = { id: "parts", hard: true, holds: "(sum([maybe_now_sev, maybe_now_mild]) <= now_tot)", items: ["sev", "mild", "tot"], item: null, message: "m" };
  const found = (counts, more = {}) => new Rules(cel, [{ ...rule, ...more }], { licensed_beds: null, report_date: "2026-04-10", previous: {} }).broken((id) => counts[id]);
  assert.deepEqual(found({ sev: 1, tot: 0 }), [{ id: "parts", hard: true, item: "sev", message: "m" }]);
  assert.equal(found({ mild: 1, tot: 0 })[0].item, "mild");
  assert.equal(found({ mild: 1, tot: 0 }, { item: "tot" })[0].item, "tot");
  assert.deepEqual(found({ sev: 9 }), [], "a bound that is not known does not bind");
  assert.deepEqual(found({ sev: 0, tot: 0 }), [], "zero is an answer");
});

test("a count out of its bounds is said at once", () => {
  const said = (typed) => countWrong(typed, { min: "1", max: "50" }).length;
  assert.deepEqual(["", "1", "５０", "0", "51", "1.5"].map(said), [0, 0, 0, 1, 1, 1]);
});
