// What must be so before the board is first painted: the columns that the reader chose. It stands behind the rows that fill a screen, and a browser
// that waits for a script paints what it has: so nobody waits for the last of six hundred rows to see the first. A script, not a module: modules wait
// for the whole page.

{
  document.querySelector("main")?.setAttribute("data-scripted", "");
  const beds = document.getElementById("show-beds");
  try {
    if (beds instanceof HTMLInputElement && localStorage.getItem("akidoko-columns") === "beds") beds.checked = true;
  } catch {
    // No storage in this browser: the columns are those of the page.
  }
}
