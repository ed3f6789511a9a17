// An open board: it changes within a second of a report, says when it last heard from the server, and says so loudly when it does not.

import { clock, moment } from "./age.js";
import { BoardFilter } from "./board-filter.js";
import { BoardKeeper } from "./board-keep.js";
import { BoardMap } from "./board-map.js";
import { Rows, find } from "./board-rows.js";
import { LostBar } from "./lost-bar.js";

/** The server says something every 15 seconds. */
const SILENCE = 20_000;
const AGES = 30_000;
const SPEAK = 30_000;
const POLL = 30_000;
/** After so many failed connects pages are fetched instead, and the stream is tried again with each of them. */
const TRIES = 3;
const WAITS = [2_000, 5_000, 10_000];

class LiveBoard {
  /** @param {HTMLElement} main */
  constructor(main) {
    this.main = main;
    this.rows = new Rows(main);
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
    this.failed = 0;
    /** Pages are fetched because the stream does not come through. */
    this.polling = false;
    this.nextTry = 0;
    this.nextPoll = 0;
    this.lost = new LostBar(main, () => this.connect());
    this.changed = new Set();
    this.spoken = 0;
    this.filter = new BoardFilter(main, () => this.show(true));
    delete main.dataset.stored;
    this.whole = stored > 0;
    this.rows.shows = (row) => this.filter.shows(row, this.now());
    if (stored > 0) this.lost.show(this.heard, Math.max(this.heard, this.now()));
    this.keeper = new BoardKeeper(main, () => (this.lost.shown || this.source === null ? null : { now: this.heard, cursor: this.cursor }));
    this.map = new BoardMap(main, () => this.rows.all().filter((row) => !row.hidden), (place) => this.filter.nearest(place));
  }

  now() {
    return Date.now() + this.offset;
  }

  async start() {
    this.listen();
    this.show(false);
    // A page that was asked for with a filter has only its rows; whoever takes the filter away wants the others.
    if (this.filter.narrows && !this.whole) await this.fetchAll();
    this.connect();
    setInterval(() => this.tick(), 1_000);
    setInterval(() => this.show(false), AGES);
  }

  connect() {
    this.source?.close();
    const url = new URL(this.main.dataset.live ?? "", location.href);
    url.searchParams.set("after", this.cursor);
    const source = new EventSource(url);
    this.source = source;
    this.nextTry = this.now() + SILENCE;
    source.addEventListener("row", (event) => this.onRow(event));
    source.addEventListener("remove", (event) => this.onRemove(event));
    source.addEventListener("reset", (event) => this.onReset(event));
    source.addEventListener("ping", (event) => this.onPing(event));
    source.addEventListener("signed_out", () => void this.leave());
    source.addEventListener("error", () => this.onError(source));
  }

  /** @param {EventSource} source */
  onError(source) {
    if (source !== this.source) return;
    // Trying again is ours: the browser's own way neither says when nor ever gives up.
    source.close();
    this.source = null;
    this.failed += 1;
    this.nextTry = this.now() + (this.polling ? POLL : (WAITS[Math.min(this.failed, WAITS.length) - 1] ?? 10_000));
    if (!this.polling) this.lost.show(this.heard, this.now());
  }

  /** @param {MessageEvent<string>} event */
  hear(event) {
    if (event.lastEventId) this.cursor = event.lastEventId;
    this.failed = 0;
    this.polling = false;
    this.onLine("ライブ");
  }

  /** @param {string} how */
  onLine(how) {
    this.heard = this.now();
    this.lost.hide();
    const line = find(this.main, "[data-conn]", HTMLElement);
    if (!line) return;
    line.classList.remove("off");
    line.textContent = `${how}　${clock(this.heard, true)} 受信`;
  }

  /** @param {MessageEvent<string>} event */
  onRow(event) {
    this.hear(event);
    /** @type {{ code: string, html: string }} */
    const { code, html } = JSON.parse(event.data);
    this.rows.put(code, html);
    this.changed.add(code);
    this.show(false);
  }

  /** @param {MessageEvent<string>} event */
  onRemove(event) {
    this.hear(event);
    this.rows.remove(JSON.parse(event.data).code);
    this.show(false);
  }

  /**
   * The board is to be read anew. Until it is, what stands here is older than the event: the place in the stream stays before it, so that a
   * line that is lost in between brings the event again.
   * @param {MessageEvent<string>} event
   */
  async onReset(event) {
    const source = this.source;
    if (await this.fetchAll()) this.hear(event);
    else if (source) this.onError(source);
  }

  /** @param {MessageEvent<string>} event */
  onPing(event) {
    const now = Date.parse(JSON.parse(event.data).now);
    if (Number.isFinite(now)) this.offset = now - Date.now();
    this.hear(event);
  }

  async leave() {
    this.source?.close();
    await BoardKeeper.forget();
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  }

  /** Reads the whole board. @returns {Promise<boolean>} */
  async fetchAll() {
    try {
      const answer = await fetch(this.filter.everything(), { headers: { Accept: "text/html" }, cache: "no-cache" });
      if (answer.status === 401 || new URL(answer.url).pathname === "/sign-in") {
        void this.leave();
        return false;
      }
      if (!answer.ok) return false;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = page.querySelector("main[data-live]");
      if (!(main instanceof HTMLElement)) return false;
      this.rows.adopt(page);
      this.cursor = main.dataset.cursor ?? this.cursor;
      this.show(false);
      return true;
    } catch {
      return false;
    }
  }

  /** Once a second: is it still alive? */
  tick() {
    const now = this.now();
    const silent = now - this.heard > (this.polling ? POLL + SILENCE : SILENCE);
    if (silent) this.lost.show(this.heard, now);
    if (this.lost.shown) this.lost.count(this.heard, now, Math.max(0, Math.ceil((this.nextTry - now) / 1_000)));
    if (now >= this.nextTry && (this.source === null || silent)) this.connect();
    if (this.failed >= TRIES && now >= this.nextPoll) {
      this.nextPoll = now + POLL;
      void this.fetchAll().then((read) => {
        if (!read || this.failed < TRIES) return;
        this.polling = true;
        this.onLine("30 秒ごとに更新");
      });
    }
    this.speak();
  }

  /** One polite sentence at most every half minute, about counts and not about rows. */
  speak() {
    if (this.changed.size === 0 || this.now() - this.spoken < SPEAK) return;
    this.say(`${this.changed.size} 病院が更新`);
    this.changed.clear();
    this.spoken = this.now();
  }

  /** @param {string} words */
  say(words) {
    const place = find(this.main, "[data-announce]", HTMLElement);
    if (place) place.textContent = words;
  }

  /** @param {boolean} asked Did the reader change the filter? */
  show(asked) {
    const now = this.now();
    const shown = this.rows.refresh(now);
    this.map.refresh();
    const count = find(this.main, "[data-count]", HTMLElement);
    const words = this.filter.narrows ? `条件に合う ${shown} 病院` : `${shown} 病院`;
    if (count && count.textContent !== words) count.textContent = words;
    if (asked) this.say(words);
    const empty = find(this.main, "[data-empty]", HTMLElement);
    if (empty) empty.hidden = shown > 0;
    const time = find(this.main, "[data-clock]", HTMLElement);
    if (time) time.textContent = moment(now);
    // On paper it is the moment of the last word from the server, whatever the clock says.
    const heard = find(this.main, "[data-heard]", HTMLElement);
    if (heard) heard.textContent = moment(this.heard);
    const button = find(this.main, "[data-resort]", HTMLButtonElement);
    if (button) {
      const moved = this.rows.moved;
      const order = this.rows.table?.dataset.order === "beds" ? "空床の多い順" : "新しい順";
      button.hidden = moved === 0;
      button.textContent = `${order}に並べ直す（${moved}）`;
    }
  }

  listen() {
    find(this.main, "[data-resort]", HTMLButtonElement)?.addEventListener("click", () => {
      this.rows.sort();
      this.show(false);
      this.rows.table?.setAttribute("tabindex", "-1");
      this.rows.table?.focus({ preventScroll: true });
      this.say("並べ直しました");
    });
    const print = find(this.main, "[data-print]", HTMLButtonElement);
    if (print) {
      print.hidden = false;
      print.addEventListener("click", () => window.print());
    }
    for (const event of ["online", "pageshow", "visibilitychange"]) {
      // `visibilitychange` bubbles from the document to the window.
      addEventListener(event, () => {
        if (this.lost.shown && document.visibilityState === "visible") this.nextTry = 0;
      });
    }
    this.keepColumns();
  }

  /** Which columns to show is the reader's habit, so it is kept. */
  keepColumns() {
    const key = "akidoko-columns";
    for (const radio of this.main.querySelectorAll("[data-show] input")) {
      if (!(radio instanceof HTMLInputElement)) continue;
      try {
        if (localStorage.getItem(key) === radio.value) radio.checked = true;
        radio.addEventListener("change", () => localStorage.setItem(key, radio.value));
      } catch {
        // No storage in this browser: the choice lasts as long as the page.
      }
    }
  }
}

const main = document.querySelector("main[data-live]");
if (main instanceof HTMLElement) void new LiveBoard(main).start();

