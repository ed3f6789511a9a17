// A file can be dropped where it could be chosen; it is taken at once.

const dropZone = document.querySelector("form[data-drop]");
const field = dropZone?.querySelector("input[type=file]");

if (dropZone instanceof HTMLFormElement && field instanceof HTMLInputElement) {
  const hint = dropZone.querySelector("[data-drop-hint]");
  if (hint instanceof HTMLElement) hint.hidden = false;
  const over = (/** @type {boolean} */ is) => dropZone.classList.toggle("over", is);
  for (const name of ["dragenter", "dragover"]) {
    dropZone.addEventListener(name, (event) => {
      event.preventDefault();
      over(true);
    });
  }
  dropZone.addEventListener("dragleave", (event) => {
    if (!(event.relatedTarget instanceof Node && dropZone.contains(event.relatedTarget))) over(false);
  });
  dropZone.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const files = event.dataTransfer?.files;
    if (!files?.length) return;
    field.files = files;
    dropZone.requestSubmit();
  });
  // Beside the zone a dropped file would take the place of the page.
  for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());
}
