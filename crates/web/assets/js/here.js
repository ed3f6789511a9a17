// Where the device is. It is asked only when somebody presses, and goes nowhere but into the address of the board.

/** @type {Record<number, string>} */
const WHY = {
  1: "位置の利用が許可されていません。ブラウザーの設定で許可するか、起点を選んでください。",
  2: "いまの位置が分かりません。起点を選んでください。",
  3: "位置を調べるのに時間がかかっています。もう一度押すか、起点を選んでください。",
};

/**
 * @param {(words: string) => void} say
 * @returns {Promise<string | null>} `35.6074,140.1065`
 */
export function here(say) {
  say("位置を調べています…");
  return new Promise((done) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        say("");
        done(`${coords.latitude.toFixed(4)},${coords.longitude.toFixed(4)}`);
      },
      (error) => {
        say(WHY[error.code] ?? WHY[2] ?? "");
        done(null);
      },
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 },
    );
  });
}

for (const button of document.querySelectorAll("[data-here-into]")) {
  if (!(button instanceof HTMLButtonElement)) continue;
  button.addEventListener("click", async () => {
    const says = document.querySelector("[data-here-says]");
    const place = await here((words) => {
      if (says) says.textContent = words;
    });
    const field = document.getElementById(button.dataset.hereInto ?? "");
    if (place && field instanceof HTMLInputElement) field.value = place;
  });
}
