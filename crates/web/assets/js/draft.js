// Drafts of reports, kept in this browser: by operator, hospital and day. Where there is no storage, there is no draft.

const PREFIX = "akidoko-draft:";

/**
 * What was typed: of the questions only those that were changed, and what else stands in the form by name. `sent` is when it was last sent.
 * @typedef {{ version: string, at: number, answers: Record<string, string>, words?: Record<string, string>, sent?: number }} Draft
 */

const DAY = 86_400_000;
/** So long a draft is of use to anybody. */
const KEPT = 14 * DAY;

/**
 * @param {string} key
 * @param {Draft} draft
 */
export function keepDraft(key, draft) {
  try {
    localStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // Full or forbidden: the report itself does not need it.
  }
}

/**
 * @param {string} key
 * @returns {Draft | null}
 */
export function readDraft(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(key) ?? "null");
    return draft && typeof draft.at === "number" && typeof draft.answers === "object" ? draft : null;
  } catch {
    return null;
  }
}

/** Drafts that nobody came back to, whoever's they are. */
export function clearOldDrafts() {
  clearDrafts((key) => Date.now() - (readDraft(key)?.at ?? 0) > KEPT);
}

/** @param {(key: string) => boolean} which */
export function clearDrafts(which) {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX) && which(key)) localStorage.removeItem(key);
  } catch {
    // Nothing to clear.
  }
}
