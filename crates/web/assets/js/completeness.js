// An open page of who has not reported, or of the picture, follows what happens: when a report comes in, a colleague notes a call, reminders leave
// or an alert is raised, its part is fetched anew. What somebody is typing stays as it is until it is sent.

import { signingOut } from "./sign-out.js";

const WAIT = 250;
const AGAIN = 5_000;

class Follow {
  /** @param {HTMLElement} main @param {string} stream */
  constructor(main, stream) {
    this.main = main;
    this.stream = stream;
    this.after = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.waiting = undefined;
    this.busy = false;
    this.connect();
    // A minute goes by: what was not due yet may be.
    setInterval(() => this.soon(), 60_000);
  }

  connect() {
    const url = new URL(this.stream, location.href);
    if (this.after) url.searchParams.set("after", this.after);
    const source = new EventSource(url);
    source.addEventListener("completeness", (event) => {
      this.after = event.lastEventId || this.after;
      this.soon();
    });
    source.addEventListener("signed_out", () => {
      source.close();
      if (!signingOut()) location.reload();
    });
    source.addEventListener("error", () => {
      source.close();
      setTimeout(() => {
        this.connect();
        this.soon();
      }, AGAIN);
    });
  }

  soon() {
    // One that waits already is soon enough: where reports come in without a pause it would else be put off for ever.
    this.waiting ??= setTimeout(() => {
      this.waiting = undefined;
      void this.fetch();
    }, WAIT);
  }

  /** Is somebody writing here? */
  typing() {
    const fields = [...this.main.querySelectorAll("input:not([type=hidden]), select")];
    return fields.some((f) => {
      if (f instanceof HTMLInputElement) return f.type === "checkbox" ? f.checked !== f.defaultChecked : f.value !== f.defaultValue;
      return f instanceof HTMLSelectElement && [...f.options].some((o) => o.selected !== o.defaultSelected && !(f.selectedIndex === 0 && o.index === 0));
    });
  }

  async fetch() {
    if (this.busy) return this.soon();
    this.busy = true;
    try {
      const url = new URL(location.href);
      for (const name of ["reminded", "noted"]) url.searchParams.delete(name);
      const answer = await fetch(url, { headers: { accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of this.main.querySelectorAll("[data-part]")) {
        const fresh = page.querySelector(`[data-part="${part.getAttribute("data-part")}"]`);
        if (fresh) this.put(part, fresh);
      }
    } catch {
      // The line is gone for a moment: the stream comes back and asks again.
    } finally {
      this.busy = false;
    }
  }

  /** @param {Element} part @param {Element} fresh */
  put(part, fresh) {
    const calls = part.getAttribute("data-part") === "calls";
    if (!calls && this.typing()) return;
    const here = document.activeElement;
    if (calls) return this.notes(part, fresh);
    const focus = here instanceof HTMLAnchorElement && part.contains(here) ? here.getAttribute("href") : null;
    const open = [...part.querySelectorAll("details")].map((d) => d.open);
    part.replaceChildren(...fresh.childNodes);
    part.querySelectorAll("details").forEach((d, n) => (d.open = open[n] ?? d.open));
    if (focus) [...part.querySelectorAll("a")].find((a) => a.getAttribute("href") === focus)?.focus({ preventScroll: true });
  }

  /** The call list keeps its forms: only what stands around them is new. @param {Element} part @param {Element} fresh */
  notes(part, fresh) {
    for (const line of part.querySelectorAll("li[id]")) {
      const other = fresh.querySelector(`#${CSS.escape(line.id)}`);
      if (!other) {
        // It has reported, and nobody had rung it.
        const typed = [...line.querySelectorAll("input, textarea")].some((field) => (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) && field.value !== field.defaultValue);
        if (!typed && !line.contains(document.activeElement)) line.remove();
        continue;
      }
      const form = line.querySelector("form");
      for (const child of [...line.children]) if (child !== form && !child.classList.contains("co-paper")) child.remove();
      for (const child of [...other.children]) if (child.tagName !== "FORM" && !child.classList.contains("co-paper")) form?.before(child);
    }
  }
}

const main = document.querySelector("[data-completeness]");
if (main instanceof HTMLElement && main.dataset.completeness) new Follow(main, main.dataset.completeness);
