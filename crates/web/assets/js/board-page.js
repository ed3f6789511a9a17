// The whole board as its page would open now: what an open screen reads where its stream does not say enough.

/** A page that takes longer is given up: what hangs must not stand in the way of the next. */
const PATIENCE = 15_000;

/**
 * @param {string} address
 * @param {(page: Document, main: HTMLElement) => void} take Puts it in the place of what is shown.
 * @returns {Promise<import("./live-line.js").Whole | "gone" | null>} `gone` where the server says that it is not for this screen, nothing where
 *   it could not be read.
 */
export async function readBoard(address, take) {
  try {
    const url = new URL(address, location.href);
    const answer = await fetch(url, { headers: { Accept: "text/html" }, cache: "no-cache", signal: AbortSignal.timeout(PATIENCE) });
    if ([401, 403, 404].includes(answer.status) || new URL(answer.url).pathname !== url.pathname) return "gone";
    if (!answer.ok) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.querySelector("main[data-live]");
    if (!(main instanceof HTMLElement)) return null;
    return { now: Number(main.dataset.now ?? 0), cursor: main.dataset.cursor ?? "", take: () => take(page, main) };
  } catch {
    return null;
  }
}
