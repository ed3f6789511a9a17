// An open board: it changes within a second of a report, says when it last heard from the server, and says so loudly when it does not.

import { moment } from "./age.js";
import { BoardFilter } from "./board-filter.js";
import { BoardKeeper } from "./board-keep.js";
import { readBoard } from "./board-page.js";
import { Rows, find } from "./board-rows.js";
import { leadToWhy } from "./board-why.js";
import { KEPT_SAYS } from "./kept-view.js";
import { LiveLine } from "./live-line.js";
import { signingOut } from "./sign-out.js";

const AGES = 30_000;
const SPEAK = 30_000;

class LiveBoard {
  /** @param {HTMLElement} main */
  constructor(main) {
    this.main = main;
    this.rows = new Rows(main);
    this.line = new LiveLine(main, {
      row: (code, html) => {
        this.rows.put(code, html);
        this.changed.add(code);
        this.show(false);
      },
      remove: (code) => {
        this.rows.remove(code);
        this.show(false);
      },
      read: () => readBoard(this.filter.everything(), (page, main) => this.take(page, main)),
      signedOut: () => void this.leave(),
      gone: () => void this.leave(),
    });
    this.changed = new Set();
    this.spoken = 0;
    /** @type {Map<string, Element[]>} */
    this.places = new Map();
    this.filter = new BoardFilter(main, () => this.show(true));
    const stored = Number(main.dataset.stored ?? 0);
    delete main.dataset.stored;
    if (stored === 0 && this.filter.narrows) {
      // A page that was asked for with a filter has only its rows. Whoever takes the filter away wants the others; and until they are here it is
      // not the board: its sums stay the server's, and it is neither called live nor kept.
      this.filter.base = this.filter.filter;
      this.line.want();
    }
    this.rows.shows = (row) => this.filter.shows(row, this.now());
    const { lost } = this.line;
    if (stored > 0) lost.show(this.line.heard, Math.max(this.line.heard, this.now()));
    this.keeper = new BoardKeeper(main, () => (this.line.live ? { now: this.line.heard, cursor: this.line.cursor } : null));
    /** @type {import("./board-map.js").BoardMap | null} */
    this.map = null;
  }

  now() {
    return this.line.now();
  }

  async start() {
    this.listen();
    this.show(false);
    setInterval(() => this.tick(), 1_000);
    setInterval(() => this.show(false), AGES);
    if (this.line.anew) await this.line.read();
    this.line.connect();
  }

  async leave() {
    this.line.stop();
    await BoardKeeper.forget();
    if (!signingOut()) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  }

  /**
   * Shows a board that was read anew.
   * @param {Document} page
   * @param {HTMLElement} main
   */
  take(page, main) {
    this.rows.adopt(page);
    this.filter.base = null;
    // What only the device said of its own page is over.
    const says = find(this.main, "[data-here-says]", HTMLElement);
    if (says?.textContent?.startsWith(KEPT_SAYS)) says.hidden = true;
    const phase = main.querySelector("[data-phase]");
    if (phase) this.main.querySelector("[data-phase]")?.replaceWith(phase);
    this.show(false);
  }

  tick() {
    this.line.tick();
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

  /**
   * @param {string} places
   * @param {string} words
   */
  write(places, words) {
    // They are never other elements, and to look for them among those of six hundred rows takes a while.
    const found = this.places.get(places) ?? [...this.main.querySelectorAll(places)];
    this.places.set(places, found);
    for (const place of found) if (place.textContent !== words) place.textContent = words;
  }

  /** @param {boolean} asked Did the reader change the filter? */
  show(asked) {
    const now = this.now();
    if (!asked) this.rows.goOn(now, this.filter.base === null);
    const shown = this.rows.sift(now);
    this.map?.refresh();
    const words = this.filter.narrows ? `条件に合う ${shown} 病院` : `${shown} 病院`;
    this.write("[data-count]", words);
    const conditions = this.filter.words();
    this.write("[data-conditions]", conditions && `　条件：${conditions}`);
    if (asked) this.say(words);
    const empty = find(this.main, "[data-empty]", HTMLElement);
    if (empty) empty.hidden = shown > 0;
    // Before the first word the page is of the moment that it names, out of whatever cache it came.
    this.write("[data-clock]", moment(this.line.spoke ? now : this.line.heard));
    // On paper it is the moment of the last word from the server, whatever the clock says.
    this.write("[data-heard]", moment(this.line.heard));
    const button = find(this.main, "[data-resort]", HTMLButtonElement);
    if (button) {
      const moved = this.rows.moved;
      const order = this.rows.table?.dataset.order === "beds" ? "空床の多い順" : "新しい順";
      button.hidden = moved === 0;
      button.textContent = `${order}に並べ直す（${moved}）`;
    }
  }

  /** The map comes with its first opening: whoever only reads the list does not wait for it. */
  listenToMap() {
    const toggle = find(this.main, "[data-map-toggle]", HTMLButtonElement);
    const section = find(this.main, "[data-board-map]", HTMLElement);
    if (!toggle || !section?.dataset.leaflet) return;
    const bring = async () => {
      if (this.map) return;
      try {
        const { BoardMap } = await import("./board-map.js");
        this.map ??= new BoardMap(this.main, () => this.rows.all().filter((row) => !row.hidden), (place) => this.filter.nearest(place), () => this.now());
      } catch {
        section.hidden = false;
        const says = find(section, "[data-map-says]", HTMLElement);
        if (says) says.textContent = "地図を読み込めません。一覧をお使いください。";
      }
    };
    const asked = () => location.hash === "#map" && void bring();
    toggle.addEventListener("click", () => void bring());
    addEventListener("hashchange", asked);
    asked();
  }

  listen() {
    this.listenToMap();
    find(this.main, "[data-resort]", HTMLButtonElement)?.addEventListener("click", () => {
      this.rows.sort();
      this.show(false);
      this.rows.table?.setAttribute("tabindex", "-1");
      this.rows.table?.focus({ preventScroll: true });
      this.say("並べ直しました");
    });
    for (const button of this.main.querySelectorAll("[data-print]")) {
      if (!(button instanceof HTMLButtonElement)) continue;
      button.hidden = false;
      button.addEventListener("click", () => printOn(button.dataset.print ?? "A4"));
    }
    if (this.rows.table) leadToWhy(this.rows.table);
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

/**
 * Prints on sheets of a size. A size of paper knows no selectors, so it is a style sheet of its own until the print is over.
 * @param {string} paper A4 or A3.
 */
function printOn(paper) {
  const size = new CSSStyleSheet();
  size.replaceSync(`@page { size: ${paper} landscape; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, size];
  document.documentElement.dataset.paper = paper;
  const over = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== size);
    delete document.documentElement.dataset.paper;
  };
  addEventListener("afterprint", over, { once: true });
  window.print();
}

const main = document.querySelector("main[data-live]");
if (main instanceof HTMLElement) void new LiveBoard(main).start();

