// The answers to a query as they come in: the page is asked for again every ten seconds while somebody looks, and nobody types.

const EVERY = 10_000;

async function refresh() {
  const shown = document.querySelector("[data-live]");
  if (!shown || document.hidden || shown.contains(document.activeElement)) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
  // Somebody may have begun to type meanwhile.
  if (fresh && !shown.contains(document.activeElement)) shown.replaceChildren(...fresh.childNodes);
}

// A line that is away for a moment: the next round asks again.
setInterval(() => void refresh().catch(() => {}), EVERY);
