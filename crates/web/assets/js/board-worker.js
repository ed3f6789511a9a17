// The worker of the board: without a line the last board opens from the device, with its age on it. It makes nothing up: what it gives is
// the page as it stood when it last heard from the server. A script, not a module, so that every browser takes it.

(() => {
  /** The types of a worker and of a page exclude each other; this is one of a worker. */
  const worker = /** @type {any} */ (self);
  const PAGE = "akidoko-board";
  const FILES = "akidoko-board-files";
  /** So long a page may take before the one on the device is shown: its stream goes on trying, and is live as soon as it is through. */
  const PATIENCE = 6000;

  worker.addEventListener("install", () => worker.skipWaiting());
  worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));

  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== worker.location.origin) return;
    if (request.mode === "navigate" && url.pathname === "/board") event.respondWith(board(request));
    else if (url.pathname.startsWith("/assets/")) event.respondWith(file(request));
  });

  /** @param {Request} request */
  async function file(request) {
    const cache = await caches.open(FILES);
    return (await cache.match(request)) ?? fetch(request);
  }

  /** @param {Request} request */
  async function board(request) {
    // The ministry looks at several: never one under the address of another.
    const prefecture = new URL(request.url).searchParams.get("prefecture");
    const kept = await (await caches.open(PAGE)).match(prefecture ? `/board?prefecture=${prefecture}` : "/board");
    if (!kept) return fetch(request);
    try {
      const late = new Promise((_, fail) => setTimeout(fail, PATIENCE));
      const answer = await Promise.race([fetch(request), late]);
      return answer.status >= 500 ? kept : answer;
    } catch {
      return kept;
    }
  }
})();
