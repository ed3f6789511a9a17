// What stands in a field of the report before anybody typed there: a pattern's value, or another operator's. Each with a way back.

/** @typedef {import("./report-form.js").Question} Question */

/**
 * What a pattern filled in goes back with one press; what is changed by hand is not the pattern's any more.
 * @param {Question[]} questions
 * @param {() => void} typed
 */
export function listenToPatterns(questions, typed) {
  for (const question of questions) {
    const line = question.box.querySelector("[data-pattern]");
    const back = line?.querySelector("[data-pattern-back]");
    if (!line || !(back instanceof HTMLElement)) continue;
    const filled = question.value;
    back.hidden = false;
    back.addEventListener("click", () => {
      question.value = back.dataset.patternBack ?? "";
      line.remove();
      (question.field ?? question.radios.find((radio) => radio.checked) ?? question.radios[0])?.focus();
      typed();
    });
    question.box.addEventListener("input", () => {
      if (question.value !== filled) line.remove();
    });
  }
}

/**
 * The table of what two operators said: a choice fills the field, a typed field chooses.
 * @param {Question[]} questions
 * @param {(question: Question) => void} chosen
 */
export function listenToChoices(questions, chosen) {
  for (const radio of document.querySelectorAll("[data-take]")) {
    if (!(radio instanceof HTMLInputElement)) continue;
    const question = questions.find((q) => q.id === radio.dataset.take);
    if (!question) continue;
    radio.addEventListener("change", () => {
      question.value = radio.dataset.value ?? "";
      chosen(question);
    });
    question.box.addEventListener("input", () => {
      radio.checked = question.value === (radio.dataset.value ?? "").trim();
    });
  }
}
