// The figures above the board, added up from its rows as the server adds them. A sum says who is missing from it.

import { counts } from "./age.js";
import { accepts } from "./filter-rule.js";

/**
 * @param {import("./filter-rule.js").RowFacts[]} rows
 * @param {number} now
 */
export function totals(rows, now) {
  const sum = { hospitals: 0, accepting: 0, available: 0, severe: 0, moderate: 0, mild: 0, unanswered: 0 };
  for (const row of rows) {
    const fresh = (/** @type {string} */ name) => {
      const bed = row.beds[name];
      return bed && counts(bed.at, now) ? bed.count : null;
    };
    const available = fresh("tot");
    sum.hospitals += 1;
    sum.accepting += accepts(row, now) ? 1 : 0;
    sum.available += available ?? 0;
    sum.unanswered += available === null ? 1 : 0;
    sum.severe += fresh("sev") ?? 0;
    sum.moderate += fresh("mod") ?? 0;
    sum.mild += fresh("mild") ?? 0;
  }
  return sum;
}
