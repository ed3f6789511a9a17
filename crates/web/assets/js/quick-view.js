// What the quick screen says of updates: those that wait, those that ask, those that stand.

/** @typedef {import("./quick-queue.js").Update} Update */
/** @typedef {import("./quick-queue.js").Outcome} Outcome */

/**
 * An element with words in it, never markup.
 * @param {string} name
 * @param {string} words
 * @param {string} [className]
 */
export function element(name, words, className = "") {
  const made = document.createElement(name);
  made.textContent = words;
  if (className) made.className = className;
  return made;
}

/** @param {string} icon */
function picture(icon) {
  const template = document.createElement("template");
  template.innerHTML = `<svg width="22" height="22" aria-hidden="true"><use href="#${icon}"/></svg>`;
  return template.content;
}

/**
 * @param {string} kind
 * @param {string} icon
 * @param {Node[]} inside
 */
function message(kind, icon, inside) {
  const box = document.createElement("div");
  box.className = `msg ${kind}`;
  const words = document.createElement("div");
  words.append(...inside);
  box.append(picture(icon), words);
  return box;
}

/**
 * @param {string} words
 * @param {() => void} press
 * @param {string} [className]
 */
export function button(words, press, className = "btn sm") {
  const made = element("button", words, className);
  made.setAttribute("type", "button");
  made.addEventListener("click", press);
  return made;
}

/** @param {string[]} words */
function list(words) {
  const made = document.createElement("ul");
  made.append(...words.map((line) => element("li", line)));
  return made;
}

/** @param {Node[]} inside */
function row(inside) {
  const made = element("p", "", "row mt-s");
  made.append(...inside);
  return made;
}

/** What became of updates. @param {Outcome[]} outcomes @param {() => void} close */
export function outcomeView(outcomes, close) {
  const views = outcomes.map((outcome) => {
    const whole = outcome.overtaken.length === 0;
    const head = outcome.taken.length > 0 ? `${outcome.clock} にボードへ載せました` : "ボードには載せませんでした";
    const inside = [element("h2", head, "h3")];
    if (outcome.typed !== outcome.clock) inside.push(element("p", `${outcome.typed} に入力`, "small sub"));
    if (outcome.taken.length > 0) inside.push(list(outcome.taken));
    if (!whole) inside.push(list(outcome.overtaken));
    return message(whole ? "good" : "warn", whole ? "i-check" : "i-warn", inside);
  });
  if (views.length > 0) views[views.length - 1]?.querySelector("div")?.append(row([button("閉じる", close)]));
  return views;
}

/**
 * An update that was not taken, or asks first.
 * @param {Update} update
 * @param {{ confirm: (update: Update) => void, drop: (update: Update) => void }} acts
 */
export function askView(update, acts) {
  const asks = update.state === "asks";
  const inside = [element("h2", asks ? "確かめてください。まだボードには載っていません" : "載せられませんでした", "h3"), list(update.words)];
  const sentences = asks ? (update.warnings ?? []).map((w) => w.sentence) : [update.sentence ?? ""];
  inside.push(...sentences.map((sentence) => element("p", sentence)));
  const drop = button("取り消す", () => acts.drop(update));
  if (!asks) inside.push(element("p", "数を直して、もう一度「ボードに載せる」を押してください。", "small sub"));
  inside.push(row(asks ? [button("確かめました。載せる", () => acts.confirm(update), "btn fill"), drop] : [drop]));
  return message(asks ? "warn" : "err", asks ? "i-warn" : "i-err", inside);
}
