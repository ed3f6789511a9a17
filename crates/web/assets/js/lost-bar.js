// The red bar of a broken line: how old what is shown is, and what to do about it. Ages go on counting; it is spoken once.

import { ageWords, clock, moment } from "./age.js";

export class LostBar {
  /**
   * @param {HTMLElement} main
   * @param {() => void} retry
   */
  constructor(main, retry) {
    this.shown = false;
    /** The device's clock stands before the moment that it wrote itself: how old the page is nobody knows. */
    this.ageless = false;
    this.bar = document.createElement("div");
    this.bar.className = "lost";
    this.bar.dataset.lost = "";
    this.bar.hidden = true;
    this.bar.innerHTML =
      '<div class="wrap"><svg width="24" height="24" aria-hidden="true"><use href="#i-off"/></svg><b data-head>接続が切れました</b><span><span data-since></span><span class="nowrap">いまの表示は <b data-age></b>です。</span>受入可否は電話で確かめてください。</span><span data-next></span><button class="btn sm" type="button">今すぐ接続</button></div>';
    this.bar.querySelector("button")?.addEventListener("click", retry);
    // Apart from the bar, whose numbers change every second: an alert is read again whenever it changes.
    this.voice = document.createElement("p");
    this.voice.className = "vh";
    this.voice.dataset.lostVoice = "";
    this.main = main;
    this.voice.setAttribute("role", "alert");
    main.prepend(this.voice, this.bar);
    this.conn = main.querySelector("[data-conn]");
  }

  /**
   * @param {number} heard
   * @param {number} now
   */
  show(heard, now) {
    if (this.shown) return;
    this.shown = true;
    this.bar.hidden = false;
    // Nothing on it can be taken for live: its colours go.
    this.main.classList.add("b-stale");
    this.conn?.classList.add("off");
    if (this.conn) this.conn.textContent = "　切断";
    this.voice.textContent = `接続が切れました。いまの表示は ${clock(heard)} 時点です。受入可否は電話で確かめてください。`;
    this.count(heard, now, 0);
  }

  /**
   * @param {number} heard
   * @param {number} now
   * @param {number} seconds Until the next try.
   */
  count(heard, now, seconds) {
    const [head, at, since] = this.words(heard, now);
    this.write("[data-head]", head);
    this.write("[data-age]", at);
    this.write("[data-since]", since);
    this.write("[data-next]", seconds > 0 ? `再接続を試しています（次は ${seconds} 秒後）` : "再接続を試しています");
  }

  /**
   * @param {number} heard
   * @param {number} now
   */
  words(heard, now) {
    if (this.ageless) return ["いつの情報か確かめてください", `${moment(heard)} 時点`, "端末の時計が合わないため、何分前の情報か分かりません。"];
    // Within the first minute an age says less than that it happened now.
    if (now - heard < 60_000) return ["接続が切れました", `${clock(heard)} 時点`, "切れたばかりです。"];
    return [`${ageWords(heard, now)}の情報です`, `${clock(heard)} 時点（${ageWords(heard, now)}）`, ""];
  }

  /**
   * @param {string} place
   * @param {string} words
   */
  write(place, words) {
    const found = this.bar.querySelector(place);
    if (found) found.textContent = words;
  }

  hide() {
    if (!this.shown) return;
    this.shown = false;
    this.bar.hidden = true;
    this.main.classList.remove("b-stale");
    this.voice.textContent = "接続が戻りました。";
  }
}
