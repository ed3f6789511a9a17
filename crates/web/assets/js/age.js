// How old a figure is, in the same words as the server's: both are tested on age.cases.json. Times are milliseconds since 1970; a day
// turns at midnight in Japan, wherever the screen stands.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const JST = 9 * HOUR;

/** @param {number} at */
function parts(at) {
  const jst = new Date(at + JST);
  return {
    day: Math.floor((at + JST) / DAY),
    year: jst.getUTCFullYear(),
    month: jst.getUTCMonth() + 1,
    date: jst.getUTCDate(),
    weekday: "日月火水木金土".charAt(jst.getUTCDay()),
    hour: jst.getUTCHours(),
    clock: [jst.getUTCHours(), jst.getUTCMinutes(), jst.getUTCSeconds()].map((n) => String(n).padStart(2, "0")),
  };
}

/**
 * 3分前, 96分前 (to two hours), 3時間前, 昨日 12:12, 3日前 4/7.
 * @param {number} at
 * @param {number} now
 * @returns {{ word: string, detail: string }}
 */
export function age(at, now) {
  const minutes = Math.trunc((now - at) / MINUTE);
  const [then, today] = [parts(at), parts(now)];
  const days = today.day - then.day;
  if (minutes < 1) return { word: "1分以内", detail: "" };
  if (minutes < 120) return { word: `${minutes}分前`, detail: "" };
  if (days < 1) return { word: `${Math.trunc(minutes / 60)}時間前`, detail: "" };
  if (days === 1) return { word: "昨日", detail: then.clock.slice(0, 2).join(":") };
  if (days < 100) return { word: `${days}日前`, detail: `${then.month}/${then.date}` };
  return { word: `${then.year}/${then.month}/${then.date}`, detail: "" };
}

/**
 * The same in one string.
 * @param {number} at
 * @param {number} now
 */
export function ageWords(at, now) {
  const { word, detail } = age(at, now);
  return detail ? `${word} ${detail}` : word;
}

/**
 * The four bars: up to 1 h, 6 h, 24 h, 48 h, none.
 * @param {number | null} at
 * @param {number} now
 */
export function bars(at, now) {
  if (at === null) return 0;
  const old = now - at;
  return [48, 24, 6, 1].filter((hours) => old <= hours * HOUR).length;
}

/** @typedef {"hour" | "today" | "day" | "over-day" | "over-two-days" | "never"} Band */

/**
 * @param {number | null} at
 * @param {number} now
 * @returns {Band}
 */
export function band(at, now) {
  if (at === null) return "never";
  const old = now - at;
  if (old <= HOUR) return "hour";
  if (old > 2 * DAY) return "over-two-days";
  if (old > DAY) return "over-day";
  return parts(at).day === parts(now).day ? "today" : "day";
}

/**
 * Fresh enough for 受入可 and for the sums?
 * @param {number | null} at
 * @param {number} now
 */
export function counts(at, now) {
  return at !== null && now - at <= 2 * DAY;
}

/**
 * 09:42, or 09:42:15.
 * @param {number} at
 * @param {boolean} [seconds]
 */
export function clock(at, seconds = false) {
  return parts(at).clock.slice(0, seconds ? 3 : 2).join(":");
}

/**
 * 4月10日（金）09:42
 * @param {number} at
 */
export function moment(at) {
  const { month, date, weekday } = parts(at);
  return `${month}月${date}日（${weekday}）${clock(at)}`;
}

/**
 * 日中 is 8 to 18 o'clock.
 * @param {number} now
 */
export function hours(now) {
  const { hour } = parts(now);
  return hour >= 8 && hour < 18 ? "day" : "night";
}
