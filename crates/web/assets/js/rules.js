// The rules between items, evaluated as the server evaluates them: the sum of some is at most another. What is not answered is not
// counted, and a bound that is not known does not bind.

/**
 * @typedef {object} Rule
 * @property {string} id
 * @property {boolean} hard
 * @property {string[]} sum
 * @property {string | null} item The bound, if it is an item.
 * @property {number | null} limit The bound, if it is a number.
 * @property {string} message
 */

/** @typedef {{ id: string, item: string, hard: boolean, message: string }} Finding */

/**
 * @param {Rule[]} rules
 * @param {(item: string) => number | null | undefined} count
 * @returns {Finding[]}
 */
export function broken(rules, count) {
  /** @type {Finding[]} */
  const found = [];
  for (const rule of rules) {
    const bound = rule.item === null ? rule.limit : count(rule.item);
    const known = rule.sum.filter((item) => typeof count(item) === "number");
    const sum = known.reduce((total, item) => total + Number(count(item)), 0);
    const [first] = known;
    if (first !== undefined && typeof bound === "number" && sum > bound) {
      found.push({ id: rule.id, item: first, hard: rule.hard, message: rule.message });
    }
  }
  return found;
}
