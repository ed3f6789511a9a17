// Passwords can be shown while they are typed, and the number of characters is counted.

for (const label of document.querySelectorAll("[data-reveal]")) {
  if (!(label instanceof HTMLElement)) continue;
  const box = label.querySelector("input");
  const names = (label.dataset.reveal ?? "").split(" ");
  label.hidden = false;
  box?.addEventListener("change", () => {
    for (const name of names) {
      const field = document.getElementById(name);
      if (field instanceof HTMLInputElement) field.type = box.checked ? "text" : "password";
    }
  });
}

for (const place of document.querySelectorAll("[data-length]")) {
  if (!(place instanceof HTMLElement)) continue;
  const field = document.getElementById(place.dataset.length ?? "");
  const least = Number(place.dataset.least);
  if (!(field instanceof HTMLInputElement)) continue;
  field.addEventListener("input", () => {
    const characters = [...field.value].length;
    place.textContent = characters >= least ? `${characters} 文字（足りています）` : `あと ${least - characters} 文字（いま ${characters} 文字）`;
  });
}
