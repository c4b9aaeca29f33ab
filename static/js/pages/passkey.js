// @ts-check
/* Passkeys: asks the browser for one, or for a new one, and sends what it answers. Where there are none, the page says why. */

/** Why passkeys cannot be used here: a name of a text of the page; empty when they can. */
function obstacle() {
  if (!isSecureContext) return "insecure";
  if (/^[\d.]+$|^\[/.test(location.hostname)) return "address";
  return window.PublicKeyCredential ? "" : "unsupported";
}

/** @param {string} text Base64, the kind for URLs. @returns {ArrayBuffer} */
function decoded(text) {
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  return bytes.buffer;
}

/** @param {ArrayBuffer | null | undefined} buffer */
function encoded(buffer) {
  if (!buffer) return null;
  const text = btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The server's options with bytes where the browser wants bytes. @param {any} options */
function prepared(options) {
  const wanted = { ...options, challenge: decoded(options.challenge) };
  if (options.user) wanted.user = { ...options.user, id: decoded(options.user.id) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (options[list]) wanted[list] = options[list].map((/** @type {any} */ key) => ({ ...key, id: decoded(key.id) }));
  }
  return wanted;
}

/** What the browser answered, as JSON. @param {any} credential */
function answer(credential) {
  const { response } = credential;
  const parts = response.attestationObject
    ? { attestationObject: encoded(response.attestationObject), transports: response.getTransports?.() ?? [] }
    : { authenticatorData: encoded(response.authenticatorData), signature: encoded(response.signature), userHandle: encoded(response.userHandle) };
  return JSON.stringify({
    type: credential.type, id: credential.id, rawId: encoded(credential.rawId), authenticatorAttachment: credential.authenticatorAttachment,
    response: { clientDataJSON: encoded(response.clientDataJSON), ...parts }, clientExtensionResults: credential.getClientExtensionResults(),
  });
}

/** Asks the browser. @param {string} kind @param {HTMLFormElement} form */
async function ask(kind, form) {
  if (kind === "login") {
    const found = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!found.ok) throw new Error(String(found.status));
    return navigator.credentials.get({ publicKey: prepared((await found.json()).request_options.publicKey) });
  }
  const given = JSON.parse(document.getElementById("passkey-options")?.textContent ?? "");
  if (kind === "get") return navigator.credentials.get({ publicKey: prepared(given.request_options.publicKey) });
  const wanted = prepared(given.creation_options.publicKey);
  // One that the device finds by itself signs in without a name; older security keys cannot do that
  wanted.authenticatorSelection = { ...wanted.authenticatorSelection, residentKey: "preferred", requireResidentKey: false };
  return navigator.credentials.create({ publicKey: wanted });
}

/** Staying signed in is chosen in the form for name and password; it holds for this way too. @param {HTMLFormElement} form */
function carryChoice(form) {
  const own = form.elements.namedItem("remember");
  const choice = document.querySelector("#id_remember");
  if (own instanceof HTMLInputElement && choice instanceof HTMLInputElement) own.disabled = !choice.checked;
}

/** @param {string} name A text of the page; empty: none. */
function tell(name) {
  for (const place of document.querySelectorAll(".passkey-reason")) {
    const text = name ? /** @type {HTMLElement} */ (place).dataset[name] : "";
    /** @type {HTMLElement} */ (place).hidden = !text;
    place.textContent = text ?? "";
  }
}

const reason = obstacle();
tell(reason);
for (const place of document.querySelectorAll("[data-passkey]")) {
  if (!(place instanceof HTMLElement)) continue;
  place.hidden = reason !== "";
  if (!(place instanceof HTMLFormElement)) continue;
  const button = /** @type {HTMLButtonElement} */ (place.querySelector("button"));
  const run = async () => {
    button.disabled = true;
    tell("");
    try {
      const credential = await ask(place.dataset.passkey ?? "", place);
      /** @type {HTMLInputElement} */ (place.elements.namedItem("credential")).value = answer(credential);
      carryChoice(place);
      place.submit();
    } catch (error) {
      button.disabled = false;
      tell(error instanceof DOMException && error.name === "InvalidStateError" ? "known" : "failed");
    }
  };
  button.addEventListener("click", run);
  place.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
}
