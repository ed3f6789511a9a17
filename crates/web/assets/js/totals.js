// The figures above the board, added up from its rows as the server adds them. A sum says who is missing from it, and a sum of nobody is no
// zero but null.

import { counts } from "./age.js";
import { accepts } from "./filter-rule.js";

/**
 * @typedef {{ hospitals: number, accepting: number, available: number | null, severe: number | null, moderate: number | null, mild: number | null, unanswered: number }} Totals
 * @param {import("./filter-rule.js").RowFacts[]} rows
 * @param {number} now
 */
export function totals(rows, now) {
  /** @type {Totals} */
  const sum = { hospitals: 0, accepting: 0, available: null, severe: null, moderate: null, mild: null, unanswered: 0 };
  /** @type {["available" | "severe" | "moderate" | "mild", string][]} */
  const parts = [["available", "tot"], ["severe", "sev"], ["moderate", "mod"], ["mild", "mild"]];
  for (const row of rows) {
    sum.hospitals += 1;
    sum.accepting += accepts(row, now) ? 1 : 0;
    for (const [part, name] of parts) {
      const bed = row.beds[name];
      if (bed && counts(bed.at, now)) sum[part] = (sum[part] ?? 0) + bed.count;
      else if (part === "available") sum.unanswered += 1;
    }
  }
  return sum;
}

/** @param {number | null} sum As the server writes it. */
export function sumWords(sum) {
  return sum === null ? "－" : String(sum);
}
