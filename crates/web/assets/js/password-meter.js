// How far a new password has come, while it is typed.

import { judge } from "./password-rule.js";

for (const place of document.querySelectorAll("[data-meter]")) {
  if (!(place instanceof HTMLElement)) continue;
  const field = document.getElementById(place.dataset.meter ?? "");
  const bar = place.querySelector("meter");
  const words = place.querySelector("p");
  if (!(field instanceof HTMLInputElement) || !bar || !words) continue;
  place.hidden = false;
  field.addEventListener("input", () => {
    const said = judge(field.value, place.dataset.id ?? "");
    bar.value = said.level;
    words.textContent = said.words;
  });
}
