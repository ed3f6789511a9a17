// A board out of the device was kept under another address than it is asked for: its form, its distances and its order follow the address as far as
// they can without the server, and what cannot follow is said.

import { find } from "./board-rows.js";
import { between, kilometres, read } from "./place.js";
import { factsOf } from "./row-facts.js";

/** @type {Record<string, string>} */
const ORDERS = { fresh: "新しい順", kana: "よみの順", beds: "空床の多い順", area: "医療圏の順", distance: "近い順" };
/** How what is said of a page from the device begins. */
export const KEPT_SAYS = "端末に保存した表示です。";
const WAY = "からの直線距離。時間は、直線の 1.3 倍を時速 40 km で走る目安です（渋滞は見ていません）。";

/**
 * @param {HTMLElement} main
 * @param {HTMLFormElement} form
 * @param {URLSearchParams} asked
 */
export function follow(main, form, asked) {
  fill(form, asked);
  const table = find(main, "table.board", HTMLTableElement);
  const select = find(form, "select[name=order]", HTMLSelectElement);
  const says = find(main, "[data-here-says]", HTMLElement);
  if (!table || !select || !says) return;
  const place = asked.get("near") ?? "";
  const near = read(place) ? place : "";
  const said = [];
  if (near !== (find(form, "input[name=near]", HTMLInputElement)?.value ?? "")) {
    measure(main, form, table, near);
    if (near) said.push("距離は、アドレスの起点からの直線です。");
  }
  const order = asked.get("order") ?? "fresh";
  const kept = table.dataset.order ?? "fresh";
  if (order === "distance" ? near !== "" && (kept !== order || said.length > 0) : order !== kept) {
    if (sort(table, order, near)) choose(select, order);
    else said.push(`${ORDERS[order] ?? "この順"}には並べられませんでした。いまは${ORDERS[kept] ?? "前のまま"}です。`);
  }
  if (said.length === 0) return;
  says.textContent = KEPT_SAYS + said.join("");
  says.hidden = false;
}

/**
 * The form says what the address says.
 * @param {HTMLFormElement} form
 * @param {URLSearchParams} asked
 */
function fill(form, asked) {
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) {
      field.checked = asked.getAll(field.name).includes(field.value) || (field.type === "radio" && field.value === "" && !asked.has(field.name));
    } else if (field instanceof HTMLInputElement && field.type === "search") {
      field.value = asked.get(field.name) ?? "";
    } else if (field instanceof HTMLSelectElement && field.name !== "order") {
      choose(field, asked.get(field.name) ?? "");
    }
  }
}

/**
 * Chooses, and offers what was not offered: a filter that holds must be seen.
 * @param {HTMLSelectElement} select
 * @param {string} value
 */
function choose(select, value) {
  select.value = value;
  if (select.selectedIndex >= 0) return;
  const words = { area: "一覧にない圏域", municipality: "一覧にない市区町村", within: /^\d+$/.test(value) ? `${value}時間以内` : "", order: ORDERS[value] }[select.name];
  // What the server would not take either is no filter.
  if (words) select.add(new Option(words, value, true, true));
  else select.value = "";
}

/**
 * Distances from another place, by the straight line: no more is known here.
 * @param {HTMLElement} main
 * @param {HTMLFormElement} form
 * @param {HTMLTableElement} table
 * @param {string} near Nothing for no distances.
 */
function measure(main, form, table, near) {
  for (const old of [...form.querySelectorAll("input[name=near]"), ...table.querySelectorAll(".dist"), ...main.querySelectorAll(".b-near")]) old.remove();
  if (!near) return;
  const field = document.createElement("input");
  [field.type, field.name, field.value] = ["hidden", "near", near];
  form.prepend(field);
  for (const row of table.querySelectorAll("tbody > tr[data-q]")) {
    if (!(row instanceof HTMLTableRowElement)) continue;
    const far = document.createElement("span");
    far.className = "dist";
    far.textContent = (row.dataset.place ? "直線 " : "") + between(near, row.dataset.place);
    row.querySelector(".c-name > a")?.after(" ", far);
  }
  const line = document.createElement("p");
  line.className = "b-near small";
  // Rows that come later say too that they are measured so.
  line.dataset.roads = "";
  const [from, way] = [document.createElement("b"), document.createElement("span")];
  from.dataset.start = near;
  from.textContent = "指定した地点";
  way.dataset.way = "";
  way.textContent = WAY;
  const words = document.createElement("span");
  words.append(from, way);
  line.append(words);
  find(main, "[data-here-says]", HTMLElement)?.after(line);
}

/**
 * @param {HTMLTableElement} table
 * @param {string} order
 * @param {string} near
 * @returns {boolean} Readings and areas are the server's to sort by.
 */
function sort(table, order, near) {
  const from = read(near);
  const far = (/** @type {HTMLTableRowElement} */ row) => {
    const to = read(row.dataset.place ?? "");
    return from && to ? kilometres(from, to) : Infinity;
  };
  /** @type {Record<string, (row: HTMLTableRowElement) => number>} */
  const keys = { fresh: (row) => -Number(row.dataset.at || "-1"), beds: (row) => -(factsOf(row).beds.tot?.count ?? -1), distance: far };
  const key = keys[order];
  const body = table.tBodies[0];
  if (!key || !body) return false;
  const rows = [...body.rows].filter((row) => !row.classList.contains("grp"));
  const ranks = new Map(rows.map((row) => [row, key(row)]));
  const rank = (/** @type {HTMLTableRowElement} */ row) => ranks.get(row) ?? Infinity;
  // Bands stand over the newest first only, and are put there anew.
  body.replaceChildren(...rows.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b))));
  table.dataset.order = order;
  for (const link of table.querySelectorAll("a.sort")) {
    if (!(link instanceof HTMLAnchorElement)) continue;
    const own = (new URL(link.href).searchParams.get("order") ?? "fresh") === order;
    link.textContent = (link.textContent ?? "").replace(/ [▼▲]$/u, "") + (own ? " ▼" : "");
    const head = link.closest("th");
    if (own) head?.setAttribute("aria-sort", "descending");
    else head?.removeAttribute("aria-sort");
  }
  const caption = table.caption;
  if (caption) caption.textContent = (caption.textContent ?? "").replace(/[^。]*。$/u, `${ORDERS[order]}。`);
  return true;
}
