// The API, with the session in cookies that no script can read.

export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail ?? `The server answered ${status}. Try again in a moment.`);
    this.status = status;
  }
}

let onSignedOut = () => {};
export const whenSignedOut = (listener) => { onSignedOut = listener; };

async function send(path, options) {
  try {
    return await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new Problem(0, { detail: "The server cannot be reached. Check the connection and try again." });
  }
}

async function read(response) {
  const body = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Problem(response.status, body);
  return body;
}

// A token that is good for fewer seconds is as good as over: clocks differ, and a stream ends with its token to the second.
const soon = 20;

// renew goes on with the session once its access token is over. A refresh token is good for one use: of several tabs one
// renews, and the others find it done.
export function renew() {
  const attempt = async () => {
    const caller = await read(await send("/v1/sessions"));
    if (caller.expiresIn > soon) return true;
    return caller.renewable && (await send("/v1/sessions/refresh", { method: "POST" })).ok;
  };
  return navigator.locks ? navigator.locks.request("tillproof-refresh", attempt) : attempt();
}

async function ask(path, options) {
  let response = await send(path, options);
  if (response.status === 401 && (await renew())) response = await send(path, options);
  if (response.status === 401) onSignedOut();
  return response;
}

const authorized = async (path, options) => read(await ask(path, options));

export const get = (path) => authorized(path);

const json = (method, body) => ({ method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const put = (path, body) => authorized(path, json("PUT", body));

export const signIn = async (username, password) =>
  read(await send("/v1/sessions?cookie=1", json("POST", { username, password })));

export const signOut = () => authorized("/v1/sessions", { method: "DELETE" });

// whoAmI gives the session, or null.
export async function whoAmI() {
  let caller = await read(await send("/v1/sessions"));
  if (caller.expiresIn <= soon && caller.renewable && (await renew())) caller = await read(await send("/v1/sessions"));
  return caller.role ? caller : null;
}

// download lets the browser fetch a file itself, which can be larger than memory; the session is renewed first.
export async function download(path) {
  if (await whoAmI()) location.assign(path);
  else onSignedOut();
}

// save keeps an answer as a file, to the byte.
export async function save(path, name) {
  const response = await ask(path);
  if (!response.ok) await read(response); // which throws
  const address = URL.createObjectURL(await response.blob());
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}

// query makes a query string of what is set.
export function query(parameters) {
  const set = Object.entries(parameters).filter(([, value]) => value);
  return set.length ? "?" + new URLSearchParams(set) : "";
}
