// Passkeys: asks the authenticator what the page says, and hands the answer to the server. Without this script the page has codes.

/** @param {string} text */
function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

/** @param {ArrayBuffer} buffer */
function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** @typedef {{ id: string, type: "public-key", transports?: AuthenticatorTransport[] }} Known */

/** @param {Known[] | undefined} known */
const known = (known) => (known ?? []).map((k) => ({ ...k, id: bytes(k.id) }));

/**
 * What the authenticator says, as the server reads it.
 *
 * @param {"create" | "get"} act
 * @param {any} ask
 */
async function answer(act, ask) {
  if (act === "create") {
    const o = ask.publicKey;
    const publicKey = { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: known(o.excludeCredentials) };
    const made = await navigator.credentials.create({ publicKey });
    if (!(made instanceof PublicKeyCredential)) throw new Error("nothing was made");
    const r = /** @type {AuthenticatorAttestationResponse} */ (made.response);
    const response = { attestationObject: text(r.attestationObject), clientDataJSON: text(r.clientDataJSON) };
    return { id: made.id, rawId: text(made.rawId), type: made.type, response, extensions: {} };
  }
  const o = ask.publicKey;
  const publicKey = { ...o, challenge: bytes(o.challenge), allowCredentials: known(o.allowCredentials) };
  const got = await navigator.credentials.get({ publicKey });
  if (!(got instanceof PublicKeyCredential)) throw new Error("nothing was got");
  const r = /** @type {AuthenticatorAssertionResponse} */ (got.response);
  const response = {
    authenticatorData: text(r.authenticatorData),
    clientDataJSON: text(r.clientDataJSON),
    signature: text(r.signature),
    userHandle: r.userHandle ? text(r.userHandle) : null,
  };
  return { id: got.id, rawId: text(got.rawId), type: got.type, response, extensions: {} };
}

for (const place of document.querySelectorAll("[data-passkey]")) {
  if (!(place instanceof HTMLElement) || !("PublicKeyCredential" in window)) continue;
  const button = place.querySelector("button");
  const said = place.querySelector("[role=alert]");
  const label = place.querySelector("input");
  place.hidden = false;
  button?.addEventListener("click", async () => {
    if (said) said.textContent = "";
    const act = place.dataset.passkey === "create" ? "create" : "get";
    try {
      const body = { label: label?.value ?? "", next: place.dataset.next ?? "", answer: await answer(act, JSON.parse(place.dataset.ask ?? "{}")) };
      const headers = { "content-type": "application/json" };
      const got = await fetch(place.dataset.to ?? "", { method: "POST", headers, body: JSON.stringify(body) });
      const { to, words } = await got.json();
      if (to) location.assign(to);
      else if (said) said.textContent = words;
    } catch {
      if (said) said.textContent = "パスキーを確かめられませんでした。画面を開き直して、もう一度試してください。";
    }
  });
}
