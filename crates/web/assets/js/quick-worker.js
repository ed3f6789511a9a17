// The worker of the quick screen: it keeps that screen without figures, and the files that it loads, for when there is no line; and it
// sends what waits when the browser wakes it. It keeps no board, no figures of a page and nobody else's screen.

import { send } from "./quick-send.js";

/** @typedef {{ files: string[], page: string, shell: string }} Kept */

/** The types of a worker and of a page exclude each other; this is one of a worker. */
const worker = /** @type {any} */ (self);

const SHELL = "akidoko-quick-shell";
const FILES = "akidoko-quick-files-";
const PATIENCE = 4000;

/** @param {Kept} kept */
export function start(kept) {
  const files = FILES + (kept.files[0] ?? "").split("/")[2];

  worker.addEventListener("install", (/** @type {any} */ event) => {
    worker.skipWaiting();
    event.waitUntil(caches.open(files).then((cache) => cache.addAll(kept.files)).then(() => keepShell(kept.shell).catch(() => {})));
  });

  worker.addEventListener("activate", (/** @type {any} */ event) => {
    event.waitUntil(
      (async () => {
        for (const name of await caches.keys()) if (name.startsWith(FILES) && name !== files) await caches.delete(name);
        await worker.clients.claim();
      })(),
    );
  });

  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== worker.location.origin) return;
    if (request.mode === "navigate" && url.pathname === kept.page) event.respondWith(page(request));
    else if (url.pathname.startsWith("/assets/")) event.respondWith(caches.match(request).then((found) => found ?? fetch(request)));
  });

  worker.addEventListener("message", (/** @type {any} */ event) => {
    if (event.data === "keep") event.waitUntil(keepShell(kept.shell));
    if (event.data === "forget") event.waitUntil(caches.delete(SHELL));
  });

  worker.addEventListener("sync", (/** @type {any} */ event) => {
    if (event.tag === "quick") event.waitUntil(send());
  });

  /** @param {Request} request */
  async function page(request) {
    const stop = new AbortController();
    const shell = await caches.open(SHELL).then((cache) => cache.match(kept.shell));
    const late = shell ? setTimeout(() => stop.abort(), PATIENCE) : undefined;
    try {
      const answer = await fetch(request, { signal: stop.signal });
      return shell && answer.status >= 500 ? shell : answer;
    } catch (error) {
      if (shell) return shell;
      throw error;
    } finally {
      clearTimeout(late);
    }
  }
}

/** @param {string} address */
async function keepShell(address) {
  try {
    const answer = await fetch(address, { credentials: "same-origin", redirect: "manual" });
    const cache = await caches.open(SHELL);
    if (answer.ok) await cache.put(address, answer);
    else if (answer.status !== 0 && answer.status < 500) await cache.delete(address);
  } catch {
    // The one that is kept stays.
  }
}
