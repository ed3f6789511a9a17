// Which rows a filter shows: the same question as the server's, on what each row carries.

import { counts } from "./age.js";
import { foldSearch } from "./fold.js";

/**
 * @typedef {object} Filter
 * @property {string} search
 * @property {string} area
 * @property {string} municipality
 * @property {boolean} accepting
 * @property {string} severity
 * @property {string[]} care
 * @property {string} level
 * @property {string[]} devices
 * @property {number | null} within Hours.
 * @property {string} near
 * @property {string} order
 */

/**
 * @typedef {object} RowFacts
 * @property {number | null} at
 * @property {string} area
 * @property {string} municipality
 * @property {number | null} can Where the door is open and there are beds: from when the word on the door is true.
 * @property {Record<string, { count: number, at: number | null } | undefined>} beds By tot, sev, mod, mild.
 * @property {string[]} care What is taken, ◎ or ○.
 * @property {string} level
 * @property {string[]} devices More of it usable than in use.
 * @property {string} search
 */

/** @type {Record<string, string>} */
const BEDS = { severe: "sev", moderate: "mod", mild: "mild" };
const HOUR = 3_600_000;

/** @returns {Filter} */
export function everything() {
  return { search: "", area: "", municipality: "", accepting: false, severity: "", care: [], level: "", devices: [], within: null, near: "", order: "fresh" };
}

/**
 * What a row's data attributes say.
 * @param {DOMStringMap | Record<string, string | undefined>} data
 * @returns {RowFacts}
 */
export function facts(data) {
  const at = data.at ? Number(data.at) : null;
  /** @type {RowFacts["beds"]} */
  const beds = {};
  for (const name of ["tot", "sev", "mod", "mild"]) {
    const count = data[name];
    const own = data[`${name}At`];
    if (count !== undefined) beds[name] = { count: Number(count), at: own ? Number(own) : at };
  }
  return {
    at,
    area: data.area ?? "",
    municipality: data.muni ?? "",
    can: data.can ? Number(data.can) : null,
    beds,
    care: data.care ? data.care.split(" ") : [],
    level: data.level ?? "",
    devices: data.device ? data.device.split(" ") : [],
    search: data.q ?? "",
  };
}

/**
 * 受入可, as the server says it: both are tested on accepts.cases.json. A row that a quick version keeps fresh may carry a word on its door of days ago.
 * @param {RowFacts} row
 * @param {number} now
 */
export function accepts(row, now) {
  return counts(row.can, now) && counts(row.at, now);
}

/**
 * @param {Filter} filter
 * @param {RowFacts} row
 * @param {number} now
 */
export function shows(filter, row, now) {
  const words = filter.search.split(/\s+/u).filter(Boolean).map(foldSearch);
  const bed = BEDS[filter.severity];
  return (
    words.every((word) => row.search.includes(word)) &&
    (filter.area === "" || filter.area === row.area) &&
    (filter.municipality === "" || filter.municipality === row.municipality) &&
    (!filter.accepting || accepts(row, now)) &&
    (bed === undefined || (row.beds[bed]?.count ?? 0) > 0) &&
    filter.care.every((name) => row.care.includes(name)) &&
    (filter.level === "" || filter.level === row.level) &&
    filter.devices.every((name) => row.devices.includes(name)) &&
    (filter.within === null || (row.at !== null && now - row.at <= filter.within * HOUR))
  );
}

/**
 * Does a filter show no row that another does not? Then the rows of the other are enough for it.
 * @param {Filter} filter
 * @param {Filter} other
 */
export function isWithin(filter, other) {
  const words = (/** @type {Filter} */ one) => one.search.split(/\s+/u).filter(Boolean).map(foldSearch);
  const own = words(filter);
  return (
    words(other).every((word) => own.some((more) => more.includes(word))) &&
    (other.area === "" || other.area === filter.area) &&
    (other.municipality === "" || other.municipality === filter.municipality) &&
    (!other.accepting || filter.accepting) &&
    (other.severity === "" || other.severity === filter.severity) &&
    other.care.every((name) => filter.care.includes(name)) &&
    (other.level === "" || other.level === filter.level) &&
    other.devices.every((name) => filter.devices.includes(name)) &&
    (other.within === null || (filter.within !== null && filter.within <= other.within))
  );
}

/**
 * The parameters of an address that say the same, in the server's order.
 * @param {Filter} filter
 * @returns {[string, string][]}
 */
export function parameters(filter) {
  /** @type {[string, string][]} */
  const out = [];
  if (filter.search) out.push(["q", filter.search]);
  if (filter.area) out.push(["area", filter.area]);
  if (filter.municipality) out.push(["municipality", filter.municipality]);
  if (filter.accepting) out.push(["accepting", "1"]);
  if (filter.severity) out.push(["severity", filter.severity]);
  for (const name of filter.care) out.push(["care", name]);
  if (filter.level) out.push(["level", filter.level]);
  for (const name of filter.devices) out.push(["device", name]);
  if (filter.within !== null) out.push(["within", String(filter.within)]);
  if (filter.near) out.push(["near", filter.near]);
  if (filter.order !== "fresh") out.push(["order", filter.order]);
  return out;
}

/**
 * What the form says.
 * @param {FormData} form
 * @returns {Filter}
 */
export function read(form) {
  const one = (/** @type {string} */ name) => String(form.get(name) ?? "");
  return {
    search: one("q").trim(),
    area: one("area"),
    municipality: one("municipality"),
    accepting: form.has("accepting"),
    severity: one("severity"),
    care: form.getAll("care").map(String),
    level: one("level"),
    devices: form.getAll("device").map(String),
    within: one("within") ? Number(one("within")) : null,
    near: one("near"),
    order: one("order") || "fresh",
  };
}

/**
 * Does it leave rows out? The order and the place from where distances are do not.
 * @param {Filter} filter
 */
export function narrows(filter) {
  return parameters({ ...filter, near: "", order: "fresh" }).length > 0;
}
