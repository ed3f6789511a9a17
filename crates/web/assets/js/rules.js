// The rules between items, evaluated as the server evaluates them: the same plain form of the same expressions（docs/SURVEYS.md）, by a
// library for CEL. Where the library is not there, nothing is said here; the server says all of it when the form is sent.

/**
 * @typedef {object} Rule
 * @property {string} id
 * @property {boolean} hard
 * @property {string} holds The expression in its plain form.
 * @property {string[]} items What it names, in its order.
 * @property {string | null} item Where its message stands; without it, at the first item that is answered.
 * @property {string} message
 */

/** @typedef {string | number | null | undefined} Answer A count, a word, or neither: 未回答. */

/**
 * @typedef {object} Facts
 * @property {number | null} licensed_beds
 * @property {string} report_date
 * @property {Record<string, string | number>} previous The answers of the last report.
 */

/** @typedef {"holds" | "broken" | "silent"} Verdict Why a rule is silent, only the server tells apart. */

/** @typedef {{ id: string, item: string, hard: boolean, message: string }} Finding */

/** @typedef {{ Environment: typeof import("@marcbachmann/cel-js").Environment }} Cel */

/** Beyond it a product or quotient is undefined: up to here whole numbers are exact, and sums of such stay so. */
const EXACT_MAX = 1e15;
const DAY = 86_400_000;

/** Ends the evaluation, unless the other side of an `&&` or `||` decides. @param {string} why @returns {never} */
function no(why) {
  throw new Error(why);
}

/** The numbers that are known. @param {unknown[]} list @returns {number[]} */
const numbers = (list) => list.filter((n) => typeof n === "number");

/** Folds what is known; of nothing it is unknown. @param {unknown[]} list @param {(a: number, b: number) => number} by */
function fold(list, by) {
  const known = numbers(list);
  return known.length > 0 ? known.reduce(by) : no("unknown");
}

/** @param {number} n */
const exact = (n) => (Math.abs(n) <= EXACT_MAX ? n : no("undefined"));

/** @param {unknown[]} list */
function divided(list) {
  const [a, b] = numbers(list);
  return a === undefined || b === undefined ? no("unknown") : b === 0 ? no("undefined") : exact(a / b);
}

/** @param {unknown} word */
function day(word) {
  const at = typeof word === "string" && /^\d{4}-\d\d-\d\d$/.test(word) ? Date.parse(`${word}T00:00:00Z`) : NaN;
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== word ? no("unknown") : at;
}

/** @type {Record<string, (list: unknown[]) => number | boolean>} */
const FUNCTIONS = {
  sum: (list) => fold(list, (a, b) => a + b),
  min: (list) => fold(list, (a, b) => Math.min(a, b)),
  max: (list) => fold(list, (a, b) => Math.max(a, b)),
  known: (list) => list.every((answer) => answer !== null),
  times: (list) => {
    const [a, b] = numbers(list);
    return a === undefined || b === undefined ? no("unknown") : exact(a * b);
  },
  divided,
  abs: (list) => Math.abs(fold(list, (a) => a)),
  days: ([from, to]) => (day(to) - day(from)) / DAY,
};

/** @param {Cel} cel */
function environment(cel) {
  const env = new cel.Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false });
  for (const [name, by] of Object.entries(FUNCTIONS)) env.registerFunction(`${name}(list): ${name === "known" ? "bool" : "double"}`, by);
  return env;
}

/**
 * Reads an expression in its plain form.
 * @param {Cel} cel
 * @returns {(plain: string) => (names: Record<string, unknown>) => Verdict}
 */
export function reader(cel) {
  const env = environment(cel);
  return (plain) => {
    const holds = env.parse(plain);
    return (names) => {
      try {
        const answer = holds(names);
        return answer === true ? "holds" : answer === false ? "broken" : "silent";
      } catch {
        return "silent";
      }
    };
  };
}

/**
 * The names of a plain form: `now_x` is there only where the answer is known, `maybe_now_x` is null where it is not.
 * @param {string[]} items
 * @param {Facts} facts
 * @param {(item: string) => Answer} answer
 */
export function names(items, facts, answer) {
  /** @type {Record<string, unknown>} */
  const known = Object.create(null);
  /** @param {string} name @param {Answer} value */
  const put = (name, value) => {
    const there = value !== null && value !== undefined && value !== "";
    if (there) known[name] = value;
    known[`maybe_${name}`] = there ? value : null;
  };
  put("licensed_beds", facts.licensed_beds);
  put("report_date", facts.report_date);
  for (const item of items) {
    put(`now_${item}`, answer(item));
    put(`last_${item}`, facts.previous[item]);
  }
  return known;
}

/** The rules of a survey, ready to be asked. */
export class Rules {
  /**
   * @param {Cel} cel
   * @param {Rule[]} rules
   * @param {Facts} facts
   */
  constructor(cel, rules, facts) {
    const read = reader(cel);
    this.facts = facts;
    this.rules = rules.map((rule) => ({ ...rule, judge: read(rule.holds) }));
  }

  /**
   * Those that do not hold.
   * @param {(item: string) => Answer} answer
   * @returns {Finding[]}
   */
  broken(answer) {
    const broken = this.rules.filter((rule) => rule.judge(names(rule.items, this.facts, answer)) === "broken");
    return broken.map(({ id, hard, item, items, message }) => {
      const answered = items.find((one) => (answer(one) ?? "") !== "");
      return { id, hard, message, item: item ?? answered ?? items[0] ?? "" };
    });
  }
}

/**
 * The rules of a page; `null` where the library was not taken along.
 * @param {{ rules: Rule[], facts: Facts }} data
 */
export async function loadRules(data) {
  if (data.rules.length === 0) return null;
  const at = new URL("../cel/evaluator.js", import.meta.url).href;
  try {
    return new Rules(await import(at), data.rules, data.facts);
  } catch {
    return null;
  }
}
