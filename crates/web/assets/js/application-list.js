// The button says how many applications it submits.

const submission = document.querySelector("[data-submission]");
const count = submission?.querySelector("[data-count]");

function tell() {
  if (count) count.textContent = String(submission?.querySelectorAll("input[name=id]:checked").length ?? 0);
}

submission?.addEventListener("change", tell);
// A browser that comes back to the page restores what was ticked.
window.addEventListener("pageshow", tell);
