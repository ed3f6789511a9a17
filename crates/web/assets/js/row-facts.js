// What a row of the board says, read from its cells: what stands on the screen is not written a second time for the script. Read once: a row that
// changes is another row.

import { facts } from "./filter-rule.js";
import { foldSearch } from "./fold.js";

/** What the prefecture does not share with whoever looks. */
export const WITHHELD = "非共有";

/** @type {WeakMap<HTMLTableRowElement, import("./filter-rule.js").RowFacts>} */
const known = new WeakMap();

/**
 * The words of a figure without its age: 「2」, 「未回答」, 「非共有」; nothing where the row has no such cell.
 * @param {HTMLTableRowElement} row
 * @param {string} name tot, sev, mod or mild.
 */
export function figure(row, name) {
  const cell = row.querySelector(`td.c-${name}`);
  return (cell?.querySelector("a.why") ?? cell)?.firstChild?.textContent?.trim() ?? "";
}

/**
 * Names in the heads of some columns, of those where the row's cell says yes.
 * @param {HTMLTableRowElement} row
 * @param {string} kind
 * @param {string} name
 * @param {(cell: Element) => boolean} yes
 */
function named(row, kind, name, yes) {
  const heads = document.querySelectorAll(`table.board > thead th${kind}`);
  const names = [...row.querySelectorAll(`td${kind}`)].map((cell, at) => (yes(cell) ? heads[at]?.getAttribute(name) : null));
  return names.filter((found) => found !== null && found !== undefined).join(" ");
}

/** ◎ or ○. @param {Element} cell */
const takes = (cell) => cell.querySelector(".mk-a, .mk-b") !== null;

/** Fewer in use than usable: 「2/5」. @param {Element} cell */
function hasSpare(cell) {
  const [, busy, usable] = /^(\d+)\/(\d+)/.exec(cell.textContent ?? "") ?? [];
  return busy !== undefined && Number(busy) < Number(usable);
}

/**
 * @param {HTMLTableRowElement} row
 * @returns {import("./filter-rule.js").RowFacts}
 */
export function factsOf(row) {
  const before = known.get(row);
  if (before) return before;
  /** @type {Record<string, string | undefined>} */
  const beds = {};
  for (const name of ["tot", "sev", "mod", "mild"]) {
    const words = figure(row, name);
    if (/^\d+$/.test(words)) beds[name] = words;
  }
  /** @type {string | null} */
  let search = null;
  const own = {
    ...facts({ ...row.dataset, ...beds, care: named(row, ".c-sp", "data-care", takes), device: named(row, ".c-det", "data-device", hasSpare) }),
    // Only who searches pays for it.
    get search() {
      search ??= foldSearch(row.querySelector(".c-name > a")?.textContent ?? "") + (row.dataset.q ?? "");
      return search;
    },
  };
  known.set(row, own);
  return own;
}
