// The daily report while it is typed: steppers, what changed, what does not fit, and a draft that survives a closed window. The server
// says all of it again when the form is sent.

import { ageWords } from "./age.js";
import { clearDrafts, clearOldDrafts, keepDraft, readDraft } from "./draft.js";
import { foldDigits, readCount } from "./fold.js";
import { listenToChoices, listenToPatterns } from "./report-choices.js";
import { figures } from "./report-figures.js";
import { loadRules } from "./rules.js";
import { countWrong, readAnswer, unreadable } from "./typed.js";

/** @typedef {import("./rules.js").Rule} Rule */

/** What an empty answer is called. */
const NONE = "未回答";

/** A question on the screen. */
export class Question {
  /**
   * @param {HTMLElement} box
   * @param {HTMLFormElement} form
   */
  constructor(box, form) {
    this.box = box;
    this.form = form;
    this.id = box.dataset.item ?? "";
    this.name = `a.${this.id}`;
    this.label = box.dataset.label ?? "";
    this.isCount = box.querySelector("[data-step]") !== null;
    this.previous = box.dataset.prev;
    this.previousWords = box.querySelector(".prev")?.getAttribute("data-previous") ?? "";
    const field = box.querySelector("input:not([type=radio], [type=checkbox]), textarea");
    this.field = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement ? field : null;
    const kind = this.field?.dataset.kind;
    /** @type {import("./typed.js").Kind} */
    this.kind = this.isCount ? "count" : kind === "date" || kind === "time" ? kind : "word";
  }

  /** Half a date is no mistake yet: what is wrong with it is said when it has been left. */
  get isBeingTyped() {
    return (this.kind === "date" || this.kind === "time") && document.activeElement === this.field;
  }

  /** What is wrong with it by itself: it does not read, or is out of its bounds. */
  get wrong() {
    if (this.isBeingTyped) return [];
    return this.kind === "count" ? countWrong(this.value, this.field?.dataset ?? {}) : unreadable(this.kind, this.value);
  }

  /** As the rules take it. */
  get answer() {
    return readAnswer(this.kind, this.value);
  }

  get radios() {
    return [...this.box.querySelectorAll("input[type=radio]")].filter((radio) => radio instanceof HTMLInputElement);
  }

  get value() {
    const typed = this.field ? this.field.value : (this.radios.find((radio) => radio.checked)?.value ?? "");
    return this.isCount ? foldDigits(typed) : typed.trim().replace(/\r\n/g, "\n");
  }

  /** @param {string} value */
  set value(value) {
    if (this.field) this.field.value = value;
    for (const radio of this.radios) radio.checked = radio.value === value;
  }

  get words() {
    if (this.value === "") return NONE;
    const radio = this.radios.find((r) => r.checked);
    return radio?.dataset.words ?? this.value;
  }

  get changed() {
    if (this.previous === undefined) return false;
    const same = this.isCount ? foldDigits(this.previous) : this.previous.trim();
    return this.value !== same && ((this.kind !== "date" && this.kind !== "time") || this.answer !== same);
  }

  /** @param {string} label 昨日 */
  showChange(label) {
    this.box.classList.toggle("is-changed", this.changed);
    const line = this.box.querySelector(".prev");
    if (!line) return;
    const before = document.createElement("span");
    before.textContent = `${label} ${this.previousWords}`;
    line.replaceChildren(before);
    if (!this.changed) return;
    const now = document.createElement("b");
    now.textContent = this.words;
    const tag = document.createElement("span");
    tag.className = "tag chg";
    tag.textContent = "変更";
    line.append(" → ", now, " ", tag);
  }

  /** A date or a time is shown as it is kept, so that one sees what was understood. */
  listenToLeaving() {
    this.field?.addEventListener("focusout", () => {
      if ((this.kind !== "date" && this.kind !== "time") || !this.answer) return;
      this.value = String(this.answer);
    });
  }

  /** Arrows and buttons step, between the bounds. An empty field steps to the lower one first（0）: 未回答 is no number. */
  listenToSteps() {
    const step = this.box.querySelector("[data-step]");
    const field = this.field;
    if (!step || !field) return;
    step.classList.add("on");
    const max = Number(field.dataset.max ?? "9999");
    const min = Number(field.dataset.min ?? "0");
    const by = (/** @type {number} */ n) => {
      const count = readCount(field.value);
      if (count === undefined) return;
      field.value = String(count === null ? min : Math.min(max, Math.max(min, count + n)));
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    step.querySelectorAll("button").forEach((button, at) => {
      button.hidden = false;
      button.addEventListener("click", () => by(at === 0 ? -1 : 1));
    });
    field.addEventListener("keydown", (event) => {
      if (!(event instanceof KeyboardEvent) || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
      event.preventDefault();
      by(event.key === "ArrowUp" ? 1 : -1);
    });
    field.addEventListener("change", () => {
      field.value = foldDigits(field.value);
    });
  }
}

class ReportForm {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.key = form.dataset.draft ?? "";
    this.version = form.dataset.version ?? "0";
    this.label = form.dataset.previousLabel;
    this.questions = [...form.querySelectorAll("[data-item]")].flatMap((box) => (box instanceof HTMLElement ? [new Question(box, form)] : []));
    /** @type {{ rules: Rule[], facts: import("./rules.js").Facts, rates?: import("./report-figures.js").Rate[] }} */
    this.survey = JSON.parse(form.querySelector("[data-rules]")?.textContent || '{"rules":[]}');
    /** Until they are there, only the server speaks of rules. @type {import("./rules.js").Rules | null} */
    this.rules = null;
    /** @type {Set<string>} */
    this.touched = new Set();
    /** What the server put into the fields. */
    this.first = new Map(this.questions.map((question) => [question.id, question.value]));
  }

  /** The questions that do not stand as the server put them. */
  get typed() {
    return this.questions.filter((question) => question.value !== this.first.get(question.id));
  }

  start() {
    for (const question of this.questions) {
      question.listenToSteps();
      question.listenToLeaving();
    }
    this.restore();
    this.form.addEventListener("input", (event) => this.onInput(event));
    this.form.addEventListener("keydown", (event) => this.onEnter(event));
    this.form.addEventListener("focusout", () => this.refresh());
    this.form.addEventListener("submit", () => this.sending());
    const typed = () => {
      this.refresh();
      this.keep();
    };
    listenToPatterns(this.questions, typed);
    listenToChoices(this.questions, (question) => {
      this.touched.add(question.id);
      typed();
    });
    this.refresh();
    loadRules(this.survey).then((rules) => {
      this.rules = rules;
      this.refresh();
      this.form.dataset.ruled = String(rules !== null);
    });
    // After an error the reader is at the summary, which says what to mend.
    const summary = document.querySelector("[data-summary]");
    if (summary instanceof HTMLElement) summary.focus();
    else this.beginAtTheUsual();
  }

  /** The fields of what usually changes, in order: those, then the button. */
  get usual() {
    const all = [...this.form.querySelectorAll("[data-usual] input:not([type=checkbox], [type=hidden])")];
    return all.filter((field) => field instanceof HTMLInputElement && (field.type !== "radio" || isStop(field)));
  }

  /** At a desk the hands are on the keys: the first figure is chosen already. A telephone would show its keys and hide the rest. */
  beginAtTheUsual() {
    const [first] = this.usual;
    if (!(first instanceof HTMLInputElement) || !matchMedia("(pointer: fine)").matches || location.hash !== "") return;
    first.focus({ preventScroll: true });
    if (first.type !== "radio") first.select();
  }

  /** @param {Event} event */
  onInput(event) {
    const box = event.target instanceof Element ? event.target.closest("[data-item]") : null;
    if (box instanceof HTMLElement) this.touched.add(box.dataset.item ?? "");
    this.refresh();
    this.keep();
  }

  /** Enter goes to the next field; a report is sent by its button only. @param {KeyboardEvent} event */
  onEnter(event) {
    if (event.key !== "Enter" || event.isComposing || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    const usual = this.usual;
    const place = usual.indexOf(event.target);
    if (place >= 0) {
      const next = usual[place + 1] ?? this.form.querySelector("[data-submit]");
      if (next instanceof HTMLElement) next.focus();
      if (next instanceof HTMLInputElement && next.type !== "radio") next.select();
      return;
    }
    const fields = [...this.form.querySelectorAll("input:not([type=hidden]), textarea, [data-submit]")].filter(
      (field) => field instanceof HTMLElement && field.offsetParent !== null && !(field instanceof HTMLInputElement && field.type === "radio" && !isStop(field)),
    );
    const next = fields[fields.indexOf(event.target) + 1];
    if (next instanceof HTMLElement) next.focus();
    if (next instanceof HTMLInputElement && next.type !== "radio") next.select();
  }

  refresh() {
    if (this.label !== undefined) for (const question of this.questions) question.showChange(this.label);
    const wrong = this.showFindings();
    this.showFigures();
    const changed = this.questions.filter((question) => question.changed);
    this.leaveTheLead();
    this.showList(changed);
    const button = this.form.querySelector("[data-submit]");
    if (button && this.label !== undefined && !("asks" in this.form.dataset)) button.textContent = changed.length === 0 ? "変更なしで報告" : `変更 ${changed.length} 件を報告`;
    const bar = this.form.querySelector("[data-bar]");
    if (bar) bar.textContent = wrong > 0 ? `直すところ ${wrong} か所` : changed.length > 0 ? `変更 ${changed.length} 件` : "変えたところがあれば、直してから報告";
  }

  showFigures() {
    const line = this.form.querySelector("[data-figures]");
    if (!(line instanceof HTMLElement)) return;
    const byId = new Map(this.questions.map((question) => [question.id, question]));
    const said = figures((item) => (byId.has(item) ? readCount(byId.get(item)?.value ?? "") : null), this.survey.rates);
    line.hidden = said.length === 0;
    line.replaceChildren(
      ...said.map((words) => {
        const span = document.createElement("span");
        span.textContent = words;
        return span;
      }),
    );
  }

  /** @param {Question[]} changed */
  showList(changed) {
    const count = document.querySelector("[data-changes]");
    if (count) count.textContent = String(changed.length);
    const list = document.querySelector("[data-diff]");
    if (!list) return;
    const lines = changed.map((question) => {
      const line = document.createElement("li");
      const label = document.createElement("span");
      label.textContent = question.label;
      const change = document.createElement("b");
      change.textContent = `${question.previousWords} → ${question.words}`;
      line.append(label, change);
      return line;
    });
    if (lines.length === 0) {
      const none = document.createElement("li");
      none.className = "sub";
      none.textContent = "まだありません";
      lines.push(none);
    }
    list.replaceChildren(...lines);
  }

  /**
   * Does what the server said of an item still stand? Of a rule only until something is typed: then the rule speaks for itself.
   * @param {Question} question
   */
  stillSaid(question) {
    const line = question.box.querySelector(".errtxt[data-said]");
    if (!line || this.touched.has(question.id)) return false;
    return this.touched.size === 0 || this.rules === null || !this.survey.rules.some((rule) => line.textContent?.includes(rule.message));
  }

  /**
   * What the rules say now.
   * @returns {number} As many must be mended.
   */
  showFindings() {
    const byId = new Map(this.questions.map((question) => [question.id, question]));
    const found = this.rules?.broken((id) => byId.get(id)?.answer) ?? [];
    let wrong = 0;
    for (const question of this.questions) {
      const mine = found.filter((finding) => finding.item === question.id);
      const typed = question.wrong;
      const hard = typed.length > 0 ? typed : mine.filter((f) => f.hard).map((f) => f.message);
      const said = this.stillSaid(question);
      wrong += hard.length > 0 || said ? 1 : 0;
      this.showErrors(question, hard, said);
      this.showWarnings(question, mine.filter((f) => !f.hard));
    }
    return wrong;
  }

  /**
   * @param {Question} question
   * @param {string[]} sentences
   * @param {boolean} said Does the server's sentence still stand?
   */
  showErrors(question, sentences, said) {
    const { box, field } = question;
    if (!said) box.querySelector(".errtxt[data-said]")?.remove();
    const sentence = said ? "" : (sentences[0] ?? "");
    let line = box.querySelector(".errtxt[data-live]");
    if (sentence && !line) {
      line = document.createElement("p");
      line.className = "full errtxt";
      line.id = `live-${question.id}`;
      line.setAttribute("data-live", "");
      line.innerHTML = '<svg width="18" height="18" aria-hidden="true"><use href="#i-err"/></svg><span aria-live="polite"></span>';
      box.append(line);
    }
    const words = line?.querySelector("span");
    if (words && words.textContent !== sentence) words.textContent = sentence;
    if (!sentence) line?.remove();
    const isWrong = said || sentence !== "";
    box.classList.toggle("has-err", isWrong);
    if (isWrong) (field ?? box).setAttribute("aria-invalid", "true");
    else (field ?? box).removeAttribute("aria-invalid");
    describe(field ?? box, `live-${question.id}`, sentence !== "");
    describe(field ?? box, `e-${question.id}`, said);
  }

  /**
   * @param {Question} question
   * @param {import("./rules.js").Finding[]} findings
   */
  showWarnings(question, findings) {
    const { box } = question;
    for (const shown of box.querySelectorAll("[data-rule]")) {
      const id = shown.getAttribute("data-rule") ?? "";
      const isRule = this.rules !== null && this.survey.rules.some((rule) => rule.id === id);
      const stands = isRule ? findings.some((f) => f.id === id) : !this.touched.has(question.id);
      if (!stands) shown.remove();
    }
    for (const finding of findings) {
      if (!box.querySelector(`[data-rule="${CSS.escape(finding.id)}"]`)) box.append(warning(finding));
    }
    box.classList.toggle("has-warn", box.querySelector("[data-rule]") !== null);
  }

  /** 変更なし sends what the server put there. As soon as something else stands in a field, that press would throw it away. */
  leaveTheLead() {
    const lead = document.querySelector("form[data-unchanged]");
    if (!(lead instanceof HTMLElement)) return;
    const away = this.typed.length > 0;
    if (lead.hidden === away) return;
    lead.hidden = away;
    let line = document.querySelector("[data-lead-away]");
    if (!line) {
      line = document.createElement("p");
      line.setAttribute("data-lead-away", "");
      line.textContent = "変えたところがあります。下のボタンで報告してください。";
      lead.after(line);
    }
    if (line instanceof HTMLElement) line.hidden = !away;
  }

  /** What stands in the form beside the questions: why it is corrected, why it is entered for the hospital. */
  get words() {
    /** @type {Record<string, string>} */
    const words = {};
    const form = new FormData(this.form);
    for (const name of WORDS) {
      const value = String(form.get(name) ?? "");
      if (value) words[name] = value;
    }
    return words;
  }

  keep() {
    if (!this.key) return;
    // A screen that came back has what was typed before in its fields already: that stays in the draft too.
    const before = document.querySelector("[data-summary]") ? (readDraft(this.key)?.answers ?? {}) : {};
    const own = this.questions.filter((question) => question.id in before || question.value !== this.first.get(question.id));
    const [answers, words] = [Object.fromEntries(own.map((question) => [question.id, question.value])), this.words];
    if (Object.keys(answers).length === 0 && Object.keys(words).length === 0) clearDrafts((key) => key === this.key);
    else keepDraft(this.key, { version: this.version, at: Date.now(), answers, words });
  }

  /**
   * Puts a word back that was typed beside the questions.
   * @param {string} name
   * @param {string} value
   */
  say(name, value) {
    for (const field of this.form.querySelectorAll(`[name="${name}"]`)) {
      if (field instanceof HTMLInputElement && field.type === "radio") field.checked = field.value === value;
      else if ((field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement) && field.value === "") field.value = value;
    }
  }

  /** What is sent is a draft until its receipt is seen. */
  sending() {
    const draft = this.key ? readDraft(this.key) : null;
    if (draft) keepDraft(this.key, { ...draft, sent: Date.now() });
  }

  /** What was typed and not sent stands there again, also after somebody else's report: what nobody typed is as it stands now. */
  restore() {
    const notice = document.querySelector("[data-draft-notice]");
    clearOldDrafts();
    const draft = this.key ? readDraft(this.key) : null;
    if (!draft || document.querySelector("[data-summary]")) return;
    for (const [name, value] of Object.entries(draft.words ?? {})) this.say(name, value);
    const differing = this.questions.filter((question) => draft.answers[question.id] !== undefined && draft.answers[question.id] !== question.value);
    if (differing.length === 0) return;
    const since = document.querySelector("[data-draft-since]");
    if (since && draft.version !== this.version) since.textContent = `そのあと第 ${this.version} 版が報告されています。変更の印が付いた項目を確かめてください。`;
    for (const question of differing) {
      question.value = draft.answers[question.id] ?? "";
      const fold = question.box.closest("details");
      if (fold) fold.open = true;
    }
    const age = document.querySelector("[data-draft-age]");
    if (age) age.textContent = ageWords(draft.at, Date.now());
    if (!(notice instanceof HTMLElement)) return;
    notice.hidden = false;
    notice.querySelector("[data-draft-discard]")?.addEventListener("click", () => {
      clearDrafts((key) => key === this.key);
      location.reload();
    });
  }
}

/** What is kept beside the questions. */
const WORDS = ["reason", "reason_text", "behalf", "behalf_words"];

/** The radio of its group that the keyboard stops at. @param {HTMLInputElement} radio */
function isStop(radio) {
  const group = [...(radio.form?.querySelectorAll(`input[name="${CSS.escape(radio.name)}"]`) ?? [])];
  const checked = group.find((other) => other instanceof HTMLInputElement && other.checked);
  return (checked ?? group[0]) === radio;
}

/**
 * @param {Element} field
 * @param {string} id
 * @param {boolean} on
 */
function describe(field, id, on) {
  const ids = new Set((field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (on) ids.add(id);
  else ids.delete(id);
  if (ids.size > 0) field.setAttribute("aria-describedby", [...ids].join(" "));
  else field.removeAttribute("aria-describedby");
}

/** @param {import("./rules.js").Finding} finding */
function warning(finding) {
  const template = document.createElement("template");
  template.innerHTML =
    '<div class="full msg warn flat"><svg width="22" height="22" aria-hidden="true"><use href="#i-warn"/></svg><div><p aria-live="polite"></p><label class="check"><input class="box" type="checkbox" name="confirm">確かめました</label></div></div>';
  const box = template.content.firstElementChild ?? document.createElement("div");
  box.setAttribute("data-rule", finding.id);
  const words = box.querySelector("p");
  if (words) words.textContent = finding.message;
  box.querySelector("input")?.setAttribute("value", finding.id);
  return box;
}

const form = document.querySelector("form[data-report]");
if (form instanceof HTMLFormElement) new ReportForm(form).start();

// The receipt: what was sent is no draft any more. What was typed after it was sent is one.
const done = document.querySelector("[data-draft-done]")?.getAttribute("data-draft-done");
if (done) {
  for (const sent of [done, done.replace(/^(akidoko-draft:[^:]*:)([^:]+):.*$/, "$1quick-$2")]) {
    const draft = readDraft(sent);
    if (draft?.sent !== undefined && draft.at <= draft.sent) clearDrafts((key) => key === sent);
  }
}
