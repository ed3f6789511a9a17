// Sends what waits, in order, each under the name of who typed it, until it is answered.

import { keepOutcome, put, remove, tell, waiting } from "./quick-queue.js";

/** @typedef {import("./quick-queue.js").Update} Update */
/** @typedef {"sent" | "waits" | "sign-in"} Ended Everything is answered; the line or the server is away; nobody is signed in. */

/**
 * The moment of typing, for the server: put right already where the clock was known, else with the moment of sending by the same clock.
 * @param {Update} update
 * @returns {Record<string, string>}
 */
function moments(update) {
  if (update.offset !== null) return { typed_at: String(Math.round(update.typedAt + update.offset)) };
  return { typed_at: String(Math.round(update.typedAt)), sent_at: String(Math.round(Date.now())) };
}

/** @param {Update} update */
async function post(update) {
  const fields = new URLSearchParams({ id: update.id, operator: update.operator, ...moments(update) });
  for (const [item, value] of Object.entries(update.answers)) fields.append(`a.${item}`, value);
  for (const id of update.confirmed) fields.append("confirm", id);
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), 15_000);
  try {
    return await fetch(`/hospitals/${update.code}/quick`, {
      method: "POST", body: fields, headers: { accept: "application/json" }, credentials: "same-origin", redirect: "manual", signal: stop.signal,
    });
  } finally {
    clearTimeout(late);
  }
}

/** @param {Response} answer @returns {Promise<any>} */
async function json(answer) {
  try {
    return await answer.json();
  } catch {
    return {};
  }
}

/**
 * What became of an update.
 * @param {Update} update
 * @param {{ typed: string, clock: string, overtaken: { item: string, sentence: string, stands: string | number | null }[] }} body
 * @returns {import("./quick-queue.js").Outcome}
 */
function outcomeOf(update, body) {
  const items = Object.keys(update.answers);
  const over = new Set(body.overtaken.map((o) => o.item));
  const each = update.words.length === items.length;
  return {
    id: update.id, operator: update.operator, code: update.code, typed: body.typed, clock: body.clock,
    taken: each ? update.words.filter((_, n) => !over.has(items[n] ?? "")) : over.size < items.length ? update.words : [],
    overtaken: body.overtaken.map((o) => o.sentence),
    stands: Object.fromEntries(body.overtaken.map((o) => [o.item, o.stands === null ? "" : String(o.stands)])),
  };
}

/**
 * @param {Update} update
 * @returns {Promise<Ended | "next">}
 */
async function sendOne(update) {
  let answer;
  try {
    answer = await post(update);
  } catch {
    return "waits";
  }
  if (answer.status === 401) return "sign-in";
  const body = await json(answer);
  if (answer.ok && typeof body.version === "number") {
    await keepOutcome(outcomeOf(update, body));
    await remove(update);
    return "next";
  }
  // Kept until its own operator is signed in.
  if (answer.status === 409 && body.code === "other_operator") return "next";
  if (answer.status === 422 && body.code === "confirm") await put({ ...update, state: "asks", sentence: body.sentence, warnings: body.warnings });
  // Only our own word refuses it: what a gateway on the way says, or a hotel's sign-in page, is a line that is away.
  else if (answer.status >= 400 && answer.status < 500 && typeof body.code === "string" && answer.status !== 408 && answer.status !== 429) {
    await put({ ...update, state: "refused", sentence: body.sentence });
  } else return "waits";
  return "next";
}

/** @returns {Promise<Ended>} */
async function sendAll() {
  for (const update of await waiting()) {
    if (update.state !== "waiting") continue;
    const ended = await sendOne(update);
    if (ended !== "next") return ended;
  }
  return "sent";
}

/** Sends all that wait; one window or worker at a time. @returns {Promise<Ended>} */
export async function send() {
  const locks = typeof navigator === "object" ? navigator.locks : undefined;
  const ended = await (locks ? locks.request("akidoko-quick-send", sendAll) : sendAll());
  tell();
  return ended;
}
