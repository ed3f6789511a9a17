// The line to a board: its stream of events, tried again when it breaks, with pages instead where it does not come through. It knows when the
// server was last heard, by the server's clock, and says so loudly when that is too long ago.

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

/**
 * What a screen does with what comes: rows that changed, rows that went, the board read anew, a sign-in that ended.
 * @typedef {{ row: (code: string, html: string) => void, remove: (code: string) => void, read: () => Promise<boolean>, leave: () => void }} Acts
 */

export class LiveLine {
  /**
   * @param {HTMLElement} main
   * @param {Acts} acts
   */
  constructor(main, acts) {
    this.main = main;
    this.acts = acts;
    this.cursor = main.dataset.cursor ?? "";
    this.offset = Math.max(0, Number(main.dataset.now ?? 0) - Date.now());
    this.heard = this.now();
    // A page that comes from the device is as old as it is, and says so before anything else: by the server's time of then, and by what this
    // device's clock has gone on since, right or wrong.
    const stored = Number(main.dataset.stored ?? 0);
    if (stored > 0) {
      this.offset = Number(main.dataset.now ?? 0) - stored;
      this.heard = Number(main.dataset.now ?? 0);
    }
    /** @type {EventSource | null} */
    this.source = null;
    /** When the stream last said something, or was opened. */
    this.word = this.heard;
    this.failed = 0;
    /** Pages are fetched because the stream does not come through. */
    this.polling = false;
    this.nextTry = 0;
    this.nextPoll = 0;
    this.lost = new LostBar(main, () => this.connect());
    for (const event of ["online", "pageshow", "visibilitychange"]) {
      // `visibilitychange` bubbles from the document to the window.
      addEventListener(event, () => {
        if (this.lost.shown && document.visibilityState === "visible") this.nextTry = 0;
      });
    }
  }

  now() {
    return Date.now() + this.offset;
  }

  connect() {
    this.source?.close();
    const url = new URL(this.main.dataset.live ?? "", location.href);
    url.searchParams.set("after", this.cursor);
    const source = new EventSource(url);
    this.source = source;
    this.word = this.now();
    this.nextTry = this.word + SILENCE;
    source.addEventListener("row", (event) => {
      this.hear(event);
      /** @type {{ code: string, html: string }} */
      const { code, html } = JSON.parse(event.data);
      this.acts.row(code, html);
    });
    source.addEventListener("remove", (event) => {
      this.hear(event);
      this.acts.remove(JSON.parse(event.data).code);
    });
    source.addEventListener("reset", () => void this.onReset());
    source.addEventListener("ping", (event) => this.onPing(event));
    source.addEventListener("signed_out", () => {
      this.source?.close();
      this.acts.leave();
    });
    source.addEventListener("error", () => this.onError(source));
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
    this.nextTry = this.now() + (this.polling ? POLL : (WAITS[Math.min(this.failed, WAITS.length) - 1] ?? 10_000));
    if (!this.polling) this.lost.show(this.heard, this.now());
  }

  /** @param {MessageEvent<string>} event */
  hear(event) {
    if (event.lastEventId) this.cursor = event.lastEventId;
    this.word = this.now();
    this.failed = 0;
    this.polling = false;
    this.onLine("ライブ");
  }

  /** @param {string} how */
  onLine(how) {
    this.heard = this.now();
    this.lost.hide();
    const line = this.main.querySelector("[data-conn]");
    if (!(line instanceof HTMLElement)) return;
    line.classList.remove("off");
    line.textContent = `${how}　${clock(this.heard, true)} 受信`;
  }

  /**
   * The board is to be read anew. What was read is as old as its page: the stream begins again behind that, so that a row that came while it was
   * read is not put back to what it was.
   */
  async onReset() {
    const source = this.source;
    if (await this.acts.read()) {
      this.onLine("ライブ");
      this.connect();
    } else if (source) this.onError(source);
  }

  /** @param {MessageEvent<string>} event */
  onPing(event) {
    const now = Date.parse(JSON.parse(event.data).now);
    if (Number.isFinite(now)) this.offset = now - Date.now();
    // A clock that was put right must not put off the next try for as long.
    this.nextTry = Math.min(this.nextTry, this.now() + SILENCE);
    this.nextPoll = Math.min(this.nextPoll, this.now() + POLL);
    this.hear(event);
  }

  /** Once a second: is it still alive? */
  tick() {
    const now = this.now();
    const silent = now - this.heard > (this.polling ? POLL + SILENCE : SILENCE);
    if (silent) this.lost.show(this.heard, now);
    if (this.lost.shown) this.lost.count(this.heard, now, Math.max(0, Math.ceil((this.nextTry - now) / 1_000)));
    if (this.source && now - this.word > SILENCE) this.onError(this.source, KEPT_BACK);
    if (this.source === null && now >= this.nextTry) this.connect();
    if (this.failed >= TRIES && now >= this.nextPoll) {
      this.nextPoll = now + POLL;
      void this.acts.read().then((read) => {
        if (!read) return;
        // The stream came back while the page was on its way, and is ahead of it.
        if (this.failed < TRIES) return this.connect();
        this.polling = true;
        this.onLine("30 秒ごとに更新");
      });
    }
  }
}
