// The whole board as its page would open now: what an open screen reads where its stream does not say enough.

/** Where nothing comes for so long the page is given up, and where it takes so long in all: what hangs must not stand in the way of the next. */
const PATIENCE = 15_000;
const IN_ALL = 60_000;

/**
 * @param {string} address
 * @param {(page: Document, main: HTMLElement) => void} take Puts it in the place of what is shown.
 * @returns {Promise<import("./live-line.js").Whole | "gone" | null>} `gone` where the server says that it is not for this screen, nothing where
 *   it could not be read.
 */
export async function readBoard(address, take) {
  const stop = new AbortController();
  const giveUp = () => stop.abort();
  let waiting = setTimeout(giveUp, PATIENCE);
  const inAll = setTimeout(giveUp, IN_ALL);
  try {
    const url = new URL(address, location.href);
    const answer = await fetch(url, { headers: { Accept: "text/html" }, cache: "no-cache", signal: stop.signal });
    if ([401, 403, 404].includes(answer.status) || new URL(answer.url).pathname !== url.pathname) return "gone";
    if (!answer.ok) return null;
    const bytes = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let part = await bytes?.read(); part && !part.done; part = await bytes?.read()) {
      text += part.value;
      clearTimeout(waiting);
      waiting = setTimeout(giveUp, PATIENCE);
    }
    const page = new DOMParser().parseFromString(text, "text/html");
    const main = page.querySelector("main[data-live]");
    if (!(main instanceof HTMLElement)) return null;
    return { now: Number(main.dataset.now ?? 0), cursor: main.dataset.cursor ?? "", take: () => take(page, main) };
  } catch {
    return null;
  } finally {
    clearTimeout(waiting);
    clearTimeout(inAll);
  }
}
