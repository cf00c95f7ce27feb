// Names and ids that are markup to whoever takes text for HTML. All of them show as they are, and none of them runs.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { open, rows, settled, signIn, visit } from "./browser.mjs";
import { admin, auditor, put, register, sell } from "./system.mjs";

const canary = (of) => `<img src=x onerror="window.ran='${of}'"><script>window.ran='${of}'</script>${of}`;

const storeId = "</td><b>store</b>";
const itemId = "'\"><i>item</i>";
const manufacturerId = "page-canary";
const loyaltyId = "<u>member</u>";
let people, transactionId;

before(async () => {
  await put("manufacturers/" + manufacturerId, { name: canary("maker") });
  await put("stores/" + encodeURIComponent(storeId), { name: canary("store") });
  await put("products/" + encodeURIComponent(itemId), { description: canary("product"), manufacturerId });
  await put("customers/" + encodeURIComponent(loyaltyId), { name: canary("member") });
  people = {
    customer: await register("<s>customer", "customer", { loyaltyId }),
    store: await register("<s>store", "store", { storeIds: [storeId] }),
    manufacturer: await register("<s>maker", "manufacturer", { manufacturerId }),
    auditor, admin,
  };
  const now = new Date().toISOString();
  transactionId = await sell(storeId, { // of so little that it earns no points, which other tests add up
    businessDayDate: now.slice(0, 10), endDateTime: now, currencyCode: "EUR", loyaltyId,
    lineItems: [{ sequenceNumber: 1, itemId, description: canary("line"), quantity: "1", extendedAmount: 50 }],
    totals: { grand: 50 }, tenders: [{ tenderType: "Cash", amount: 50 }],
  });
});

describe("markup in names", () => {
  const cases = {
    customer: { "#/points": ["Store " + storeId], "#/tickets": ["Store " + storeId], "#/tickets/{id}": [canary("line")] },
    store: { "#/tickets": [storeId], "#/tickets/{id}": [canary("line")], "#/sales?groupBy=product,store": [canary("product"), itemId, canary("store"), storeId], "#/days": [canary("store")] },
    manufacturer: { "#/sales?groupBy=product,store": [canary("product"), itemId, canary("store"), storeId] },
    auditor: { "#/sales?groupBy=store": [storeId] },
    admin: {
      "#/sales?groupBy=store": [storeId],
      ["#/days?storeId=" + encodeURIComponent(storeId)]: [canary("store")],
      "#/registered?kind=users&search=page-<s>": ["page-<s>store"],
      "#/registered?kind=stores&search=script": [canary("store"), storeId],
      "#/registered?kind=products&search=script": [canary("product"), itemId],
      "#/registered?kind=manufacturers&search=script": [canary("maker")],
      "#/registered?kind=customers&search=script": [canary("member"), loyaltyId],
    },
  };
  for (const [role, sections] of Object.entries(cases)) {
    test(role, async (t) => {
      const page = await open(t);
      await signIn(page, people[role]);
      for (const [hash, shown] of Object.entries(sections)) {
        await visit(page, hash.replace("{id}", transactionId));
        await settled(page);
        await rows(page);
        const text = await page.locator("body").textContent();
        for (const name of shown) assert.ok(text.includes(name), `${hash} shows ${name}`);
        assert.equal(await page.evaluate(() => window.ran), undefined, hash);
        assert.equal(await page.locator("main img, main script, main b, main i, main u, main s").count(), 0, hash);
      }
    });
  }

  test("markup in the address", async (t) => {
    const page = await open(t, { expected: [/status of 400/] });
    await signIn(page, auditor);
    for (const hash of ["#/sales?storeId=" + encodeURIComponent(canary("x")).slice(0, 60), "#/" + encodeURIComponent("<img src=x>"), "#/sales?groupBy=<script>", "#/sales?from=%22%3E<b>"]) {
      await visit(page, hash);
      assert.equal(await page.evaluate(() => window.ran), undefined, hash);
      assert.equal(await page.locator("main img, main script, main b").count(), 0, hash);
    }
  });
});
