// What can be said of a new password while it is typed. The server decides; what is said here is what it will say, as far as that can be
// known without its list.

/** Alone it needs so many characters; beside a second factor, so many. */
const ALONE = 13;
const WITH_FACTOR = 8;

/**
 * @param {string} password
 * @param {string} id the organisation's ID
 * @returns {{ words: string, level: number }}
 */
export function judge(password, id) {
  const folded = password.normalize("NFKC").replace(/\s/g, "").toLowerCase();
  const characters = [...password].length;
  if (characters === 0) return { words: "", level: 0 };
  if (id !== "" && folded.includes(id.toLowerCase())) return { words: "ID を含まないものにしてください。", level: 1 };
  if (characters < WITH_FACTOR) return { words: `あと ${WITH_FACTOR - characters} 文字（いま ${characters} 文字）`, level: 1 };
  if (new Set(folded).size < 5) return { words: "同じ文字の繰り返しです。ほかの文字も使ってください。", level: 1 };
  if (!/\p{L}/u.test(folded)) return { words: "数字だけでは推測されます。言葉も使ってください。", level: 1 };
  if (characters < ALONE) {
    return { words: `2 段階の確認と一緒に使えます。パスワードだけで使うには、あと ${ALONE - characters} 文字（いま ${characters} 文字）`, level: 2 };
  }
  return { words: `${characters} 文字（足りています）`, level: characters < 18 ? 3 : 4 };
}
