// The filter of an open board: rows are shown and hidden at once, the address follows so that a view can be sent, and the export links
// keep step. Without this script the same form asks the server.

import { everything, isWithin, narrows, parameters, read, shows } from "./filter-rule.js";
import { find } from "./board-rows.js";
import { here } from "./here.js";
import { follow } from "./kept-view.js";
import { factsOf } from "./row-facts.js";

/** The last place that this window asked the device for. */
const HERE = "akidoko-here";

export class BoardFilter {
  /**
   * @param {HTMLElement} main
   * @param {() => void} changed
   */
  constructor(main, changed) {
    this.main = main;
    this.form = find(main, "form[data-filter]", HTMLFormElement);
    this.changed = changed;
    if (main.dataset.stored && this.form) follow(main, this.form, new URL(location.href).searchParams);
    this.filter = this.read();
    /** Only the rows of this filter are here. @type {import("./filter-rule.js").Filter | null} */
    this.base = null;
    if (!this.form) return;
    main.setAttribute("data-scripted", "");
    if (main.dataset.stored) {
      // What stands around its rows was written for the address that it was kept under.
      this.reflect();
      this.leadOn();
    }
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.apply();
    });
    this.form.addEventListener("input", () => this.apply());
    this.listen();
  }

  read() {
    return read(this.form ? new FormData(this.form) : new FormData());
  }

  /**
   * @param {HTMLTableRowElement} row
   * @param {number} now
   */
  shows(row, now) {
    return shows(this.filter, factsOf(row), now);
  }

  get narrows() {
    return narrows(this.filter);
  }

  /** What the filter asks for, in the words of its fields: on paper nobody sees those. As the server says it. */
  words() {
    const said = [];
    for (const field of this.form?.elements ?? []) {
      if (field instanceof HTMLInputElement && field.type === "search") said.push(field.value.trim() && `「${field.value.trim()}」`);
      else if (field instanceof HTMLInputElement && field.checked) said.push(field.value && (field.parentElement?.textContent?.trim() ?? ""));
      else if (field instanceof HTMLSelectElement && field.value && !["order", "start"].includes(field.name)) {
        said.push(`${field.parentElement?.querySelector(".lbl")?.textContent ?? ""} ${field.selectedOptions[0]?.textContent ?? ""}`);
      }
    }
    return said.filter(Boolean).join("、");
  }

  /** The address of the same order without a filter: there all rows are. */
  everything() {
    return this.address(this.main.dataset.page ?? "/board", { ...everything(), near: this.filter.near, order: this.filter.order });
  }

  /**
   * @param {string} path
   * @param {import("./filter-rule.js").Filter} filter
   */
  address(path, filter) {
    const url = new URL(path, location.href);
    const prefecture = new URL(this.main.dataset.page ?? "", location.href).searchParams.get("prefecture");
    url.search = new URLSearchParams([...(prefecture ? [["prefecture", prefecture]] : []), ...parameters(filter)]).toString();
    return url.href;
  }

  /**
   * The same board in order of the distance from a place.
   * @param {string} place
   */
  nearest(place) {
    return this.address(this.main.dataset.page ?? "/board", { ...this.filter, near: place, order: "distance" }) + location.hash;
  }

  apply() {
    const order = this.filter.order;
    this.filter = this.read();
    const start = find(this.main, "select[name=start]", HTMLSelectElement)?.value;
    if (start) {
      // Where that is, the server knows.
      const url = new URL(this.address(this.main.dataset.page ?? "/board", this.filter));
      url.searchParams.set("start", start);
      location.assign(url);
      return;
    }
    const here = this.address(this.main.dataset.page ?? "/board", this.filter);
    if (this.filter.order !== order || (this.base && !isWithin(this.filter, this.base))) {
      // Readings and areas are the server's to sort by, and rows that are not here the server's to show.
      location.assign(here);
      return;
    }
    this.reflect();
    this.changed();
    // First the rows are on the screen; the address and what leads on from here follow behind that frame.
    requestAnimationFrame(() =>
      setTimeout(() => {
        // Another press was quicker.
        if (here !== this.address(this.main.dataset.page ?? "/board", this.filter)) return;
        history.replaceState(history.state, "", here + location.hash);
        this.leadOn();
      }),
    );
  }

  /** What stands around the rows says which filter holds. */
  reflect() {
    const table = find(this.main, "table.board", HTMLTableElement);
    if (table) {
      if (this.filter.severity) table.dataset.col = this.filter.severity;
      else delete table.dataset.col;
    }
    const hits = find(this.main, "[data-hits]", HTMLElement);
    if (hits) hits.hidden = !this.narrows;
    const toggle = find(document, "[data-toggle]", HTMLElement);
    if (this.filter.accepting) toggle?.setAttribute("aria-current", "true");
    else toggle?.removeAttribute("aria-current");
  }

  /** Links take the filter along. */
  leadOn() {
    for (const link of this.main.querySelectorAll("a[data-export]")) {
      if (!(link instanceof HTMLAnchorElement)) continue;
      const url = new URL(this.address(link.pathname, this.filter));
      if (link.dataset.encoding) url.searchParams.set("encoding", link.dataset.encoding);
      link.href = url.href;
    }
    for (const link of this.main.querySelectorAll("a.sort")) {
      if (!(link instanceof HTMLAnchorElement)) continue;
      const by = new URL(link.href).searchParams.get("order") ?? "fresh";
      link.href = this.address(this.main.dataset.page ?? "/board", { ...this.filter, order: by });
    }
    const keep = find(this.main, "a[data-keep]", HTMLAnchorElement);
    if (keep) {
      const url = new URL(keep.href);
      url.search = new URLSearchParams({ view: new URLSearchParams(parameters(this.filter)).toString() }).toString();
      keep.href = url.href;
      keep.hidden = parameters(this.filter).length === 0;
    }
  }

  /** A menu closes like any other: by Escape, and by a click beside it. */
  listenToMenus() {
    const menus = [...this.main.querySelectorAll("details.drop")].filter((menu) => menu instanceof HTMLDetailsElement);
    for (const menu of menus) {
      menu.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || !menu.open) return;
        menu.open = false;
        find(menu, "summary", HTMLElement)?.focus();
      });
    }
    document.addEventListener("click", (event) => {
      for (const menu of menus) if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
    });
  }

  /** What the reader keeps stands beside the board, since the board itself is the same for all who see it. */
  async bringKept() {
    const strip = find(this.main, "[data-kept]", HTMLElement);
    if (!strip) return;
    try {
      const answer = await fetch(strip.dataset.kept ?? "", { headers: { Accept: "text/html" } });
      // Who has no board of their own keeps nothing of it.
      if (answer.status === 204) strip.hidden = true;
      if (answer.status !== 200 || answer.redirected) return;
      const template = document.createElement("template");
      template.innerHTML = await answer.text();
      strip.prepend(template.content);
    } catch {
      // Without a line the link to the page of what is kept stays.
    }
  }

  listenToHere() {
    const button = find(this.main, "[data-here]", HTMLButtonElement);
    const says = find(this.main, "[data-here-says]", HTMLElement);
    const start = find(this.main, "[data-start]", HTMLElement);
    try {
      if (start && sessionStorage.getItem(HERE) === this.filter.near) start.textContent = "現在地（押したとき）";
    } catch {
      // As above.
    }
    if (!button) return;
    // Only a page that came safely may ask the device where it is.
    button.hidden = !("geolocation" in navigator) || !isSecureContext;
    if (button.hidden) return;
    const go = async () => {
      if (says) says.hidden = false;
      const place = await here((words) => {
        if (says) says.textContent = words;
      });
      if (!place) return;
      try {
        sessionStorage.setItem(HERE, place);
      } catch {
        // Without storage the place is one that was named.
      }
      location.assign(this.nearest(place));
    };
    button.addEventListener("click", () => void go());
    const thumb = find(document, "[data-here-or]", HTMLAnchorElement);
    if (!thumb) return;
    // Under the thumb of a crew that moves, where they are is worth more than the areas, which the filter has too.
    const words = thumb.querySelector("span");
    if (words) words.textContent = "近い順";
    thumb.removeAttribute("data-jump");
    thumb.addEventListener("click", (event) => {
      event.preventDefault();
      void go();
    });
  }

  listen() {
    this.listenToMenus();
    this.listenToHere();
    void this.bringKept();
    find(this.main, "[data-clear]", HTMLElement)?.addEventListener("click", (event) => {
      event.preventDefault();
      for (const field of this.form?.elements ?? []) {
        if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = false;
        else if (field instanceof HTMLInputElement && field.name === "severity") field.checked = field.value === "";
        else if (field instanceof HTMLInputElement && field.type === "search") field.value = "";
        else if (field instanceof HTMLSelectElement && field.name !== "order") field.value = "";
      }
      find(this.main, "#q", HTMLElement)?.focus();
      this.apply();
    });
    find(document, "[data-toggle]", HTMLElement)?.addEventListener("click", (event) => {
      event.preventDefault();
      find(this.main, "#f-accepting", HTMLInputElement)?.click();
    });
    for (const link of document.querySelectorAll("[data-jump]")) {
      link.addEventListener("click", (event) => {
        const target = document.querySelector(link.getAttribute("href") ?? "#q");
        const field = target?.matches("input, select") ? target : target?.querySelector("input:checked, input");
        if (!(field instanceof HTMLElement)) return;
        event.preventDefault();
        field.scrollIntoView({ block: "center", inline: "center" });
        field.focus();
      });
    }
  }
}
