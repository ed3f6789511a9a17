// A file can be dropped where it could be chosen; it is taken at once.

const form = document.querySelector("form[data-drop]");
const field = form?.querySelector("input[type=file]");

if (form instanceof HTMLFormElement && field instanceof HTMLInputElement) {
  const hint = form.querySelector("[data-drop-hint]");
  if (hint instanceof HTMLElement) hint.hidden = false;
  const over = (/** @type {boolean} */ is) => form.classList.toggle("over", is);
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      over(true);
    });
  }
  form.addEventListener("dragleave", (event) => {
    if (!(event.relatedTarget instanceof Node && form.contains(event.relatedTarget))) over(false);
  });
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const files = event.dataTransfer?.files;
    if (!files?.length) return;
    field.files = files;
    form.requestSubmit();
  });
  // Beside the zone a dropped file would take the place of the page.
  for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());
}
