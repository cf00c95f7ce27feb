// The running system that the tests open in a browser: where it is, who signs in, and what is uploaded for them.
import { createPrivateKey, randomUUID, sign } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const env = Object.fromEntries(readFileSync(process.env.TILLPROOF_E2E_ENV, "utf8").split("\n").filter(Boolean)
  .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));

export const url = env.TILLPROOF_QUERY_URL;

const demo = (username) => ({ username, password: env["TILLPROOF_PASSWORD_" + username.toUpperCase().replace("-", "_")] });

export const admin = demo("admin");
export const auditor = demo("auditor");

// call asks the API as the page does not: with a bearer token. It fails on any status that is not expected.
async function call(path, { token, method = "GET", body, headers = {}, status = [200, 201] }) {
  const response = await fetch(url + path, {
    method, body: body === undefined ? undefined : JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...(token && { Authorization: "Bearer " + token }), ...headers },
  });
  const text = await response.text();
  if (!status.includes(response.status)) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

export const signIn = (who) => call("/v1/sessions", { method: "POST", body: who });

let adminToken;
async function asAdmin(path, options) {
  adminToken ??= (await signIn(admin)).accessToken;
  return call(path, { token: adminToken, ...options });
}

// register makes a user of its own for a test, with a password that nobody else knows.
export async function register(name, role, ids) {
  const who = { username: `page-${name}`, password: randomUUID() };
  await asAdmin("/collector/v1/users/" + who.username, { method: "PUT", body: { role, password: who.password, ...ids } });
  return who;
}

export const put = (path, body) => asAdmin("/collector/v1/" + path, { method: "PUT", body });

// sell uploads a ticket of a till of its own, and waits until the ledger has it.
export async function sell(storeId, ticket) {
  const seller = await signIn(await register("seller-" + randomUUID(), "store", { storeIds: [storeId] }));
  const transactionId = randomUUID();
  await call("/collector/v1/tickets", {
    token: seller.accessToken, method: "POST", headers: { "Idempotency-Key": randomUUID() },
    body: { schemaVersion: "1", transactionId, transactionType: "Sale", storeId, workstationId: transactionId.slice(0, 8), sequenceNumber: 1, ...ticket },
  });
  for (let tries = 0; tries < 300; tries++) {
    const { status } = await call("/v1/tickets/" + transactionId, { token: seller.accessToken });
    if (status === "recorded") return transactionId;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`ticket ${transactionId} is not on the ledger after 30 s`);
}

// ending is an access token of a session whose time is over in so many seconds: nobody can wait for a quarter of an hour.
export function ending(accessToken, seconds) {
  const folder = join(env.TILLPROOF_KEYS_DIR, "jwt");
  const [name] = readdirSync(folder).filter((file) => file.endsWith(".pem")).sort();
  const [header, claims] = accessToken.split(".");
  const soon = { ...JSON.parse(Buffer.from(claims, "base64url")), exp: Math.floor(Date.now() / 1000) + seconds };
  const text = header + "." + Buffer.from(JSON.stringify(soon)).toString("base64url");
  return text + "." + sign(null, Buffer.from(text), createPrivateKey(readFileSync(join(folder, name)))).toString("base64url");
}
