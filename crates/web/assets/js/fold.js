// What people type, folded as the server folds it, so that a search on the screen finds what the address would find.

const HYPHENS = /[-‐‑‒–—―−ー－ｰ]/u;
const SILENT = /[\s~〜～・·•\u200b-\u200d\ufeff\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/u;
/** @type {Record<string, string>} */
const BIG = { ぁ: "あ", ぃ: "い", ぅ: "う", ぇ: "え", ぉ: "お", っ: "つ", ゃ: "や", ゅ: "ゆ", ょ: "よ", ゎ: "わ", ゕ: "か", ゖ: "け" };
/** @type {Record<string, string>} */
const OLD = { 髙: "高", 﨑: "崎", 德: "徳", 濵: "浜", 濱: "浜", 邊: "辺", 邉: "辺", 澤: "沢", 齋: "斉", 齊: "斉" };

/** @param {string} letter */
function hiragana(letter) {
  const code = letter.codePointAt(0) ?? 0;
  return (code >= 0x30a1 && code <= 0x30f6) || code === 0x30fd || code === 0x30fe ? String.fromCodePoint(code - 0x60) : letter;
}

/** @param {string} words */
function foldOnce(words) {
  const heard = [...words.normalize("NFKC")].filter((c) => !SILENT.test(c) && !HYPHENS.test(c)).join("");
  return [...heard.normalize("NFKC")]
    .map(hiragana)
    .map((c) => BIG[c] ?? c)
    .map((c) => OLD[c] ?? c)
    .join("")
    .toLowerCase();
}

/**
 * Width, case, katakana or hiragana, small kana, long marks, blanks and 「・」 do not matter.
 * @param {string} words
 */
export function foldSearch(words) {
  let folded = foldOnce(words);
  for (let more = 0; more < 4; more += 1) {
    const again = foldOnce(folded);
    if (again === folded) break;
    folded = again;
  }
  return folded;
}

/**
 * 「４」 and 「 1,234 」 as ASCII digits. A comma separates thousands only before exactly three digits.
 * @param {string} typed
 */
export function foldDigits(typed) {
  return typed
    .replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/^[\s\u200b\ufeff]+|[\s\u200b\ufeff]+$/g, "")
    .replace(/(?<=\d)[,，](?=\d{3}(?!\d))/g, "");
}

/**
 * A count as typed: `null` is 未回答, `undefined` is no count.
 * @param {string} typed
 * @returns {number | null | undefined}
 */
export function readCount(typed) {
  const folded = foldDigits(typed);
  if (folded === "") return null;
  return /^\d+$/.test(folded) ? Number(folded) : undefined;
}
