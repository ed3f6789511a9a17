// The line without a browser: its clocks, its stream and its pages are the test's, so that sleeps, late words and clocks that are set can be had.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const BEGIN = Date.parse("2026-04-10T09:42:00+09:00");

class Element {
  constructor() {
    this.dataset = {};
    this.hidden = false;
    this.textContent = "";
    this.parts = new Map();
    this.names = new Set();
    this.classList = { add: (name) => this.names.add(name), remove: (name) => this.names.delete(name) };
  }

  querySelector(selector) {
    if (!this.parts.has(selector)) this.parts.set(selector, new Element());
    return this.parts.get(selector);
  }

  setAttribute() {}
  addEventListener() {}
  prepend() {}
}

class Source {
  constructor(url) {
    this.after = new URL(url).searchParams.get("after");
    this.closed = false;
    this.heard = {};
    sources.push(this);
  }

  addEventListener(name, what) {
    this.heard[name] = what;
  }

  close() {
    this.closed = true;
  }

  /** A word of the server; `id` is that of the event, or of the last one on this stream. */
  say(name, data = {}, id = "") {
    if (!this.closed) this.heard[name]({ data: JSON.stringify(data), lastEventId: id });
  }

  ping(server = time.server, id = "") {
    this.say("ping", { now: new Date(server).toISOString() }, id);
  }
}

let sources, time, rows, reads, shown, listeners;

Object.assign(globalThis, {
  HTMLElement: Element,
  EventSource: Source,
  document: { visibilityState: "visible", createElement: () => new Element() },
  location: { href: "http://board.example/board" },
  addEventListener: (name, what) => (listeners[name] ??= []).push(what),
});
Date.now = () => time.wall;
performance.now = () => time.run;

const { LiveLine } = await import("./live-line.js");

beforeEach(() => {
  [sources, rows, reads, shown, listeners] = [[], [], [], [], {}];
  time = { server: BEGIN, wall: BEGIN, run: 1_000 };
});

/** All clocks go on, the device awake or asleep. */
function pass(milliseconds, { run = true } = {}) {
  time.server += milliseconds;
  time.wall += milliseconds;
  if (run) time.run += milliseconds;
}

function screen(data = {}) {
  const main = new Element();
  Object.assign(main.dataset, { live: "/board/events", cursor: "7", now: String(BEGIN), ...data });
  let ended = 0;
  const line = new LiveLine(main, {
    row: (code) => rows.push(code),
    remove: () => {},
    read: () => new Promise((done) => reads.push((now, cursor = "9") => done(now === null || now === "gone" ? now : { now, cursor, take: () => shown.push(cursor) }))),
    signedOut: () => (ended += 1),
    gone: () => (ended += 1),
  });
  const conn = main.querySelector("[data-conn]");
  return {
    line,
    get says() {
      return line.lost.shown ? "lost" : conn.textContent.slice(0, 3);
    },
    get head() {
      return line.lost.bar.querySelector("[data-head]").textContent;
    },
    get ended() {
      return ended;
    },
    get source() {
      return sources.at(-1);
    },
    /** Ticks each second; the server's pings come in between where somebody says them. */
    seconds(n, ping = false) {
      for (let second = 1; second <= n; second += 1) {
        pass(1_000);
        line.tick();
        if (ping && ((time.server - BEGIN) / 1_000) % 15 === 0) this.source.ping();
      }
    },
  };
}

const settled = () => new Promise((done) => setImmediate(done));

test("it is live with its first word, and lost 20 seconds after the last", () => {
  const s = screen();
  s.line.connect();
  assert.equal(s.source.after, "7");
  s.seconds(1);
  s.source.ping();
  assert.equal(s.says, "ライブ");
  s.source.say("row", { code: "H1" }, "8");
  assert.deepEqual([rows, s.line.cursor], [["H1"], "8"]);
  s.seconds(20);
  assert.equal(s.says, "ライブ");
  s.seconds(1);
  assert.equal(s.says, "lost");
});

test("what asks for the board anew holds the place in the stream until it was read, however often that fails", async () => {
  const s = screen();
  s.line.connect();
  s.source.ping();
  s.source.say("reset", {}, "20");
  assert.equal(reads.length, 1);
  // The stream goes on meanwhile, and its ids are beyond what asked.
  s.source.ping(time.server, "20");
  s.source.say("row", { code: "H1" }, "21");
  assert.equal(s.line.cursor, "7");
  reads[0](null);
  await settled();
  assert.equal(s.says, "lost", "what must not be shown any more is not called live");
  s.seconds(3);
  assert.equal(s.source.after, "7", "it begins again before what asked");
  s.source.ping();
  assert.equal(s.says, "lost");
  s.seconds(10);
  assert.equal(reads.length, 2, "and is read again");
  reads[1](time.server, "21");
  await settled();
  assert.deepEqual([shown, s.source.after], [["21"], "21"]);
  s.source.ping();
  assert.equal(s.says, "ライブ");
});

test("what was read before it was asked for once more does not do", async () => {
  const s = screen();
  s.line.connect();
  s.source.ping();
  s.source.say("reset", {}, "20");
  s.source.say("reset", {}, "21");
  assert.equal(reads.length, 1, "one at a time");
  reads[0](time.server, "20");
  await settled();
  s.source.ping();
  assert.notEqual(s.says, "lost");
  assert.ok(s.line.anew);
  s.seconds(1);
  assert.equal(reads.length, 2);
  reads[1](time.server, "21");
  await settled();
  assert.ok(!s.line.anew);
});

test("pages come one at a time where the stream does not come through", async () => {
  const s = screen();
  s.line.connect();
  s.seconds(60);
  assert.equal(s.says, "lost");
  s.seconds(60);
  assert.equal(reads.length, 1, "the one that hangs is the only one");
  reads[0](null);
  await settled();
  s.seconds(1);
  reads[1](time.server, "9");
  await settled();
  assert.deepEqual([reads.length, shown, s.says], [2, ["9"], "30 "]);
  s.seconds(29);
  assert.equal(reads.length, 2);
  s.seconds(1);
  assert.equal(reads.length, 3);
});

test("a hanging read stands in no alarm's way", () => {
  const s = screen();
  s.line.want();
  void s.line.read();
  s.seconds(19);
  assert.equal(s.says, "");
  s.seconds(2);
  assert.equal(s.says, "lost");
});

test("while all is well the board is read anew within a quarter of an hour, and the stream goes on unless it is ahead", async () => {
  const s = screen();
  s.line.connect();
  s.source.ping();
  s.seconds(10 * 60 - 1, true);
  assert.equal(reads.length, 0);
  s.seconds(5 * 60 + 1, true);
  assert.equal(reads.length, 1);
  reads[0](time.server, "9");
  await settled();
  assert.deepEqual([shown, sources.length, s.line.cursor, s.says], [["9"], 1, "9", "ライブ"]);
  s.seconds(15 * 60, true);
  assert.equal(reads.length, 2);
  s.source.say("row", { code: "H1" }, "12");
  reads[1](time.server, "11");
  await settled();
  assert.deepEqual([sources.length, s.source.after], [2, "11"], "behind the page, so that the row comes again");
});

for (const [name, sleep] of [["goes on", {}], ["stands still", { run: false }]]) {
  test(`what is heard after a sleep is of before it, where the clock that only goes on ${name}`, async () => {
    const s = screen();
    s.line.connect();
    s.source.ping();
    s.seconds(5);
    const before = s.line.heard;
    pass(3 * 3_600_000, sleep);
    // In the order of a machine that wakes: first what had come, then the clocks.
    s.source.say("row", { code: "H1" }, "8");
    assert.deepEqual([rows, s.line.cursor, s.says, s.line.heard], [[], "7", "lost", before]);
    assert.ok(sources[0].closed);
    s.seconds(1);
    assert.match(s.head, /3時間前の情報です/);
    assert.deepEqual([sources.length, s.source.after], [2, "7"], "it begins again at once, and misses nothing");
    s.source.ping();
    assert.equal(s.says, "ライブ");
    assert.ok(Math.abs(s.line.now() - time.server) < 1_000);
  });
}

test("a page that was asked for before a sleep is not taken after it", async () => {
  const s = screen();
  s.line.connect();
  s.source.ping();
  s.source.say("reset", {}, "20");
  pass(3 * 3_600_000);
  s.line.tick();
  reads[0](BEGIN, "20");
  await settled();
  assert.deepEqual(shown, []);
  assert.equal(s.says, "lost");
});

test("a page that is far behind the server's own word is not taken", async () => {
  const s = screen();
  s.line.connect();
  s.seconds(10 * 60, true);
  s.source.say("reset", {}, "20");
  reads.at(-1)(time.server - 121_000, "20");
  await settled();
  assert.deepEqual([shown, s.says], [[], "lost"]);
});

test("a ping that comes late sets no clock back, unless the next says the same", () => {
  const s = screen();
  s.line.connect();
  s.source.ping();
  s.seconds(15);
  s.source.ping(time.server - 12_000);
  assert.equal(s.line.now(), time.server);
  s.seconds(15);
  s.source.ping(time.server - 5_000);
  assert.equal(s.line.now(), time.server);
  // The device's clock was put on a little: two pings say so.
  time.wall += 10_000;
  assert.equal(s.line.now(), time.server + 10_000);
  s.seconds(10);
  s.source.ping();
  assert.equal(s.line.now(), time.server + 10_000);
  s.seconds(15);
  s.source.ping();
  assert.equal(s.line.now(), time.server);
});

test("a stream that is behind by more than its silence may be is left", () => {
  const s = screen();
  s.line.connect();
  s.source.ping();
  s.seconds(15);
  s.source.ping(time.server - 21_000);
  assert.equal(s.says, "lost");
  assert.ok(sources[0].closed);
  s.seconds(2);
  s.source.ping();
  assert.equal(s.says, "ライブ");
});

for (const [name, wrong] of [["back", -86_400_000], ["on", 86_400_000]]) {
  test(`a clock that is put ${name} by a day neither stops the alarm nor the tries`, () => {
    const s = screen();
    s.line.connect();
    s.source.ping();
    s.seconds(5);
    time.wall += wrong;
    s.seconds(1);
    assert.equal(s.says, "lost");
    assert.equal(sources.length, 2, "it begins again at once");
    s.source.ping();
    assert.equal(s.says, "ライブ");
    assert.equal(s.line.now(), time.server);
    // And without a line it alarms, and tries again and again.
    time.wall -= wrong;
    s.source.closed = true;
    s.seconds(60);
    assert.equal(s.says, "lost");
    assert.ok(sources.length > 4, `${sources.length}`);
  });
}

test("a page out of the browser's cache is of the moment that it names", () => {
  pass(2 * 3_600_000);
  const s = screen();
  s.line.connect();
  assert.deepEqual([s.line.heard, s.line.now()], [BEGIN, time.server]);
  s.seconds(1);
  assert.equal(s.says, "", "its stream is not through yet");
  s.source.heard.error();
  assert.match(s.head, /2時間前の情報です/);
});

test("a page that the server made a minute ago is no lost line, wherever the device's clock stands", () => {
  for (const wrong of [-3_600_000, 0, 3_600_000]) {
    sources.length = 0;
    pass(60_000);
    time.wall = time.server + wrong;
    const s = screen();
    s.line.connect();
    s.seconds(5);
    assert.equal(s.says, "");
    s.source.ping();
    assert.equal(s.says, "ライブ");
    assert.equal(s.line.now(), time.server);
    time = { server: BEGIN, wall: BEGIN, run: 1_000 };
  }
});

test("a page of the device is as old as the device's clock says", () => {
  const stored = BEGIN - 86_400_000;
  // The device's clock is a day behind, and was when the page was put there.
  time.wall = stored + 7_200_000;
  const s = screen({ stored: String(stored) });
  assert.deepEqual([s.line.heard, s.line.now()], [BEGIN, BEGIN + 7_200_000]);
  s.line.lost.show(s.line.heard, s.line.now());
  assert.match(s.head, /2時間前の情報です/);
});

test("where the device's clock stands before the moment that it wrote, nobody knows how old a page is", () => {
  time.wall = BEGIN - 86_400_000;
  const s = screen({ stored: String(BEGIN) });
  assert.deepEqual([s.line.heard, s.line.now()], [BEGIN, BEGIN], "no age is before the page");
  s.line.lost.show(s.line.heard, s.line.now());
  s.seconds(3_600);
  assert.match(s.head, /いつの情報か確かめてください/);
  assert.match(s.line.lost.bar.querySelector("[data-since]").textContent, /何分前の情報か分かりません/);
  assert.match(s.line.lost.bar.querySelector("[data-age]").textContent, /4月10日（金）09:42 時点/);
  s.source.ping();
  assert.equal(s.says, "ライブ");
  s.seconds(81);
  assert.match(s.head, /1分前の情報です/);
});

test("a sign-in that ended leaves no stream behind that is taken for one", () => {
  const s = screen();
  s.line.connect();
  s.source.ping();
  s.source.say("signed_out");
  assert.deepEqual([s.line.source, s.ended, sources[0].closed], [null, 1, true]);
  s.line.nextTry = 0;
  s.seconds(1);
  assert.equal(sources.length, 2, "whoever goes on is connected at once");
});

test("a board that is not for this screen any more leads away, and is asked for no more", async () => {
  const s = screen();
  s.line.connect();
  s.source.ping();
  void s.line.read();
  reads[0]("gone");
  await settled();
  assert.deepEqual([s.ended, s.line.source], [1, null]);
  s.seconds(60);
  assert.deepEqual([sources.length, reads.length, s.says], [1, 1, "lost"]);
});

test("a page that comes back out of the browser's memory begins its line again", () => {
  const s = screen();
  s.line.connect();
  s.source.ping();
  for (const what of listeners.pageshow) what({ persisted: true });
  assert.deepEqual([s.says, sources[0].closed], ["lost", true]);
  s.seconds(1);
  assert.equal(sources.length, 2);
});

test("a page that is old is read anew with the first word, and again soon where that fails", async () => {
  pass(3_600_000);
  const s = screen({ stored: String(BEGIN) });
  s.line.connect();
  s.source.ping();
  s.seconds(1);
  assert.equal(reads.length, 1);
  reads[0](null);
  await settled();
  // A stream goes on all the while.
  s.seconds(15, true);
  assert.equal(reads.length, 2);
  reads[1](time.server);
  await settled();
  assert.deepEqual([shown, s.says], [["9"], "ライブ"]);
});

test("a stream that falls a little more behind with each word is left before it is old", () => {
  const s = screen();
  s.line.connect();
  s.source.ping();
  const first = s.source;
  let behind = 0;
  for (let word = 0; word < 40 && !first.closed; word += 1) {
    pass(1_000);
    s.line.tick();
    behind += 1_000;
    s.source.ping(time.server - behind);
  }
  assert.ok(first.closed);
  assert.ok(behind <= 22_000, `${behind} ms behind`);
});

test("the same page again and again is no news", async () => {
  const s = screen();
  s.line.failed = 99;
  s.line.lastRead = -Infinity;
  s.seconds(1);
  reads[0](BEGIN);
  await settled();
  assert.equal(shown.length, 1);
  for (let n = 1; n < 8; n += 1) {
    s.seconds(30);
    reads.at(-1)(BEGIN);
    await settled();
  }
  assert.ok(shown.length < 6, `${shown.length} pages`);
  assert.equal(s.says, "lost");
});

test("a reset that leads to another is followed at once a few times, then with a breath between", async () => {
  const s = screen();
  s.line.connect();
  for (let n = 0; n < 6; n += 1) {
    s.source.ping();
    s.source.say("reset", {}, String(20 + n));
    reads.at(-1)?.(time.server, "9");
    await settled();
  }
  assert.equal(reads.length, 3);
  s.seconds(3);
  assert.equal(reads.length, 4);
});
