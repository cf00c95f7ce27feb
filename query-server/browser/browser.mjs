// A real Chromium, and what is wrong with a page whatever a test is about: an error on the console, a violation of the
// content security policy, a script that fails, a request to anywhere else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before } from "node:test";
import { url } from "./system.mjs";

// The packages are installed outside the repository, see scripts/test-page.
const packages = createRequire(join(process.env.TILLPROOF_PAGE_PACKAGES, "package.json"));
const { chromium } = packages("playwright-core");
const axe = readFileSync(packages.resolve("axe-core/axe.min.js"), "utf8");

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 800 };

// Time is for waiting until something shows that should, never for measuring.
const patience = 10_000;

let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.TILLPROOF_CHROMIUM,
    args: ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"],
  });
});
after(() => browser?.close());

// open gives a page of a browser that knows nothing yet. When the test ends, nothing may have gone wrong on it: expected are
// patterns of what may stand on the console.
export async function open(t, { viewport = desktop, colorScheme = "light", expected = [] } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, locale: "en-US", reducedMotion: "reduce" });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !expected.some((pattern) => pattern.test(message.text()))) wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("dialog", (dialog) => { wrong.push("a dialog: " + dialog.message()); return dialog.dismiss(); });
  page.on("request", (request) => { if (!request.url().startsWith(url) && !request.url().startsWith("data:")) wrong.push("asked " + request.url()); });
  page.on("response", (response) => { if (response.status() >= 500) wrong.push(`${response.status()} from ${response.url()}`); });
  await page.addInitScript(() => addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.effectiveDirective} forbids ${event.blockedURI}`)));
  t.after(async () => {
    await context.close();
    assert.deepEqual(wrong, []);
  });
  return page;
}

// signIn goes through the form, as people do.
export async function signIn(page, { username, password }, address = "/") {
  await page.goto(url + address);
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await settled(page);
}

// visit goes to a section by its address.
export async function visit(page, hash) {
  await page.evaluate((to) => { location.hash = to; }, hash);
  await settled(page);
}

// settled waits until a section is there.
export const settled = (page) => page.locator("#main:not([aria-busy]) h1").waitFor();

// figure reads one of the large numbers.
export const figure = (page, label) => page.locator(".figure", { has: page.locator("dt", { hasText: new RegExp(`^${label}$`) }) }).locator(".value").innerText();

// rows reads the cells of the page's table, the hidden ones too, after all of it is shown.
export async function rows(page) {
  const more = page.getByRole("button", { name: "Show more" });
  for (let pages = 0; pages < 100 && await more.isVisible(); pages++) {
    const before = await page.locator("tbody tr").count();
    await more.click();
    await page.locator("tbody tr").nth(before).waitFor();
  }
  return page.locator("tbody tr").evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
}

// violations runs axe over what is shown, and gives what it finds serious. The script is read by the debugger, not by the
// page, whose policy would rightly forbid it.
export async function violations(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run({ exclude: [["tbody tr:nth-child(n + 12)"]] }, { resultTypes: ["violations"] })); // rows are alike
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" ")}`);
}

// overflow gives how far the page is wider than the screen.
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
