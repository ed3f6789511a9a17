// Keeps the board as it stands on the device, so that it opens without a line. It is kept only while the line stands, and leaves with the
// sign-in: the page of sign-in forgets it.

import { clock } from "./age.js";

const PAGE = "akidoko-board";
const FILES = "akidoko-board-files";
const EVERY = 30_000;
/** Where nothing has changed the kept page gets a new moment this often: until then it says that it is a little older than it is. */
const MOMENT = 120_000;
/** The kept page is given out by the worker, with the policy that the server's pages have. */
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
};

export class BoardKeeper {
  /**
   * @param {HTMLElement} main
   * @param {() => { now: number, cursor: string } | null} moment The server's time and the place in its stream; nothing while the line is cut.
   */
  constructor(main, moment) {
    this.main = main;
    this.moment = moment;
    this.kept = "";
    // Only a page that came safely has a worker.
    if (!("serviceWorker" in navigator) || !("caches" in globalThis)) return;
    void navigator.serviceWorker.register("/board-worker.js", { scope: "/board", updateViaCache: "none" }).catch(() => {});
    setTimeout(() => void this.keep(), 1_500);
    setInterval(() => void this.keep(), EVERY);
    addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") void this.keep();
    });
  }

  /** The page as it stands, with the moment in it. */
  snapshot() {
    const moment = this.moment();
    if (!moment) return null;
    const page = /** @type {HTMLElement} */ (document.documentElement.cloneNode(true));
    const main = page.querySelector("main");
    if (!main) return null;
    for (const gone of page.querySelectorAll("[data-lost], [data-lost-voice], [data-kept] > .chip, .leaflet-container > *")) gone.remove();
    // The clocks that let it fade are this page's.
    for (const row of page.querySelectorAll("tr.just")) row.classList.remove("just");
    for (const map of page.querySelectorAll("[data-map-place]")) map.className = "map";
    for (const map of page.querySelectorAll("[data-board-map]")) map.setAttribute("hidden", "");
    // Until its script runs, or if it never does, it must not pass for live.
    main.classList.add("b-stale");
    const line = main.querySelector("[data-conn]");
    line?.classList.add("off");
    if (line) line.textContent = `　端末に保存した ${clock(moment.now)} の表示`;
    main.dataset.now = String(moment.now);
    main.dataset.cursor = moment.cursor;
    // By this device's own clock, whatever that says: the difference to the server's stays the same.
    main.dataset.stored = String(Date.now());
    return `<!doctype html>${page.outerHTML}`;
  }

  async keep() {
    const moment = this.moment();
    const state = moment ? `${moment.cursor} ${Math.floor(moment.now / MOMENT)}` : "";
    if (!moment || state === this.kept) return;
    const page = this.snapshot();
    if (!page) return;
    try {
      const cache = await caches.open(PAGE);
      for (const address of ["/board", this.main.dataset.page ?? "/board"]) await cache.put(address, new Response(page, { headers: HEADERS }));
      this.kept = state;
      await keepFiles();
    } catch {
      // No room on the device: the board needs a line then.
    }
  }

  /** Another operator on this device must not find it. */
  static async forget() {
    if ("caches" in globalThis) await caches.delete(PAGE);
  }
}

/** What this page loaded of the program, and nothing of an older build. */
async function keepFiles() {
  const own = `${location.origin}/assets/`;
  const build = new URL(import.meta.url).pathname.split("/")[2] ?? "";
  const used = new Set(performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => name.startsWith(own + build)));
  used.add(import.meta.url);
  const cache = await caches.open(FILES);
  for (const request of await cache.keys()) if (!request.url.startsWith(own + build)) await cache.delete(request);
  for (const name of used) if (!(await cache.match(name))) await cache.add(name);
}
