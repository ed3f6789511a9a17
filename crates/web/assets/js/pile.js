// A pile of sheets by keyboard: Enter goes on, Ctrl+Enter saves, ＋ saves without a change. What differs from the last report is marked.

const entry = document.querySelector("form[data-entry]");

if (entry instanceof HTMLFormElement) {
  const fields = [...entry.querySelectorAll("input.in")].filter((f) => f instanceof HTMLInputElement);
  const same = entry.querySelector("button[data-same]");
  const save = entry.querySelector("button[value=save]");

  const fold = (/** @type {string} */ text) =>
    text.trim().replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0));

  const mark = (/** @type {HTMLInputElement} */ field) => {
    const line = field.closest("[data-before]");
    if (line instanceof HTMLElement) line.classList.toggle("is-changed", fold(field.value) !== (line.dataset.before ?? ""));
  };

  for (const [at, field] of fields.entries()) {
    mark(field);
    field.addEventListener("input", () => mark(field));
    // What stands there is overwritten by the first key.
    field.addEventListener("focus", () => field.select());
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "+" && field.inputMode === "numeric" && same instanceof HTMLButtonElement) {
        event.preventDefault();
        entry.requestSubmit(same);
      } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey || at === fields.length - 1)) {
        event.preventDefault();
        if (save instanceof HTMLButtonElement) entry.requestSubmit(save);
      } else if (event.key === "Enter" || (event.key === "ArrowDown" && !event.altKey)) {
        event.preventDefault();
        fields[at + 1]?.focus();
      } else if (event.key === "ArrowUp" && !event.altKey) {
        event.preventDefault();
        fields[at - 1]?.focus();
      }
    });
  }
  const wrong = entry.querySelector("input[aria-invalid=true]");
  if (wrong instanceof HTMLInputElement) wrong.focus();
}
