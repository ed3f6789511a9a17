// The quick screen: what changed goes into the queue of this device first, then to the server, so that a cut line loses nothing. The
// server says all of it again when the form is sent without a script.

import { ageWords } from "./age.js";
import { clearDrafts, keepDraft, readDraft } from "./draft.js";
import { add, forgetOutcomes, keepSeen, onChange, outcomes, put, remove, seen, waiting } from "./quick-queue.js";
import { send } from "./quick-send.js";
import { askView, outcomeView } from "./quick-view.js";
import { Question } from "./report-form.js";

/** @typedef {import("./quick-queue.js").Update} Update */

class QuickScreen {
  /** @param {HTMLElement} main */
  constructor(main) {
    this.main = main;
    this.operator = main.dataset.operator ?? "";
    this.code = main.dataset.code ?? "";
    this.hospital = main.dataset.hospital ?? "";
    this.isShell = main.dataset.shell !== undefined;
    /** What the device's clock is off by: the page says what time it was when it was made. Kept pages do not know. @type {number | null} */
    this.offset = this.isShell ? null : Number(main.dataset.now) - (performance.timeOrigin + answeredAt());
    this.button = main.querySelector("[data-send]");
    this.outcome = main.querySelector("[data-outcome]");
    /** @type {Question[]} */
    this.questions = [];
    /** Items of updates that are not on the board yet. @type {Set<string>} */
    this.unsent = new Set();
    /** What fields were held against before they were sent, by update: if it is refused, they are changed again. @type {Map<string, { question: Question, previous: string | undefined, words: string }[]>} */
    this.before = new Map();
    /** Outcomes that the fields follow already. @type {Set<string>} */
    this.followed = new Set();
  }

  async start() {
    const form = this.main.querySelector("form[data-fields]");
    if (!(form instanceof HTMLFormElement)) return;
    const values = await this.known();
    for (const box of form.querySelectorAll("[data-item]")) {
      if (!(box instanceof HTMLElement)) continue;
      if (this.isShell) begin(box, values);
      const question = new Question(box, form);
      question.listenToSteps();
      this.questions.push(question);
    }
    this.restore();
    form.addEventListener("input", () => {
      this.refresh();
      this.keep();
    });
    for (const each of this.main.querySelectorAll("form[data-update]")) {
      each.addEventListener("submit", (event) => each instanceof HTMLFormElement && this.onSubmit(event, each));
    }
    onChange(() => this.show());
    this.refresh();
    await this.show();
    await this.install();
  }

  /** What stands: as the page says, or as it was last seen on this device, with what waits laid over it. */
  async known() {
    const values = Object.fromEntries([...this.main.querySelectorAll('input[name^="was."]')].map((field) => [field.getAttribute("name")?.slice(4) ?? "", field.getAttribute("value") ?? ""]));
    if (!this.isShell) {
      await keepSeen(this.operator, this.code, values);
      return values;
    }
    const last = await seen(this.operator, this.code);
    const age = this.main.querySelector("[data-as-of]");
    if (age && last) age.textContent = `この端末で ${ageWords(last.at, Date.now())}に見た値`;
    Object.assign(values, last?.values);
    for (const update of await this.mine()) Object.assign(values, update.answers);
    return values;
  }

  /** Of no day: a shift has midnight in it. How old it may be, `restore` says. */
  get draft() {
    return `akidoko-draft:${this.operator}:quick-${this.code}`;
  }

  keep() {
    const changed = this.questions.filter((question) => question.changed);
    if (changed.length === 0) clearDrafts((key) => key === this.draft);
    else keepDraft(this.draft, { version: "quick", at: Date.now(), answers: Object.fromEntries(changed.map((question) => [question.id, question.value])) });
  }

  /** What was typed and not sent is there again, marked as changed. What is older than a shift has been overtaken. */
  restore() {
    const draft = readDraft(this.draft);
    if (!draft || Date.now() - draft.at > 8 * 3_600_000 || document.querySelector("[data-summary]")) return;
    for (const question of this.questions) {
      const typed = draft.answers[question.id];
      if (typed === undefined) continue;
      question.value = typed;
      const fold = question.box.closest("details");
      if (fold && question.changed) fold.open = true;
    }
  }

  async mine() {
    return (await waiting()).filter((update) => update.operator === this.operator && update.code === this.code);
  }

  refresh() {
    const label = (/** @type {Question} */ question) => (this.unsent.has(question.id) ? "送信待ち" : this.isShell ? "前に見た値" : "ボード");
    for (const question of this.questions) question.showChange(label(question));
    const changed = this.questions.filter((question) => question.changed);
    if (this.button) this.button.textContent = changed.length === 0 ? "ボードに載せる" : `変えた ${changed.length} 項目をボードに載せる`;
  }

  /**
   * @param {Event} event
   * @param {HTMLFormElement} form
   */
  async onSubmit(event, form) {
    // Whoever enters for another says why, and does it with a line: the form goes as it is.
    if (form.querySelector("[name=behalf]")) {
      // The receipt clears it.
      const draft = readDraft(this.draft);
      if (draft) keepDraft(this.draft, { ...draft, sent: Date.now() });
      return;
    }
    event.preventDefault();
    const whole = form.dataset.fields !== undefined;
    const changed = this.questions.filter((question) => question.changed);
    const answers = whole
      ? Object.fromEntries(changed.map((question) => [question.id, question.value]))
      : Object.fromEntries([...form.querySelectorAll('input[name^="a."]')].map((field) => [field.getAttribute("name")?.slice(2) ?? "", field.getAttribute("value") ?? ""]));
    const words = whole ? changed.map((question) => `${question.label} ${question.words}`) : [form.dataset.words ?? ""];
    if (Object.keys(answers).length === 0) return this.say("変えたところがありません。数か状況を変えてから、もう一度押してください。");
    /** @type {Update} */
    const update = {
      id: crypto.randomUUID(), operator: this.operator, code: this.code, hospital: this.hospital, answers, words, typedAt: Date.now(), offset: this.offset,
      confirmed: [...form.querySelectorAll("input[name=confirm]:checked")].map((box) => box.getAttribute("value") ?? ""), state: "waiting",
    };
    try {
      await forgetOutcomes(this.operator);
      // What was refused is said anew in this one.
      for (const refused of await this.mine()) if (whole && refused.state === "refused") await remove(refused);
      await add(update);
    } catch {
      // Nothing can be kept on this device: as without a script.
      form.submit();
      return;
    }
    if (whole) this.settle(update, changed);
    else form.closest("section")?.remove();
    await this.wake();
    await send();
    await this.show();
    this.outcome?.scrollIntoView({ block: "nearest" });
  }

  /**
   * What was sent is what the fields are held against from now on.
   * @param {Update} update
   * @param {Question[]} changed
   */
  settle(update, changed) {
    this.before.set(update.id, changed.map((question) => ({ question, previous: question.previous, words: question.previousWords })));
    for (const question of changed) {
      question.previous = question.value;
      question.previousWords = question.words;
    }
    clearDrafts((key) => key === this.draft);
    this.refresh();
    void keepSeen(this.operator, this.code, Object.fromEntries(this.questions.map((question) => [question.id, question.value])));
  }

  /** Something newer stands: the fields that nobody touched since follow it. @param {import("./quick-queue.js").Outcome} outcome */
  follow(outcome) {
    if (this.followed.has(outcome.id)) return;
    this.followed.add(outcome.id);
    for (const question of this.questions) {
      const stands = outcome.stands[question.id];
      if (stands === undefined) continue;
      const typed = question.changed ? question.value : stands;
      question.value = stands;
      question.previous = stands;
      question.previousWords = question.words;
      question.value = typed;
    }
    this.refresh();
  }

  /** It was refused: its fields are changed again, to be mended and sent anew. @param {Update} update */
  unsettle(update) {
    for (const { question, previous, words } of this.before.get(update.id) ?? []) {
      question.previous = previous;
      question.previousWords = words;
    }
    this.before.delete(update.id);
  }

  /** The browser may send it when this page is gone. */
  async wake() {
    try {
      const registration = /** @type {any} */ (await navigator.serviceWorker?.getRegistration("/quick"));
      await registration?.sync?.register("quick");
    } catch {
      // Where there is none, the next page sends it.
    }
  }

  /** @param {string} sentence */
  say(sentence) {
    const line = document.createElement("p");
    line.className = "msg warn flat";
    line.textContent = sentence;
    this.outcome?.replaceChildren(line);
  }

  async show() {
    if (!this.outcome) return;
    const mine = await this.mine();
    const asking = mine.filter((update) => update.state !== "waiting");
    this.unsent = new Set(mine.filter((update) => update.state !== "refused").flatMap((update) => Object.keys(update.answers)));
    for (const update of asking) if (update.state === "refused") this.unsettle(update);
    this.refresh();
    const done = (await outcomes(this.operator)).filter((outcome) => outcome.code === this.code);
    const acts = {
      confirm: async (/** @type {Update} */ update) => {
        const confirmed = [...update.confirmed, ...(update.warnings ?? []).map((w) => w.id)];
        await put({ ...update, confirmed, state: "waiting" });
        await send();
      },
      drop: async (/** @type {Update} */ update) => {
        await remove(update);
        if (!this.isShell) location.replace(location.pathname);
      },
    };
    for (const outcome of done) this.follow(outcome);
    const [last] = done.slice(-1);
    const age = this.main.querySelector("[data-as-of]");
    if (age && last && !this.isShell) age.textContent = `いまのボード：${last.clock} の更新まで`;
    this.outcome.replaceChildren(...asking.map((update) => askView(update, acts)), ...outcomeView(done, () => void forgetOutcomes(this.operator).then(() => this.show())));
  }

  async install() {
    try {
      const address = this.main.dataset.worker ?? "";
      await navigator.serviceWorker?.register(address, { scope: "/quick", type: "module", updateViaCache: "none" });
      const registration = await navigator.serviceWorker?.ready;
      if (location.pathname === "/quick" && !this.isShell) registration?.active?.postMessage("keep");
      this.main.dataset.kept = "";
    } catch {
      // A browser without such workers: updates wait as well, only the page must be open already.
    }
  }
}

/** When the answer began to arrive, by the page's clock. */
function answeredAt() {
  const [entry] = performance.getEntriesByType("navigation");
  return entry instanceof PerformanceNavigationTiming ? entry.responseStart : 0;
}

/**
 * A field of the kept page begins with what was last seen.
 * @param {HTMLElement} box
 * @param {Record<string, string>} values
 */
function begin(box, values) {
  const value = values[box.dataset.item ?? ""] ?? "";
  box.dataset.prev = value;
  const field = box.querySelector("input:not([type=radio], [type=checkbox]), textarea");
  if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = value;
  let words = value || "未回答";
  for (const radio of box.querySelectorAll("input[type=radio]")) {
    if (!(radio instanceof HTMLInputElement)) continue;
    radio.checked = radio.value === value;
    if (radio.checked) words = radio.dataset.words ?? words;
  }
  box.querySelector(".prev")?.setAttribute("data-previous", words);
}

/** The browser's own offer to put this on the home screen, where it makes one. */
function offerInstall() {
  const press = document.querySelector("[data-install]");
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    if (!(press instanceof HTMLElement)) return;
    press.hidden = false;
    press.addEventListener("click", () => /** @type {any} */ (event).prompt(), { once: true });
  });
}

const main = document.querySelector("main[data-quick]");
if (main instanceof HTMLElement) {
  offerInstall();
  void new QuickScreen(main).start();
}
