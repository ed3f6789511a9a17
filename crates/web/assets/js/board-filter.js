// The filter of an open board: rows are shown and hidden at once, the address follows so that a view can be sent, and the export links
// keep step. Without this script the same form asks the server.

import { facts, narrows, parameters, read, shows } from "./filter-rule.js";
import { find } from "./board-rows.js";

export class BoardFilter {
  /**
   * @param {HTMLElement} main
   * @param {() => void} changed
   */
  constructor(main, changed) {
    this.main = main;
    this.form = find(main, "form[data-filter]", HTMLFormElement);
    this.changed = changed;
    this.filter = this.read();
    if (!this.form) return;
    main.setAttribute("data-scripted", "");
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
    return shows(this.filter, facts(row.dataset), now);
  }

  get narrows() {
    return narrows(this.filter);
  }

  /** The address of the same order without a filter: there all rows are. */
  everything() {
    return this.address(this.main.dataset.page ?? "/board", { ...this.filter, search: "", area: "", municipality: "", accepting: false, severity: "", care: [], within: null });
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

  apply() {
    const order = this.filter.order;
    this.filter = this.read();
    const here = this.address(this.main.dataset.page ?? "/board", this.filter);
    if (this.filter.order !== order) {
      // Readings and areas are the server's to sort by.
      location.assign(here);
      return;
    }
    history.replaceState(history.state, "", here);
    for (const link of this.main.querySelectorAll("a[data-export]")) {
      if (link instanceof HTMLAnchorElement) link.href = this.address(link.pathname, this.filter);
    }
    for (const link of this.main.querySelectorAll("a.sort")) {
      if (!(link instanceof HTMLAnchorElement)) continue;
      const by = new URL(link.href).searchParams.get("order") ?? "fresh";
      link.href = this.address(this.main.dataset.page ?? "/board", { ...this.filter, order: by });
    }
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
    this.changed();
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

  listen() {
    this.listenToMenus();
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
