// Totals and rates of a report while it is typed: what the figures say together. What is not answered is not counted as zero.

/** @typedef {(item: string) => number | null | undefined} Count */

const PARTS = ["available_beds_severe", "available_beds_moderate", "available_beds_mild"];
const SEVERITIES = ["inpatients_severe", "inpatients_moderate2", "inpatients_moderate1", "inpatients_mild"];

/**
 * @param {Count} count
 * @param {string[]} items
 */
function sum(count, items) {
  const known = items.map(count).filter((n) => typeof n === "number");
  return known.length === 0 ? null : { total: known.reduce((a, b) => Number(a) + Number(b), 0), missing: items.length - known.length };
}

/**
 * 「45 %」: whole numbers, except that little is not nothing and nearly full is not full.
 * @param {number} part
 * @param {number} whole
 */
export function rate(part, whole) {
  const exact = (part / whole) * 100;
  const rounded = Math.round(exact);
  if (rounded === 0 && part > 0) return "1 % 未満";
  if (rounded === 100 && part < whole) return "99 % 台";
  return `${rounded} %`;
}

/** A rate that the survey defines: the first of its parts that is answered, of the whole. @typedef {{ label: string, part: string[], whole: string }} Rate */

/**
 * The figures in words, the ones that can be said.
 * @param {Count} count
 * @param {Rate[]} rates
 * @returns {string[]}
 */
export function figures(count, rates = []) {
  /** @type {string[]} */
  const said = [];
  const use = (/** @type {string} */ words, /** @type {string} */ part, /** @type {string} */ whole) => {
    const [n, of] = [count(part), count(whole)];
    if (typeof n === "number" && typeof of === "number" && of > 0) said.push(`${words} ${rate(n, of)}（${n}／${of} 床）`);
  };
  use("確保病床の使用率", "inpatients_in_secured", "secured_beds");
  use("即応病床の使用率", "inpatients_total", "ready_beds");
  use("重症者用の使用率", "inpatients_severe", "ready_beds_severe");
  for (const { label, part, whole } of rates) {
    const [n, of] = [part.map(count).find((known) => typeof known === "number"), count(whole)];
    if (typeof n === "number" && typeof of === "number" && of > 0) said.push(`${label} ${rate(n, of)}（${n}／${of}）`);
  }
  const against = (/** @type {string} */ words, /** @type {string[]} */ items, /** @type {string} */ whole, /** @type {string} */ unit) => {
    const parts = sum(count, items);
    const all = count(whole);
    if (!parts || typeof all !== "number") return;
    const missing = parts.missing > 0 ? `、未回答 ${parts.missing}` : "";
    said.push(`${words}の内訳 ${parts.total} ${unit}（計 ${all}${missing}）`);
  };
  against("空床", PARTS, "available_beds", "床");
  against("入院患者", SEVERITIES, "inpatients_total", "人");
  return said;
}
