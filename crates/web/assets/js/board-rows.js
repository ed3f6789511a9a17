// The rows of an open board: replaced one by one, their ages counted on, the sums added up again. A row stays where it is when it
// changes; only the reader puts rows in order again.

import { age, band, bars, hours, moment } from "./age.js";
import { between } from "./place.js";
import { factsOf } from "./row-facts.js";
import { sumWords, totals } from "./totals.js";

const JUST = 60_000;
/** @type {Record<import("./age.js").Band, [string, string]>} */
const BANDS = {
  hour: ["1時間以内", ""],
  today: ["今日", ""],
  day: ["24時間以内", "前日の報告"],
  "over-day": ["24時間超", "灰色：電話で確かめてください"],
  "over-two-days": ["48時間超", "受入可には数えません"],
  never: ["未報告", "まだ報告がありません"],
};
const RANK = Object.keys(BANDS);

/**
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T | null}
 */
export function find(root, selector, type) {
  const found = root.querySelector(selector);
  return found instanceof type ? found : null;
}

export class Rows {
  /** @param {HTMLElement} main */
  constructor(main) {
    this.main = main;
    this.table = find(main, "table.board", HTMLTableElement);
    this.body = find(main, "table.board > tbody", HTMLTableSectionElement);
    /** @type {(row: HTMLTableRowElement) => boolean} */
    this.shows = () => true;
    /** @type {Map<string, ReturnType<typeof setTimeout>>} */
    this.just = new Map();
    /** @type {string | null} */
    this.headings = null;
  }

  /** @returns {HTMLTableRowElement[]} */
  all() {
    return this.body ? [...this.body.rows].filter((row) => !row.classList.contains("grp")) : [];
  }

  get moved() {
    return this.all().filter((row) => "moved" in row.dataset).length;
  }

  /**
   * Puts a row in the place of the one of the same hospital, or at the end.
   * @param {string} code
   * @param {string} html
   */
  put(code, html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const fresh = template.content.firstElementChild;
    if (!(fresh instanceof HTMLTableRowElement) || !this.body) return;
    const old = document.getElementById(`h-${code}`);
    this.measure(fresh, old);
    if (old instanceof HTMLTableRowElement) {
      const focused = links(old).findIndex((link) => link === document.activeElement);
      if (this.leaves(old, fresh) || "moved" in old.dataset) fresh.dataset.moved = "";
      old.replaceWith(fresh);
      links(fresh).at(focused < 0 ? links(fresh).length : focused)?.focus({ preventScroll: true });
    } else {
      fresh.dataset.moved = "";
      this.body.append(fresh);
    }
    this.mark(code, fresh);
  }

  /**
   * A row that comes by itself is the same for all; how far it is depends on from where this screen looks. The hospital stays where it
   * is, so what the server said of it holds; of one that is new only the straight line is known here, and says so beside roads.
   * @param {HTMLTableRowElement} row
   * @param {HTMLElement | null} old
   */
  measure(row, old) {
    const near = find(this.main, "input[name=near]", HTMLInputElement)?.value;
    const name = row.querySelector(".c-name > a");
    if (!near || !name || row.querySelector(".dist")) return;
    const known = old?.dataset.place === row.dataset.place ? old?.querySelector(".dist") : null;
    if (known) {
      name.after(" ", known.cloneNode(true));
      return;
    }
    const far = document.createElement("span");
    far.className = "dist";
    const straight = row.dataset.place && this.main.querySelector(".b-near[data-roads]") ? "直線 " : "";
    far.textContent = straight + between(near, row.dataset.place);
    name.after(" ", far);
  }

  /**
   * Would the order have it elsewhere?
   * @param {HTMLTableRowElement} old
   * @param {HTMLTableRowElement} fresh
   */
  leaves(old, fresh) {
    const order = this.table?.dataset.order;
    if (order === "fresh") return old.dataset.at !== fresh.dataset.at && this.all()[0] !== old;
    return order === "beds" && factsOf(old).beds.tot?.count !== factsOf(fresh).beds.tot?.count;
  }

  /**
   * @param {string} code
   * @param {HTMLTableRowElement} row
   */
  mark(code, row) {
    row.classList.add("just");
    clearTimeout(this.just.get(code));
    const fade = () => {
      document.getElementById(`h-${code}`)?.classList.remove("just");
      this.just.delete(code);
    };
    this.just.set(code, setTimeout(fade, JUST));
  }

  /** @param {string} code */
  remove(code) {
    document.getElementById(`h-${code}`)?.remove();
  }

  /**
   * Takes all rows of a page that was fetched. What says the same stays, with the focus in it; where no hospital is new each stays in its place,
   * as when it changes by itself.
   * @param {Document} page
   */
  adopt(page) {
    const rows = [...page.querySelectorAll("table.board > tbody > tr[id]")].filter((row) => row instanceof HTMLTableRowElement);
    const focused = document.activeElement;
    const place = focused?.closest("table.board > tbody > tr")?.id;
    const nth = place ? links(document.getElementById(place) ?? document.body).findIndex((link) => link === focused) : -1;
    const [left, top] = [scrollX, scrollY];
    const before = new Map(this.all().map((row) => [row.id, row]));
    const stay = rows.every((row) => before.has(row.id));
    const taken = rows.map((row) => this.keepOr(before.get(row.id), row, stay));
    const there = new Set(taken);
    if (!stay) this.body?.replaceChildren(...taken);
    else for (const row of this.all()) if (!there.has(row)) row.remove();
    this.headings = null;
    // What the distances of these rows are, by road or not.
    const [way, now] = [page, this.main].map((root) => root.querySelector(".b-near [data-way]"));
    if (way && now) now.textContent = way.textContent;
    if (place && document.activeElement !== focused) links(document.getElementById(place) ?? document.body).at(Math.max(0, nth))?.focus({ preventScroll: true });
    scrollTo(left, top);
  }

  /**
   * The row that is there where it says the same, else the fetched one in its place.
   * @param {HTMLTableRowElement | undefined} old
   * @param {HTMLTableRowElement} fetched
   * @param {boolean} stay Does each row stay where it is?
   */
  keepOr(old, fetched, stay) {
    if (old && says(old) === says(fetched)) {
      if (!stay) delete old.dataset.moved;
      return old;
    }
    const fresh = document.adoptNode(fetched);
    if (old && stay) {
      if (this.leaves(old, fresh) || "moved" in old.dataset) fresh.dataset.moved = "";
      old.replaceWith(fresh);
    }
    if (this.just.has(fresh.id.slice(2))) fresh.classList.add("just");
    return fresh;
  }

  /** In the order that the page was asked for. */
  sort() {
    const beds = (/** @type {HTMLTableRowElement} */ row) => factsOf(row).beds.tot?.count ?? -1;
    const at = (/** @type {HTMLTableRowElement} */ row) => Number(row.dataset.at || "-1");
    const key = this.table?.dataset.order === "beds" ? beds : at;
    const rows = this.all().sort((a, b) => key(b) - key(a));
    for (const row of rows) delete row.dataset.moved;
    this.body?.replaceChildren(...rows);
    this.headings = null;
  }

  /**
   * Hides what the filter does not show.
   * @param {number} now
   * @returns {number} As many rows are shown.
   */
  sift(now) {
    const shown = [];
    for (const row of this.all()) {
      const hidden = !this.shows(row);
      if (row.hidden !== hidden) row.hidden = hidden;
      if (!hidden) shown.push(row);
    }
    if (this.table?.dataset.order === "fresh") this.putHeadings(shown, now);
    return shown.length;
  }

  /**
   * Counts ages on and adds up: what goes on whatever the filter shows.
   * @param {number} now
   * @param {boolean} whole Are all rows of the board here?
   */
  goOn(now, whole) {
    const rows = this.all();
    for (const row of rows) refreshAge(row, now);
    if (this.table) this.table.dataset.hours = hours(now);
    if (!whole) return;
    for (const [name, sum] of Object.entries(totals(rows.map(factsOf), now))) {
      for (const place of document.querySelectorAll(`[data-t="${name}"]`)) place.textContent = sumWords(sum);
    }
  }

  /**
   * @param {HTMLTableRowElement[]} rows
   * @param {number} now
   */
  putHeadings(rows, now) {
    const groups = groupsOf(rows, now);
    const headings = groups.map((g) => `${g.band} ${g.first.id} ${g.rows}`).join();
    if (headings === this.headings || !this.body) return;
    this.headings = headings;
    for (const old of [...this.body.rows].filter((row) => row.classList.contains("grp"))) old.remove();
    for (const group of groups) group.first.before(heading(group.band, group.rows));
  }
}

/**
 * The bands follow the rows that stand in order. One that has moved is counted where it still stands, unless it is older than what stands there: under
 * a band no row is older than it says.
 * @template {{ dataset: DOMStringMap }} Row
 * @param {Row[]} rows
 * @param {number} now
 * @returns {{ band: import("./age.js").Band, first: Row, rows: number }[]}
 */
export function groupsOf(rows, now) {
  /** @type {{ band: import("./age.js").Band, first: Row, rows: number }[]} */
  const groups = [];
  for (const row of rows) {
    const last = groups.at(-1);
    const own = band(row.dataset.at ? Number(row.dataset.at) : null, now);
    const opens = !last || RANK.indexOf(own) > RANK.indexOf(last.band) || (own !== last.band && !("moved" in row.dataset));
    if (opens) groups.push({ band: own, first: row, rows: 1 });
    else last.rows += 1;
  }
  return groups;
}

/**
 * What the server says in a row. Its age is left out, which goes on here, and whether it moved or is hidden, which is the reader's.
 * @param {HTMLTableRowElement} row
 */
function says(row) {
  const { moved, ...data } = row.dataset;
  return JSON.stringify([data, [...row.cells].filter((cell) => !cell.classList.contains("c-age")).map((cell) => cell.outerHTML)]);
}

/** @param {Element} root @returns {HTMLElement[]} */
function links(root) {
  return [...root.querySelectorAll("a")];
}

/**
 * @param {HTMLTableRowElement} row
 * @param {number} now
 */
function refreshAge(row, now) {
  const at = row.dataset.at ? Number(row.dataset.at) : null;
  if (at === null) return;
  const { word, detail } = age(at, now);
  const words = row.querySelector(".c-age b");
  if (words && (words.textContent !== word || (words.nextElementSibling?.tagName === "SMALL" && detail === ""))) {
    words.textContent = word;
    words.parentElement?.querySelector("small")?.remove();
    if (detail) {
      const small = document.createElement("small");
      small.textContent = detail;
      words.after(small);
    }
    words.setAttribute("title", moment(at));
  }
  const marks = row.querySelector(".bars");
  const level = `bars b${bars(at, now)}`;
  if (marks && marks.className !== level) marks.className = level;
  row.classList.toggle("old", ["over-day", "over-two-days"].includes(band(at, now)));
}

/**
 * @param {import("./age.js").Band} name
 * @param {number} rows
 */
function heading(name, rows) {
  const [words, note] = BANDS[name];
  const row = document.createElement("tr");
  row.className = "grp";
  row.dataset.band = name;
  row.setAttribute("role", "row");
  const cell = document.createElement("th");
  cell.setAttribute("role", "rowheader");
  cell.colSpan = 22;
  cell.scope = "rowgroup";
  const count = document.createElement("span");
  count.textContent = String(rows);
  const small = document.createElement("small");
  small.textContent = note;
  cell.append(`${words}　`, count, " 病院", small);
  row.append(cell);
  return row;
}
