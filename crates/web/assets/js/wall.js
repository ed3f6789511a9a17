// The wallboard: every hospital in its place, as large as fits; what changes is framed until somebody has seen it.

import { ageWords, band, bars, clock, moment } from "./age.js";
import { readBoard } from "./board-page.js";
import { LiveLine } from "./live-line.js";
import { WITHHELD, factsOf, figure } from "./row-facts.js";
import { sumWords, totals } from "./totals.js";

/** The sums above, in the order of a row's beds. */
const BEDS = ["available", "severe", "moderate", "mild"];
/** Bands that are grey. */
const OLD = ["over-day", "over-two-days", "never"];
const CHANGES = 30 * 60_000;
const SOUND = "akidoko-wall-sound";
/** No row is smaller than this many pixels high: on a wall nobody reads it. The rest is on the list. */
const LEAST = 22;
const MOST = 60;
/** Lines of a row and of a heading, in parts of the letter's size. */
const ROW = 2.3;
const HEAD = 1.9;

/**
 * A hospital on the wall, as its row on the board says.
 * @typedef {{ code: string, name: string, level: string, source: string, area: string, status: string, statusWords: string, statusOld: boolean, beds: (string | null)[], bedsAt: (number | null)[], at: number | null }} Place
 */

/** @param {HTMLTableRowElement} row @returns {Place} */
function placeOf(row) {
  const words = (/** @type {string} */ selector) => row.querySelector(selector)?.textContent?.trim() ?? "";
  const status = row.querySelector(".c-emg .st, .c-emg .null");
  const bed = (/** @type {string} */ name) => {
    const number = figure(row, name);
    return number === WITHHELD || /^\d+$/.test(number) ? number : null;
  };
  const at = Number(row.dataset.at ?? "");
  const known = factsOf(row).beds;
  return {
    code: row.id.slice(2), name: words(".c-name > a"), level: words(".c-name > .tag:not(.proxy)"), source: row.querySelector(".c-name > .src")?.getAttribute("title") ?? "", area: row.dataset.area ?? "",
    status: status?.outerHTML ?? "", statusWords: status?.textContent?.trim() ?? "", statusOld: row.querySelector(".c-emg .old") !== null, bedsAt: ["tot", "sev", "mod", "mild"].map((name) => known[name]?.at ?? null), beds: ["tot", "sev", "mod", "mild"].map(bed),
    at: row.dataset.at && Number.isFinite(at) ? at : null,
  };
}

/** What changed that a dispatcher must know: the status, or the beds. @param {Place} before @param {Place} after @returns {[string, string, string] | null} */
function change(before, after) {
  if (before.statusWords !== after.statusWords) return ["救急", before.statusWords, after.statusWords];
  const names = ["空床", "重症", "中等症", "軽症"];
  const n = before.beds.findIndex((bed, at) => bed !== after.beds[at]);
  return n < 0 ? null : [names[n] ?? "", before.beds[n] ?? "未回答", after.beds[n] ?? "未回答"];
}

class Wall {
  /** @param {HTMLElement} main */
  constructor(main) {
    this.main = main;
    /** @type {Record<string, string>} */
    this.areas = JSON.parse(main.dataset.areas ?? "{}");
    /** @type {Map<string, HTMLTableRowElement>} */
    this.rows = new Map();
    /** @type {{ at: number, name: string, words: [string, string, string] }[]} */
    this.news = [];
    /** Changed and not seen yet. @type {Set<string>} */
    this.unseen = new Set();
    /** @type {AudioContext | null} */
    this.audio = null;
    this.rang = 0;
    this.line = new LiveLine(main, {
      row: (code, html) => this.put(code, html),
      remove: (code) => this.remove(code),
      read: () => readBoard(main.dataset.page ?? location.href, (page, fresh) => this.hang(page, fresh)),
      signedOut: () => void this.asked(),
      gone: () => this.leave(),
    });
    /** @type {ReturnType<typeof setInterval>[]} */
    this.clocks = [];
    this.gone = false;
    /** @type {any} */
    this.lock = null;
    /** @type {ResizeObserver | null} */
    this.fit = null;
    this.grid = this.part("[data-grid]");
    this.ack = this.part("[data-ack]");
    const sound = main.querySelector("[data-sound]");
    this.sound = sound instanceof HTMLSelectElement ? sound : null;
  }

  /** @param {string} selector */
  part(selector) {
    const part = this.main.querySelector(selector);
    return part instanceof HTMLElement ? part : null;
  }

  start() {
    this.adopt(document);
    this.listen();
    this.lay();
    this.line.connect();
    this.clocks.push(setInterval(() => this.tick(), 1_000), setInterval(() => this.refresh(), 30_000));
    // A bar or a line that comes takes room: what hangs must stay whole.
    this.fit = new ResizeObserver(() => this.lay());
    if (this.grid) this.fit.observe(this.grid);
    this.tick();
    void this.stayAwake();
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void this.stayAwake());
  }

  /** @param {ParentNode} page */
  adopt(page) {
    this.rows = new Map([...page.querySelectorAll("[data-rows] tr[id]")].flatMap((row) => (row instanceof HTMLTableRowElement ? [[row.id.slice(2), row]] : [])));
  }

  /** The sign-in ended, or something about the organisation changed: asked once more, it goes on or goes dark. */
  async asked() {
    if (await this.line.read()) this.line.connect();
    else this.line.nextTry = 0;
  }

  /** The whole wall anew. What differs from what hung here is a change like any other. @param {Document} page @param {HTMLElement} main */
  hang(page, main) {
    const before = this.rows;
    this.adopt(page);
    this.areas = JSON.parse(main.dataset.areas ?? "{}");
    this.lay();
    for (const [code, row] of this.rows) {
      const old = before.get(code);
      if (old) this.tell(placeOf(old), placeOf(row));
    }
  }

  /** @param {string} code @param {string} html */
  put(code, html) {
    const old = this.rows.get(code);
    if (!old) return;
    const template = document.createElement("template");
    template.innerHTML = html;
    const fresh = template.content.firstElementChild;
    if (!(fresh instanceof HTMLTableRowElement)) return;
    this.rows.set(code, fresh);
    const [before, after] = [placeOf(old), placeOf(fresh)];
    this.grid?.querySelector(`#w-${CSS.escape(code)}`)?.replaceWith(this.draw(after));
    this.tell(before, after);
    this.sums();
  }

  /** @param {string} code */
  remove(code) {
    if (this.rows.delete(code)) this.lay();
  }

  /** @param {Place} before @param {Place} after */
  tell(before, after) {
    const words = change(before, after);
    if (!words) return;
    // What is heard late happened when it was true.
    this.news.unshift({ at: Math.min(after.at ?? this.line.now(), this.line.now()), name: after.name, words });
    this.unseen.add(after.code);
    this.grid?.querySelector(`#w-${CSS.escape(after.code)}`)?.classList.add("just", "flash");
    this.showNews();
    const place = this.part("[data-announce]");
    if (place) place.textContent = `${after.name} ${words[0]} ${words[1]} から ${words[2]}`;
    this.ring();
  }

  ring() {
    if (!this.sound || this.sound.value === "none") return;
    // Many changes at once are one sound.
    if (Math.abs(this.line.now() - this.rang) < 1_000) return;
    this.rang = this.line.now();
    try {
      this.audio ??= new AudioContext();
      if (this.audio.state === "suspended") void this.audio.resume();
      // Browsers keep a page silent until it was pressed once; what piled up until then would sound all together.
      this.main.toggleAttribute("data-mute", this.audio.state === "suspended");
      if (this.audio.state === "suspended") return;
      const [now, gain] = [this.audio.currentTime, this.audio.createGain()];
      gain.connect(this.audio.destination);
      gain.gain.setValueAtTime(0.2, now);
      for (const [n, pitch] of [880, 660].entries()) {
        const tone = this.audio.createOscillator();
        tone.frequency.value = pitch;
        tone.connect(gain);
        tone.start(now + n * 0.22);
        tone.stop(now + n * 0.22 + 0.18);
      }
      this.main.dataset.rang = String(Number(this.main.dataset.rang ?? 0) + 1);
    } catch {
      // A device without sound: the frame says it.
    }
  }

  seen() {
    this.unseen.clear();
    for (const row of this.main.querySelectorAll(".w-row.just")) row.classList.remove("just", "flash");
    this.showNews();
  }

  /** @param {Place} place */
  draw(place) {
    const now = this.line.now();
    const row = document.createElement("div");
    row.id = `w-${place.code}`;
    row.className = "w-row";
    row.setAttribute("role", "listitem");
    const old = OLD.includes(band(place.at, now));
    row.classList.toggle("old", old);
    row.classList.toggle("just", this.unseen.has(place.code));
    const cell = (/** @type {string} */ name, /** @type {string} */ words) => {
      const span = document.createElement("span");
      span.className = name;
      span.textContent = words;
      return span;
    };
    const status = document.createElement("template");
    status.innerHTML = place.status;
    const name = cell("nm", place.name);
    if (place.level) {
      const level = document.createElement("small");
      level.textContent = place.level;
      name.append(level);
    }
    if (place.source) {
      const source = document.createElement("small");
      source.textContent = "連携";
      source.title = place.source;
      name.append(source);
    }
    const age = cell("ag", place.at === null ? "未報告" : ageWords(place.at, now));
    const strip = document.createElement("i");
    strip.className = `bars b${bars(place.at, now)}`;
    age.append(strip);
    // A row that is fresh by one figure may carry others of days ago.
    const aged = (/** @type {number} */ n) => place.bedsAt[n] != null && OLD.includes(band(place.bedsAt[n] ?? null, now));
    const look = (/** @type {string | null} */ bed, /** @type {number} */ n) => (bed === null || bed === WITHHELD ? " n" : aged(n) ? " z o" : bed === "0" ? " z" : "");
    const beds = place.beds.every((bed) => bed === null)
      ? [cell("un", "未回答")]
      : place.beds.map((bed, n) => cell(`${n === 0 ? "t" : "b"}${look(bed, n)}`, bed ?? "未回答"));
    row.classList.toggle("st-old", place.statusOld);
    row.append(status.content.firstElementChild ?? cell("st", place.statusWords || "－"), name, ...beds, age);
    return row;
  }

  /** Puts everything in its place: as few columns, and so as large letters, as let all of it be seen. */
  lay() {
    if (!this.grid) return;
    const places = [...this.rows.values()].map(placeOf);
    if (places.length === 0) {
      const none = document.createElement("p");
      none.className = "w-none";
      none.textContent = "条件に合う病院はありません。";
      this.grid.replaceChildren(none);
      return this.sums();
    }
    /** @type {Map<string, Place[]>} */
    const groups = new Map();
    for (const place of places) groups.set(place.area, [...(groups.get(place.area) ?? []), place]);
    const wide = matchMedia("(width >= 64rem)").matches;
    const height = wide ? Math.max(200, this.grid.clientHeight) : Infinity;
    const most = wide ? Math.max(1, Math.floor(this.main.clientWidth / 560)) : 1;
    let best = { size: 0, columns: [[...groups]] };
    for (let count = wide ? Math.min(2, most) : 1; count <= most; count += 1) {
      const columns = divide([...groups], count);
      const lines = Math.max(...columns.map((column) => column.reduce((sum, [, all]) => sum + HEAD + 0.6 + all.length * ROW, 0)));
      // A column must also be wide enough for its letters.
      const size = Math.min(MOST / ROW, height / lines, this.main.clientWidth / count / 36);
      // Fewer columns read better: another one must bring more than a little.
      if (size > best.size * 1.1) best = { size, columns };
    }
    const size = wide ? Math.max(LEAST / ROW, best.size) : 16;
    this.main.style.setProperty("--k", `${size}px`);
    const room = wide ? height / size + 0.1 : Infinity;
    let hidden = 0;
    this.grid.replaceChildren(
      ...best.columns.map((column) => {
        const box = document.createElement("div");
        let used = 0;
        for (const [area, all] of column) {
          const section = document.createElement("section");
          section.className = "w-col";
          section.append(heading(this.areas[area] ?? (this.rows.size > 0 && groups.size > 1 ? "医療圏のない病院" : "病院")));
          used += HEAD + 0.6;
          const list = document.createElement("div");
          list.setAttribute("role", "list");
          for (const place of all) {
            used += ROW;
            if (used > room) hidden += 1;
            else list.append(this.draw(place));
          }
          section.append(list);
          if (list.childElementCount > 0) box.append(section);
        }
        return box;
      }),
    );
    const more = this.part("[data-more]");
    if (more) more.textContent = `灰色の行は 24 時間より前の報告${hidden > 0 ? `　画面に入らない ${hidden} 病院は、圏域を分けて表示するか一覧で見てください` : ""}`;
    this.sums();
  }

  /** Ages go on, and rows turn grey, without a word from the server. */
  refresh() {
    void this.stayAwake();
    for (const [code, row] of this.rows) this.grid?.querySelector(`#w-${CSS.escape(code)}`)?.replaceWith(this.draw(placeOf(row)));
    this.sums();
    this.showNews();
  }

  sums() {
    const sum = totals([...this.rows.values()].map(factsOf), this.line.now());
    const places = [...this.rows.values()].map(placeOf);
    const kept = (/** @type {string} */ name) => BEDS.includes(name) && places.some((place) => place.beds[BEDS.indexOf(name)] === WITHHELD);
    for (const [name, value] of Object.entries(sum)) {
      const place = this.part(`[data-t="${name}"]`);
      const words = value === null && kept(name) ? WITHHELD : sumWords(value);
      if (place && place.textContent !== words) place.textContent = words;
    }
  }

  showNews() {
    const now = this.line.now();
    this.news = this.news.filter((news) => now - news.at < CHANGES).slice(0, 40);
    const list = this.part("[data-news]");
    if (!list) return;
    list.hidden = this.news.length === 0;
    list.replaceChildren(
      ...[...list.querySelectorAll("dt")],
      ...this.news.slice(0, 8).map(({ at, name, words }) => {
        const line = document.createElement("dd");
        const [who, what] = [document.createElement("b"), document.createElement("b")];
        who.textContent = name;
        what.textContent = words[2];
        line.append(`${clock(at)}　`, who, `　${words[0]} ${words[1]} → `, what);
        return line;
      }),
    );
    if (this.ack) {
      this.ack.hidden = this.unseen.size === 0;
      this.ack.textContent = `${this.unseen.size} 病院の変化を確認（スペースキー）`;
    }
  }

  tick() {
    if (this.gone) return;
    this.line.tick();
    const now = this.line.now();
    const [time, date] = [this.part("[data-clock]"), this.part("[data-date]")];
    if (time) time.textContent = clock(now);
    if (date) date.textContent = moment(now).slice(0, -5);
    if (this.sound?.value === "until" && this.unseen.size > 0 && now - this.rang > 5_000) this.ring();
  }

  leave() {
    // A wall goes nowhere by itself: what it showed is gone, and it says why.
    this.gone = true;
    for (const one of this.clocks) clearInterval(one);
    this.fit?.disconnect();
    this.unseen.clear();
    this.line.stop();
    this.main.className = "wall gone";
    this.main.innerHTML = '<p>この端末の表示は終わりました。組織の管理者に、もう一度加えてもらってください。</p><p><a href="/sign-in?next=%2Fwall">サインインして開く</a></p>';
    delete this.main.dataset.live;
  }

  listen() {
    this.ack?.addEventListener("click", () => this.seen());
    addEventListener("keydown", (event) => {
      const busy = event.target instanceof HTMLElement && event.target.closest("select, button, a, input");
      if (event.key !== " " || busy) return;
      event.preventDefault();
      this.seen();
    });
    if (this.sound) {
      const sound = this.sound;
      try {
        sound.value = localStorage.getItem(SOUND) ?? "none";
        if (sound.selectedIndex < 0) sound.value = "none";
      } catch {
        // Without storage the choice lasts as long as the page.
      }
      sound.addEventListener("change", () => {
        try {
          localStorage.setItem(SOUND, sound.value);
        } catch {
          // As above.
        }
        // Heard once, so that whoever chooses knows it; and browsers let a page sound from a press on.
        this.ring();
      });
    }
    const full = this.part("[data-full]");
    if (full && document.fullscreenEnabled) {
      full.hidden = false;
      full.addEventListener("click", () => void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
      document.addEventListener("fullscreenchange", () => (full.textContent = document.fullscreenElement ? "全画面をやめる" : "全画面"));
    }
    const watch = this.main.querySelector("[data-watch]");
    if (watch instanceof HTMLSelectElement) watch.addEventListener("change", () => void this.take(watch));
  }

  /** @param {HTMLSelectElement} watch */
  async take(watch) {
    if (!watch.value) return;
    const since = this.part("[data-watch-since]");
    try {
      const answer = await fetch(watch.dataset.watch ?? "", { method: "POST", body: new URLSearchParams({ name: watch.value }) });
      if (since) since.textContent = answer.ok ? `${clock(this.line.now())} から` : "記録できませんでした";
    } catch {
      if (since) since.textContent = "記録できませんでした。接続が戻ってから、選び直してください";
    }
  }

  /** A wall that sleeps shows nothing. */
  async stayAwake() {
    try {
      if (document.visibilityState !== "visible" || (this.lock && !this.lock.released)) return;
      this.lock = await /** @type {any} */ (navigator).wakeLock?.request("screen");
    } catch {
      // The device decides.
    }
  }
}

/** @param {string} name */
function heading(name) {
  const head = document.createElement("h2");
  const title = document.createElement("b");
  title.textContent = name;
  head.append(
    title,
    ...["空床", "重症", "中等", "軽症", "更新"].map((words) => {
      const span = document.createElement("span");
      span.textContent = words;
      return span;
    }),
  );
  return head;
}

/**
 * Areas in columns of about the same length, in their order. An area that is longer than a column goes on in the next.
 * @param {[string, Place[]][]} groups
 * @param {number} count
 * @returns {[string, Place[]][][]}
 */
function divide(groups, count) {
  const length = (/** @type {[string, Place[]][]} */ all) => all.reduce((sum, [, places]) => sum + HEAD + 0.6 + places.length * ROW, 0);
  const goal = length(groups) / count;
  /** @type {[string, Place[]][][]} */
  const columns = [[]];
  let used = 0;
  for (const [area, places] of groups) {
    let rest = places;
    while (rest.length > 0) {
      const room = Math.ceil((goal - used - HEAD - 0.6) / ROW);
      const last = columns.length === count;
      const empty = (columns.at(-1)?.length ?? 0) === 0;
      if (!last && !empty && room < Math.min(rest.length, 3)) {
        columns.push([]);
        used = 0;
        continue;
      }
      const part = last || rest.length <= room + 1 ? rest : rest.slice(0, Math.max(1, room));
      columns.at(-1)?.push([area, part]);
      used += HEAD + 0.6 + part.length * ROW;
      rest = rest.slice(part.length);
    }
  }
  return columns;
}

const main = document.querySelector("main[data-live]");
if (main instanceof HTMLElement) new Wall(main).start();
