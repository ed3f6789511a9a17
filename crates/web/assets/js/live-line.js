// The line to a board: its stream of events, tried again when it breaks, with pages instead where it does not come through. It knows when the
// server was last heard, by the server's clock, and says so loudly when that is too long ago. What comes late is not taken for fresh: after a
// sleep, out of a cache, behind a proxy, or by a clock that was set.

import { clock } from "./age.js";
import { LostBar } from "./lost-bar.js";

/** The server says something every 15 seconds. */
const SILENCE = 20_000;
const POLL = 30_000;
/** After so many failed connects pages are fetched instead, and the stream is tried again with each of them. */
const TRIES = 3;
/** A stream that opened and brings nothing is kept back on its way, by a proxy that collects what it should pass on: that says as much as two. */
const KEPT_BACK = 2;
const WAITS = [2_000, 5_000, 10_000];
/** What must be read anew and could not be is tried again so soon. */
const AGAIN = 10_000;
/** Also while all is well the board is read anew now and then: which cells are grey for their age is the server's to say. Each screen has a
 * moment of its own within the spread, so that they do not ask at once. */
const ANEW = 10 * 60_000;
const SPREAD = 5 * 60_000;
/** A tick comes once a second, in a window behind others once a minute. Where none came for longer the device slept. */
const SLEEP = 90_000;
/** Two clocks that say the same may differ by so much. */
const AGREE = 2_000;
/** So many resets within so long are followed at once. */
const RESETS = 3;
const RESETS_WITHIN = 10_000;
/** A page is made once a minute. One that is so far behind the server's word comes from elsewhere. */
const BEHIND = 120_000;

/**
 * A board that was read: the server's time, its place in the stream, and how to show it.
 * @typedef {{ now: number, cursor: string, take: () => void }} Whole
 * What a screen does with what comes: rows that changed, rows that went, the board read anew, a sign-in that ended, a board that is not for it any more.
 * @typedef {{ row: (code: string, html: string) => void, remove: (code: string) => void, read: () => Promise<Whole | "gone" | null>, signedOut: () => void, gone: () => void }} Acts
 */

/** Both clocks of the device: the one that can be set, and the one that only goes on, but maybe not while it sleeps. */
function clocks() {
  return { wall: Date.now(), run: performance.now() };
}

export class LiveLine {
  /**
   * @param {HTMLElement} main
   * @param {Acts} acts
   */
  constructor(main, acts) {
    this.main = main;
    this.acts = acts;
    this.cursor = main.dataset.cursor ?? "";
    /** The greatest time that the server itself named. */
    this.said = Number(main.dataset.now ?? 0);
    // The page is of the moment that it names, also where the browser had it in a cache. One that comes from the device was put there by the
    // device's clock, and is older by what that has gone on since, right or wrong.
    this.heard = this.said;
    const stored = Number(main.dataset.stored ?? 0);
    const old = Date.now() - (stored > 0 ? stored : this.said);
    /** The server's time, and the device's clocks of that moment. */
    this.set = { server: this.said + Math.max(0, old), ...clocks() };
    this.ticked = clocks();
    /** As often as the device was found to have slept. */
    this.slept = 0;
    /** @type {EventSource | null} */
    this.source = null;
    /** Has the stream that is open said its first word? */
    this.greeted = false;
    /** What the first ping of this stream said, and when. */
    this.greeting = { said: 0, run: 0 };
    /** When the board was last to be read at once. @type {number[]} */
    this.resets = [];
    /** How far the last ping was behind our clock, where that was too far. @type {number | null} */
    this.doubt = null;
    /** Was the server heard at all, since the page? */
    this.spoke = false;
    // By the clock that only goes on: when the page began, when the stream last said something or was opened, when the server named its greatest
    // time, when the stream is tried again, and when the board was read.
    this.began = this.word = this.saidRun = performance.now();
    // An older page says in green what has turned grey since: it is read anew as soon as there is a line.
    this.lastRead = stored > 0 || old > BEHIND ? -Infinity : this.began;
    this.nextTry = this.began + SILENCE;
    this.anewEvery = ANEW + Math.random() * SPREAD;
    this.reading = false;
    /** As often as the board had to be read anew, and up to which of these it was. */
    this.wanted = 0;
    this.met = 0;
    this.failed = 0;
    /** Pages are fetched because the stream does not come through. */
    this.polling = false;
    this.over = false;
    this.lost = new LostBar(main, () => this.connect());
    this.lost.ageless = stored > 0 && old < 0;
    for (const event of ["online", "pageshow", "visibilitychange"]) {
      // `visibilitychange` bubbles from the document to the window.
      addEventListener(event, () => {
        if (this.lost.shown && document.visibilityState === "visible") this.nextTry = 0;
      });
    }
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      // The page as it was left, however long ago.
      if (this.over) location.reload();
      else this.renew();
    });
  }

  /** The server's time. What the device's clocks say differently is the longer: nothing looks younger than it is. */
  now() {
    return this.set.server + Math.max(Date.now() - this.set.wall, performance.now() - this.set.run);
  }

  /** Must the board be read anew before it may be called live? */
  get anew() {
    return this.met < this.wanted;
  }

  get live() {
    return this.source !== null && this.spoke && !this.anew && !this.lost.shown;
  }

  /** What is shown is not all, or not to be shown any more. */
  want() {
    this.wanted += 1;
  }

  connect() {
    if (this.over) return;
    this.source?.close();
    const url = new URL(this.main.dataset.live ?? "", location.href);
    url.searchParams.set("after", this.cursor);
    const source = new EventSource(url);
    this.source = source;
    this.greeted = false;
    this.doubt = null;
    this.word = performance.now();
    this.nextTry = this.word + SILENCE;
    source.addEventListener("row", (event) => {
      if (!this.hear(source, event)) return;
      /** @type {{ code: string, html: string }} */
      const { code, html } = JSON.parse(event.data);
      this.acts.row(code, html);
    });
    source.addEventListener("remove", (event) => {
      if (this.hear(source, event)) this.acts.remove(JSON.parse(event.data).code);
    });
    source.addEventListener("reset", () => this.onReset(source));
    source.addEventListener("ping", (event) => this.onPing(source, event));
    source.addEventListener("signed_out", () => {
      if (source !== this.source) return;
      source.close();
      this.source = null;
      this.nextTry = performance.now() + SILENCE;
      this.acts.signedOut();
    });
    source.addEventListener("error", () => this.onError(source));
  }

  /** It leads nowhere any more. */
  stop() {
    this.over = true;
    this.source?.close();
    this.source = null;
  }

  /**
   * @param {EventSource} source
   * @param {number} [weight] As many failed connects it counts for.
   */
  onError(source, weight = 1) {
    if (source !== this.source) return;
    // Trying again is ours: the browser's own way neither says when nor ever gives up.
    source.close();
    this.source = null;
    this.failed += weight;
    this.nextTry = performance.now() + (this.polling ? POLL : (WAITS[Math.min(this.failed, WAITS.length) - 1] ?? 10_000));
    if (!this.polling) this.lost.show(this.heard, this.now());
  }

  /** Whatever is under way may be of before: it is left, and the line begins again. */
  renew() {
    this.ticked = clocks();
    this.slept += 1;
    this.source?.close();
    this.source = null;
    this.nextTry = 0;
    this.lastRead = -Infinity;
    this.lost.show(this.heard, this.now());
  }

  /**
   * Has the device slept since the last tick, or was its clock set back? What waited meanwhile is heard only now, maybe before any tick.
   */
  woke() {
    const { wall, run } = clocks();
    const [set, gone] = [wall - this.ticked.wall, run - this.ticked.run];
    if (set < SLEEP && gone < SLEEP && set > -AGREE) return false;
    this.renew();
    return true;
  }

  /**
   * @param {EventSource} source
   * @param {MessageEvent<string>} event
   * @returns {boolean} May what it says be shown?
   */
  hear(source, event) {
    if (source !== this.source || this.woke()) return false;
    this.word = performance.now();
    this.failed = 0;
    this.polling = false;
    // Until the board is read anew the place in the stream stays before what asked for it, and what is shown is not called live.
    if (this.anew) return true;
    if (event.lastEventId) this.cursor = event.lastEventId;
    this.onLine("ライブ", this.now());
    return true;
  }

  /**
   * @param {string} how
   * @param {number} heard
   */
  onLine(how, heard) {
    this.heard = heard;
    this.spoke = true;
    this.lost.ageless = false;
    this.lost.hide();
    const line = this.main.querySelector("[data-conn]");
    if (!(line instanceof HTMLElement)) return;
    line.classList.remove("off");
    line.textContent = `${how}　${clock(this.heard, true)} 受信`;
  }

  /** @param {EventSource} source */
  onReset(source) {
    if (source !== this.source || this.woke()) return;
    this.word = performance.now();
    this.want();
    // Where another node lags each reading ends in another reset: a few are followed at once, then there is a breath between.
    const run = performance.now();
    this.resets = [...this.resets.filter((at) => run - at < RESETS_WITHIN), run];
    if (this.resets.length <= RESETS) void this.read();
    else this.lastRead = run - AGAIN + AGREE;
  }

  /**
   * @param {EventSource} source
   * @param {MessageEvent<string>} event
   */
  onPing(source, event) {
    if (source !== this.source || this.woke()) return;
    const said = Date.parse(JSON.parse(event.data).now);
    if (Number.isFinite(said)) {
      // Where a ping comes late so does everything on this stream.
      const run = performance.now();
      if (!this.greeted) this.greeting = { said, run };
      // Also where it comes a little later each time, and drags our clock along.
      const late = this.greeted ? Math.max(this.now() - said, run - this.greeting.run - (said - this.greeting.said)) : run - this.word;
      if (late > SILENCE) return this.onError(source);
      this.putRight(said);
    }
    this.greeted = true;
    this.hear(source, event);
  }

  /**
   * The first ping of a stream was said when the stream was asked for, and sets the clock. A later one may have been kept back: it sets the clock on,
   * but back only where the one before it said the same.
   * @param {number} said
   */
  putRight(said) {
    const ahead = this.now() - said;
    const agrees = this.doubt !== null && Math.abs(ahead - this.doubt) < AGREE;
    if (!this.greeted || ahead <= 0 || agrees) {
      this.set = { server: said, ...clocks() };
      this.doubt = null;
    } else {
      this.doubt = ahead > AGREE ? ahead : null;
    }
    this.name(this.greeted ? Math.max(this.said, said) : said);
  }

  /** The server's own time went on. @param {number} said */
  name(said) {
    if (said !== this.said) this.saidRun = performance.now();
    this.said = said;
  }

  /**
   * Reads the whole board, one at a time: an older page that comes late must not lie over a newer one. Where it had to be, or where the stream is
   * ahead of it, the stream begins again behind it, so that no row is put back to what it was.
   * @returns {Promise<boolean>}
   */
  async read() {
    if (this.reading || this.over) return false;
    this.reading = true;
    this.lastRead = performance.now();
    const { anew, wanted, slept, source } = this;
    const asked = this.now();
    const whole = await this.acts.read();
    this.reading = false;
    if (this.over) return false;
    if (whole === "gone") {
      this.stop();
      this.acts.gone();
      return false;
    }
    // It was asked for once more meanwhile: the next tick does.
    if (wanted !== this.wanted) this.lastRead = -Infinity;
    // The server's time goes on whether or not it is heard: who always gives the same page gives an old one.
    if (whole === null || this.woke() || slept !== this.slept || whole.now < this.said + performance.now() - this.saidRun - BEHIND) {
      if (anew && source) this.onError(source);
      if (!anew && this.failed < TRIES) this.lastRead = Math.min(this.lastRead, performance.now() - this.anewEvery + AGAIN);
      return false;
    }
    const behind = Number(whole.cursor) < Number(this.cursor);
    this.cursor = whole.cursor;
    this.met = wanted;
    this.name(Math.max(this.said, whole.now));
    if (whole.now > this.now()) this.set = { server: whole.now, ...clocks() };
    whole.take();
    if (this.failed >= TRIES) {
      this.polling = true;
      // It is at least of when it was asked for, however long it was on its way.
      this.onLine("30 秒ごとに更新", asked);
    } else if (this.source && (anew || behind)) {
      this.connect();
    }
    return true;
  }

  /** Is the board to be read? */
  get due() {
    const since = performance.now() - this.lastRead;
    if (this.failed >= TRIES) return since >= POLL;
    return this.anew ? since >= AGAIN : this.live && since >= this.anewEvery;
  }

  /** Once a second: is it still alive? */
  tick() {
    this.woke();
    this.ticked = clocks();
    const [now, run] = [this.now(), this.ticked.run];
    // Before the first word the page itself may rightly be a minute old: silence counts from its beginning.
    const silent = this.spoke ? now - this.heard : run - this.began;
    if (silent > (this.polling ? POLL + SILENCE : SILENCE) || now < this.heard - AGREE) this.lost.show(this.heard, now);
    if (this.lost.shown) this.lost.count(this.heard, now, Math.max(0, Math.ceil((this.nextTry - run) / 1_000)));
    if (this.over) return;
    if (this.source && run - this.word > SILENCE) this.onError(this.source, KEPT_BACK);
    if (this.source === null && run >= this.nextTry) this.connect();
    if (this.due) void this.read();
  }
}
