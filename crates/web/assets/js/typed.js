// Dates and times as people type them, read as the server reads them: both are tested on one table, typed.cases.json of the domain.

import { readCount } from "./fold.js";

/** The year before the first of an era, and its last. Reiwa runs on. @type {Record<string, [number, number]>} */
const ERAS = { M: [1867, 45], T: [1911, 15], S: [1925, 64], H: [1988, 31], R: [2018, 99] };
/** @type {Record<string, string>} */
const LETTERS = { 明治: "M", 大正: "T", 昭和: "S", 平成: "H", 令和: "R" };

/** Width and hyphens folded. @param {string} typed */
function fold(typed) {
  const trimmed = typed.replace(/^[\s\u200b\ufeff]+|[\s\u200b\ufeff]+$/g, "");
  return trimmed.normalize("NFKC").replace(/[‐‑‒–—―−]/gu, "-");
}

/**
 * A date as it is kept, 2026-04-10: `null` where nothing is typed, `undefined` where it is none.
 * @param {string} typed
 * @returns {string | null | undefined}
 */
export function readDate(typed) {
  const words = fold(typed);
  if (words === "") return null;
  const era = /^(明治|大正|昭和|平成|令和|[MTSHR])(元|\d{1,2})(?=\D)/i.exec(words);
  const rest = era ? `0000${words.slice(era[0].length)}` : words;
  const parts = (era ? null : /^(\d{4})(\d\d)(\d\d)$/.exec(rest)) ?? /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/.exec(rest) ?? /^(\d{4})年(\d{1,2})月(\d{1,2})日$/.exec(rest);
  if (!parts) return undefined;
  const year = era ? westernYear(era[1] ?? "", era[2] ?? "") : Number(parts[1]);
  const [month, day] = parts.slice(-2).map(Number);
  if (year === undefined || year < 1800 || year >= 2200 || month === undefined || day === undefined) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  const there = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return there ? date.toISOString().slice(0, 10) : undefined;
}

/**
 * @param {string} era
 * @param {string} year
 */
function westernYear(era, year) {
  const [zero, last] = ERAS[LETTERS[era] ?? era.toUpperCase()] ?? [0, 0];
  const n = year === "元" ? 1 : Number(year);
  return n >= 1 && n <= last ? zero + n : undefined;
}

/**
 * A time of day as it is kept, 09:05: `null` where nothing is typed, `undefined` where it is none.
 * @param {string} typed
 * @returns {string | null | undefined}
 */
export function readClock(typed) {
  const words = fold(typed);
  if (words === "") return null;
  const [, half, rest = ""] = /^(午前|午後)?(.*)$/su.exec(words) ?? [];
  const parts = /^(\d{1,2}?)(\d\d)$/.exec(rest.length > 2 ? rest : "") ?? /^(\d{1,2}):(\d\d)(?::00)?$/.exec(rest) ?? /^(\d{1,2})時(?:(\d{1,2})分|(半))?$/.exec(rest);
  if (!parts) return undefined;
  const typedHour = Number(parts[1]);
  const minute = parts[3] ? 30 : Number(parts[2] ?? 0);
  if (half && typedHour > 12) return undefined;
  const hour = half ? (typedHour % 12) + (half === "午後" ? 12 : 0) : typedHour;
  return hour <= 23 && minute <= 59 ? `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}` : undefined;
}

/** What is said where an answer does not read: the server's sentences. */
const SENTENCES = {
  count: "0 以上の整数を入れてください。わからないときは空のままにしてください。",
  date: "日付を「2026-04-10」や「令和8年4月10日」のように入れてください。",
  time: "時刻を「9:05」や「9時5分」のように、0:00 から 23:59 までで入れてください。",
  word: "",
};

/** @typedef {keyof typeof SENTENCES} Kind */

/**
 * An answer as the rules take it: a number, a word, `null` for 未回答, `undefined` where it does not read.
 * @param {Kind} kind
 * @param {string} typed
 */
export function readAnswer(kind, typed) {
  if (kind === "count") return readCount(typed);
  if (kind === "date") return readDate(typed);
  if (kind === "time") return readClock(typed);
  return typed.trim() === "" ? null : typed.trim();
}

/** @param {Kind} kind @param {string} typed */
export function unreadable(kind, typed) {
  return readAnswer(kind, typed) === undefined ? [SENTENCES[kind]] : [];
}

/**
 * The same of a count, with its bounds.
 * @param {string} typed
 * @param {{ min?: string, max?: string }} bounds
 */
export function countWrong(typed, { min = "0", max = "9999" }) {
  const count = readCount(typed);
  if (typeof count !== "number") return unreadable("count", typed);
  if (count > Number(max)) return [`けたが多すぎます。${max} 以下の数を入れてください。`];
  return count < Number(min) ? [`少なすぎます。${min} 以上の数を入れてください。`] : [];
}
