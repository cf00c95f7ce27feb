// From a receipt to its proof, and from the proof to a verdict: what a customer does to show a purchase to somebody.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { before, test } from "node:test";
import { desktop, open, overflow, phone, signIn, violations, visit } from "./browser.mjs";
import { put, register, sell, url } from "./system.mjs";

const storeId = "page-" + randomUUID(), loyaltyId = randomUUID();
let customer, ticket;
before(async () => {
  await put("stores/" + storeId, { name: "Corner shop", currencyCode: "EUR" });
  await put("customers/" + loyaltyId, {});
  customer = await register("customer-" + loyaltyId, "customer", { loyaltyId });
  ticket = await sell(storeId, { // for less than a point: what all points come to is held against the data sets
    loyaltyId, businessDayDate: "2026-03-02", endDateTime: "2026-03-02T10:00:00Z", currencyCode: "EUR",
    lineItems: [{ sequenceNumber: 1, itemId: "tea", description: "Earl Grey", quantity: "1", extendedAmount: 95 }], totals: { grand: 95 },
  });
});

const footer = (page) => page.getByRole("contentinfo").getByRole("link", { name: "Verify a proof" });
const button = (page) => page.getByRole("button", { name: "Download the proof" });

test("anybody finds the way to the verifier", async (t) => {
  const page = await open(t);
  await page.goto(url);
  await footer(page).click();
  await page.getByRole("heading", { name: "Verify a receipt" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/verify");
});

test("a receipt's proof is downloaded, and proves the receipt", async (t) => {
  const page = await open(t);
  await signIn(page, customer);
  await visit(page, "#/tickets/" + ticket);
  const [download] = await Promise.all([page.waitForEvent("download"), button(page).click()]);
  assert.equal(download.suggestedFilename(), `proof-${ticket}.json`);
  const file = await download.path();
  await page.getByRole("link", { name: "Verify it" }).click();
  await page.getByText("The verifier is ready.").waitFor();
  const choose = page.getByLabel("Drop a proof bundle here, or choose one:");
  await choose.setInputFiles({ name: download.suggestedFilename(), mimeType: "application/json", buffer: readFileSync(file) });
  await page.getByRole("heading", { name: "Proven", exact: true }).waitFor();
  const shown = await page.locator("#shown").innerText();
  for (const part of ["Earl Grey", ticket, loyaltyId]) assert.ok(shown.includes(part), part);
});

test("what goes wrong is told on the receipt", async (t) => {
  const page = await open(t, { expected: [/Failed to load resource/] });
  await signIn(page, customer);
  await visit(page, "#/tickets/" + ticket);
  await page.route("**/proof", (route) => route.fulfill({ status: 404, contentType: "application/problem+json", body: `{"detail":"There is nothing here for you."}` }));
  await button(page).click();
  await page.getByRole("alert").getByText("There is nothing here for you.").waitFor();
  await page.unroute("**/proof");
  await Promise.all([page.waitForEvent("download"), button(page).click()]);
  assert.equal(await page.getByRole("alert").count(), 0);
});

test("the receipt can be read and used by everybody", async (t) => {
  for (const viewport of [phone, desktop]) {
    const page = await open(t, { viewport });
    await signIn(page, customer);
    await visit(page, "#/tickets/" + ticket);
    await button(page).waitFor();
    assert.deepEqual(await violations(page), []);
    assert.ok(await overflow(page) <= 0, "it is wider than the screen");
  }
});
