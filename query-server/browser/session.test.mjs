// Signing in and out, and what becomes of an open page when its session ends or goes on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, settled, signIn, visit } from "./browser.mjs";
import { auditor, ending, register, signIn as signInByAPI, url } from "./system.mjs";

const refused = [/Failed to load resource: the server responded with a status of 401/]; // the browser's own words

const form = (page) => page.getByRole("heading", { name: "Sign in" });
const cookies = async (page) => (await page.context().cookies()).filter(({ name }) => name.includes("tillproof"));
const cookie = async (page, name) => (await cookies(page)).find((one) => one.name.endsWith(name));

test("a wrong password is told, and shows nothing", async (t) => {
  const page = await open(t, { expected: refused });
  await page.goto(url);
  await page.getByLabel("User name").fill(auditor.username);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("User name or password is wrong.").waitFor();
  assert.deepEqual(await cookies(page), []);
  assert.equal(await page.locator("nav a").count(), 0);
  assert.ok(await page.getByLabel("Password").evaluate((input) => input === document.activeElement), "the password can be typed again at once");

  await page.getByLabel("Password").fill(auditor.password);
  await page.getByLabel("Password").press("Enter");
  await page.getByRole("heading", { name: "Reconciliation" }).waitFor();
});

test("scripts cannot read the session, and a reload keeps it", async (t) => {
  const page = await open(t);
  await signIn(page, auditor);
  assert.equal(await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })), "{}");
  for (const one of await cookies(page)) {
    assert.equal(one.httpOnly, true, one.name);
    assert.equal(one.sameSite, "Strict", one.name);
  }
  assert.equal((await cookies(page)).length, 2);
  await page.reload();
  await page.getByRole("heading", { name: "Reconciliation" }).waitFor();
});

test("after signing out, nothing comes back", async (t) => {
  const page = await open(t, { expected: refused });
  await signIn(page, auditor);
  await visit(page, "#/sales");
  const kept = await page.context().cookies();
  await page.getByRole("button", { name: "Sign out" }).click();
  await form(page).waitFor();
  assert.deepEqual(await cookies(page), []);
  for (const back of [() => page.goBack(), () => page.goBack(), () => page.reload(), () => page.goto(url + "/#/reconciliation")]) {
    await back();
    await form(page).waitFor();
    assert.equal(await page.locator(".figure, table").count(), 0);
  }
  // Who kept the cookies has an access token for its last minutes, and no session that goes on.
  await page.context().addCookies(kept.filter(({ name }) => name.endsWith("refresh")));
  await page.reload();
  await form(page).waitFor();
});

test("other tabs are signed out with it", async (t) => {
  const page = await open(t, { expected: refused });
  await signIn(page, auditor);
  const other = await page.context().newPage();
  await other.goto(url + "/#/sales");
  await settled(other);
  await page.getByRole("button", { name: "Sign out" }).click();
  await form(page).waitFor();
  await form(other).waitFor();
  assert.equal(await other.locator(".figure, table").count(), 0);
});

test("a page stays open when the access token ends", async (t) => {
  const page = await open(t, { expected: refused });
  await signIn(page, auditor);
  const first = await cookie(page, "refresh");
  await page.context().clearCookies({ name: (await cookie(page, "access")).name }); // as the browser does when it is over
  await visit(page, "#/sales");
  await page.locator(".figure.main").first().waitFor();
  assert.notEqual((await cookie(page, "refresh")).value, first.value, "the refresh token is used once");
  assert.ok(await cookie(page, "access"));
});

test("several tabs renew one session", async (t) => {
  const page = await open(t, { expected: refused });
  await signIn(page, auditor);
  const tabs = [page, await page.context().newPage(), await page.context().newPage()];
  await Promise.all(tabs.slice(1).map((tab) => tab.goto(url + "/#/reconciliation").then(() => settled(tab))));
  await page.context().clearCookies({ name: (await cookie(page, "access")).name });
  await Promise.all(tabs.map((tab) => visit(tab, "#/sales")));
  await Promise.all(tabs.map((tab) => tab.locator(".figure.main").first().waitFor()));
});

test("the live stream goes on with the next token", async (t) => {
  const page = await open(t, { expected: refused });
  await signIn(page, auditor);
  const access = await cookie(page, "access");
  await page.context().addCookies([{ ...access, value: ending(access.value, -7) }]); // good by the leeway of clocks, and over for the stream
  let streams = 0;
  page.on("request", (request) => { if (request.url().endsWith("/v1/sales/stream")) streams++; });
  const renewed = page.waitForResponse((response) => response.url().endsWith("/v1/sessions/refresh"));
  const again = page.waitForRequest((request) => request.url().endsWith("/v1/sales/stream") && streams > 1);
  await visit(page, "#/sales");
  assert.equal((await renewed).status(), 200);
  await again;
  assert.equal(streams, 2, "it does not ask again and again");
});

test("a session that was ended elsewhere asks to sign in", async (t) => {
  const who = await register("password", "auditor", {});
  const page = await open(t, { expected: refused });
  await signIn(page, who);
  const { accessToken } = await signInByAPI(who);
  const next = "a new and longer one";
  const changed = await fetch(url + "/v1/password", {
    method: "PUT", headers: { Authorization: "Bearer " + accessToken, "Content-Type": "application/json" },
    body: JSON.stringify({ currentPassword: who.password, newPassword: next }),
  });
  assert.equal(changed.status, 200);
  await page.context().clearCookies({ name: (await cookie(page, "access")).name });
  await page.evaluate(() => { location.hash = "#/sales"; });
  await form(page).waitFor();
  assert.equal(await page.locator(".figure, table").count(), 0);
  await signIn(page, { ...who, password: next });
});

test("the password is changed on the page", async (t) => {
  const who = await register("changes", "auditor", {});
  const page = await open(t, { expected: [/status of 422/] });
  await signIn(page, who, "/#/password");
  const next = "correct horse battery staple";
  const change = async (current) => {
    await page.getByLabel("Current password").fill(current);
    await page.getByLabel("New password").fill(next);
    await page.getByRole("button", { name: "Change password" }).click();
  };
  await change("not the password");
  await page.getByRole("alert").getByText("not this one").waitFor();
  await change(who.password);
  await page.getByText("Your password is changed").waitFor();
  await visit(page, "#/sales"); // still signed in
  assert.ok((await signInByAPI({ ...who, password: next })).accessToken);
});
