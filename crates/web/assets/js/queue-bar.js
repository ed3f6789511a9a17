// On every page of who reports: updates that wait on this device are shown as waiting, sent when they can be, and not forgotten at
// sign-out.

import { clock } from "./age.js";
import { forgetSeen, onChange, waiting } from "./quick-queue.js";
import { send } from "./quick-send.js";

/** @typedef {import("./quick-queue.js").Update} Update */

const AGAIN = 30_000;
const KEPT_FOR = "akidoko-quick-for";

/** Who is signed in, as the page says; of a kept page, whose it is. */
const signedIn = () => document.querySelector("[data-quick]")?.getAttribute("data-operator") || document.querySelector("header")?.getAttribute("data-operator") || "";

/** Another operator has this device now: the screen that is kept for when there is no line must be theirs. */
async function keepForMe() {
  try {
    if (!signedIn() || localStorage.getItem(KEPT_FOR) === signedIn()) return;
    const registration = await navigator.serviceWorker?.getRegistration("/quick");
    registration?.active?.postMessage("keep");
    localStorage.setItem(KEPT_FOR, signedIn());
  } catch {
    // Without storage or workers nothing is kept.
  }
}

class QueueBar {
  constructor() {
    this.bar = document.createElement("section");
    this.bar.setAttribute("aria-label", "送信を待つ更新");
    this.bar.className = "offl";
    this.bar.dataset.queue = "";
    this.bar.hidden = true;
    this.bar.innerHTML =
      '<div class="wrap row tight"><svg width="24" height="24" aria-hidden="true"><use href="#i-off"/></svg><span role="status"></span><button class="btn sm" type="button" data-again>いま送る</button><a class="btn sm" data-sign-in hidden>サインイン</a></div>';
    this.words = this.bar.querySelector("[role=status]");
    this.ended = "waits";
    this.bar.querySelector("[data-again]")?.addEventListener("click", () => this.try());
    const link = this.bar.querySelector("[data-sign-in]");
    if (link instanceof HTMLAnchorElement) link.href = `/sign-in?next=${encodeURIComponent(location.pathname === "/quick/shell" ? "/quick" : location.pathname)}`;
    document.querySelector("header")?.after(this.bar);
  }

  async start() {
    onChange(() => this.show());
    addEventListener("online", () => this.try());
    addEventListener("offline", () => this.show());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.try());
    for (const form of document.querySelectorAll('form[action="/sign-out"]')) form.addEventListener("submit", (event) => this.onSignOut(event));
    setInterval(() => this.try(), AGAIN);
    void keepForMe();
    await this.try();
  }

  async try() {
    if ((await waiting()).some((update) => update.state === "waiting")) this.ended = await send();
    await this.show();
  }

  async show() {
    const all = await waiting();
    const due = all.filter((update) => update.state === "waiting");
    this.bar.hidden = all.length === 0;
    const [first] = due;
    const signIn = this.ended === "sign-in" && first !== undefined;
    const again = this.bar.querySelector("[data-again]");
    if (again instanceof HTMLElement) again.hidden = signIn || first === undefined;
    const link = this.bar.querySelector("[data-sign-in]");
    if (link instanceof HTMLElement) link.hidden = !signIn;
    const words = this.sentence(all, due, signIn);
    if (this.words && this.words.textContent !== words) this.words.textContent = words;
  }

  /**
   * @param {Update[]} all
   * @param {Update[]} due
   * @param {boolean} signIn
   */
  sentence(all, due, signIn) {
    const [first] = due;
    if (!first) return all.length > 0 ? `確かめてほしい更新があります（${all.length} 件）。「空床の更新」を開いてください。` : "";
    const me = signedIn() || first.operator;
    const others = due.filter((update) => update.operator !== me);
    const off = navigator.onLine ? "" : "オフライン　";
    const head = `${off}${clock(first.typedAt)} の更新を端末に保存し、送信を待っています（${due.length} 件）。まだボードには載っていません。`;
    if (signIn) return `${head}サインインが終わっています。サインインすると送ります。`;
    if (others.length === due.length) return `${head}${first.operator} の操作者が入力したものです。本人がサインインすると送ります。`;
    return `${head}つながりしだい自動で送ります。`;
  }

  /** @param {Event} event */
  async onSignOut(event) {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.sure !== undefined) return;
    event.preventDefault();
    const all = await waiting();
    const leave = async () => {
      form.dataset.sure = "";
      await forgetSeen();
      const registration = await navigator.serviceWorker?.getRegistration("/quick");
      registration?.active?.postMessage("forget");
      form.submit();
    };
    if (all.length === 0) return leave();
    const box = document.createElement("dialog");
    box.className = "panel";
    box.setAttribute("aria-labelledby", "queue-leave");
    box.innerHTML =
      '<h2 class="h3" id="queue-leave">送信を待っている更新があります</h2><p data-words></p><p class="row mt-s"><button class="btn fill" type="button" data-stay>サインインしたまま送る</button><button class="btn" type="button" data-leave>このままサインアウト</button></p>';
    const words = box.querySelector("[data-words]");
    if (words) words.textContent = `${all.length} 件がまだボードに載っていません。サインアウトすると、入力した人がもう一度サインインするまで送りません。`;
    box.querySelector("[data-stay]")?.addEventListener("click", () => {
      box.close();
      box.remove();
      void this.try();
    });
    box.querySelector("[data-leave]")?.addEventListener("click", () => void leave());
    document.body.append(box);
    box.showModal();
  }
}

void new QueueBar().start();
