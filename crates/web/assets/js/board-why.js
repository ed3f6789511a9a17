// なぜ変わった？ of what is no link by itself: whoever points at a figure finds one. The hospital's page has the same links, for the keyboard and
// without a script.

import { WITHHELD } from "./row-facts.js";

/** Cells of one kind stand in the order of their heads. */
const KINDS = { "td.c-inp": "th.c-inp", "td.c-bed": "th:is(.c-sev, .c-mod, .c-mild)", "td.c-det": "th.c-det" };

/** The item behind a cell, by the head of its column: what is reckoned of several has none. @param {HTMLTableCellElement} cell */
function item(cell) {
  for (const [kind, heads] of Object.entries(KINDS)) {
    const at = [...(cell.parentElement?.querySelectorAll(kind) ?? [])].indexOf(cell);
    if (at >= 0) return cell.closest("table")?.tHead?.querySelectorAll(heads)[at]?.getAttribute("data-why");
  }
  return null;
}

/** @param {Event} event @returns {HTMLAnchorElement | null} */
function link(event) {
  const cell = event.target instanceof Element ? event.target.closest("tbody td") : null;
  if (!(cell instanceof HTMLTableCellElement)) return null;
  const there = cell.querySelector("a");
  if (there) return there;
  const why = item(cell);
  const hospital = cell.parentElement?.querySelector(".c-name > a")?.getAttribute("href");
  if (!why || !hospital || cell.textContent === WITHHELD) return null;
  const made = document.createElement("a");
  made.className = "why";
  made.tabIndex = -1;
  made.href = `${hospital}/why/${why}`;
  made.append(...cell.childNodes);
  cell.append(made);
  return made;
}

/** @param {HTMLTableElement} table */
export function leadToWhy(table) {
  table.addEventListener("pointerover", link);
  // A finger comes down and is lifted in one: what it pressed was not a link yet.
  table.addEventListener("click", (event) => {
    const made = link(event);
    if (made && event.target instanceof Node && !made.contains(event.target)) made.click();
  });
}
