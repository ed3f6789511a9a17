// Updates that wait on this device, in the order in which they were typed, and what became of those that were sent. Kept by the browser
// until they are answered; a page and the worker read the same.

/**
 * @typedef {object} Update
 * @property {string} id Its name: sent twice under it, it is one.
 * @property {number} [n] Its place.
 * @property {string} operator Who typed it, as a sign-in name.
 * @property {string} code The hospital.
 * @property {string} hospital Its name.
 * @property {Record<string, string>} answers
 * @property {string[]} words What it says, for people: a line for each answer in their order, or one for all.
 * @property {number} typedAt By the device's clock.
 * @property {number | null} offset What that clock was known to be off by when it was typed.
 * @property {string[]} confirmed
 * @property {"waiting" | "refused" | "asks"} state
 * @property {string} [sentence] Why it was not taken.
 * @property {{ id: string, sentence: string }[]} [warnings] What is to be confirmed.
 */

/**
 * @typedef {object} Outcome
 * @property {string} id
 * @property {string} operator
 * @property {string} code
 * @property {string} typed When it was typed, 09:40.
 * @property {string} clock When it was taken, 09:42.
 * @property {string[]} taken What stands on the board.
 * @property {string[]} overtaken What was not taken, and why.
 * @property {Record<string, string>} stands What stands instead, by item.
 */

/** @typedef {{ key: string, values: Record<string, string>, at: number }} Seen */

const NAME = "akidoko-quick";
const CHANGED = "akidoko-quick-changed";

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((found, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("updates", { keyPath: "n", autoIncrement: true });
      asked.result.createObjectStore("outcomes", { keyPath: "id" });
      asked.result.createObjectStore("seen", { keyPath: "key" });
    };
    asked.onsuccess = () => found(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

/**
 * One step with one store, durable when it is answered.
 * @template T
 * @param {string} store
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T> | void} step
 * @returns {Promise<T | undefined>}
 */
async function within(store, mode, step) {
  const base = await open();
  try {
    return await new Promise((done, failed) => {
      const tx = base.transaction(store, mode);
      const asked = step(tx.objectStore(store));
      tx.oncomplete = () => done(asked ? asked.result : undefined);
      tx.onerror = () => failed(tx.error);
      tx.onabort = () => failed(tx.error);
    });
  } finally {
    base.close();
  }
}

/** @returns {Promise<Update[]>} All that wait, the oldest first; none where nothing can be kept. */
export async function waiting() {
  try {
    return (await within("updates", "readonly", (store) => store.getAll())) ?? [];
  } catch {
    return [];
  }
}

/** @param {Update} update */
export async function add(update) {
  await within("updates", "readwrite", (store) => store.add(update));
  tell();
}

/** @param {Update} update */
export async function put(update) {
  await within("updates", "readwrite", (store) => store.put(update));
  tell();
}

/** @param {Update} update */
export async function remove(update) {
  await within("updates", "readwrite", (store) => store.delete(update.n ?? -1));
  tell();
}

/** @param {Outcome} outcome */
export async function keepOutcome(outcome) {
  await within("outcomes", "readwrite", (store) => store.put(outcome));
}

/**
 * What became of an operator's updates since they last looked.
 * @param {string} operator
 * @returns {Promise<Outcome[]>}
 */
export async function outcomes(operator) {
  try {
    /** @type {Outcome[]} */
    const all = (await within("outcomes", "readonly", (store) => store.getAll())) ?? [];
    return all.filter((outcome) => outcome.operator === operator);
  } catch {
    return [];
  }
}

/** @param {string} operator */
export async function forgetOutcomes(operator) {
  for (const outcome of await outcomes(operator)) await within("outcomes", "readwrite", (store) => store.delete(outcome.id));
}

/** @param {string} operator @param {string} code */
const keyOf = (operator, code) => `${operator} ${code}`;

/**
 * What an operator last saw of their own hospital.
 * @param {string} operator
 * @param {string} code
 * @returns {Promise<Seen | undefined>}
 */
export async function seen(operator, code) {
  try {
    return await within("seen", "readonly", (store) => store.get(keyOf(operator, code)));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} operator
 * @param {string} code
 * @param {Record<string, string>} values
 */
export async function keepSeen(operator, code, values) {
  try {
    await within("seen", "readwrite", (store) => store.put({ key: keyOf(operator, code), values, at: Date.now() }));
  } catch {
    // Nothing can be kept: then there is nothing to begin with when the line is cut.
  }
}

/** Whoever signs out takes along what they saw. */
export async function forgetSeen() {
  try {
    await within("seen", "readwrite", (store) => store.clear());
  } catch {
    // Nothing was kept.
  }
}

const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(CHANGED) : null;
/** @type {Set<() => void>} */
const listeners = new Set();

/** Something changed, here or in another window. @param {() => void} listener */
export function onChange(listener) {
  listeners.add(listener);
}

if (channel) channel.onmessage = () => listeners.forEach((listener) => listener());

export function tell() {
  channel?.postMessage("changed");
  listeners.forEach((listener) => listener());
}
