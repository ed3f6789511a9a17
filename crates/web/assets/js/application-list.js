// The button says how many applications it submits.

const form = document.querySelector("[data-submission]");
const count = form?.querySelector("[data-count]");

function tell() {
  if (count) count.textContent = String(form?.querySelectorAll("input[name=id]:checked").length ?? 0);
}

form?.addEventListener("change", tell);
// A browser that comes back to the page restores what was ticked.
window.addEventListener("pageshow", tell);
