// What must be so before the board is first painted: the columns that the reader chose. It stands behind the rows that fill a screen, and a browser
// that waits for a script paints what it has: so nobody waits for the last of six hundred rows to see the first. A script, not a module: modules wait
// for the whole page.

{
  const main = document.querySelector("main");
  main?.setAttribute("data-scripted", "early");
  // Where the filter's own script did not come, its button does.
  addEventListener("load", () => main?.dataset.scripted === "early" && main.removeAttribute("data-scripted"));
  const beds = document.getElementById("show-beds");
  try {
    if (beds instanceof HTMLInputElement && localStorage.getItem("akidoko-columns") === "beds") beds.checked = true;
  } catch {
    // No storage in this browser: the columns are those of the page.
  }
}
