// Whoever presses サインアウト is on the way to the page of sign-in. The page left behind hears from its stream that the sign-in ended, maybe before
// the answer to the press is here; it must not lead the browser elsewhere then.

let leaving = false;

addEventListener("submit", (event) => {
  if (event.target instanceof HTMLFormElement && new URL(event.target.action).pathname === "/sign-out") leaving = true;
});
// The browser's 戻る shows the page again as it was.
addEventListener("pageshow", () => {
  leaving = false;
});

/** Did this page's own button sign out? */
export function signingOut() {
  return leaving;
}
