// What each role is shown of real trade, held against the expected tables: through the form, the page and its tables.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { figure, open, rows, signIn, visit } from "./browser.mjs";
import { dollars, lines, missing, number, sum, table } from "./expected.mjs";
import { admin, auditor, register } from "./system.mjs";

// most gives the value of a column that has the most rows.
function most(all, column) {
  const groups = groupBy(all, column);
  return [...groups].sort(([, a], [, b]) => b.length - a.length)[0];
}

function groupBy(all, column) {
  const groups = new Map();
  for (const row of all) groups.set(row[column], [...(groups.get(row[column]) ?? []), row]);
  return groups;
}

describe("figures of real trade", { skip: missing }, () => {
  test("a customer sees the own tickets and points", async (t) => {
    const [loyaltyId, tickets] = most(lines("tickets").filter((ticket) => ticket.loyaltyId), "loyaltyId");
    const page = await open(t);
    await signIn(page, await register("customer", "customer", { loyaltyId }));
    const points = tickets.map((ticket) => Math.floor(ticket.totals.grand / 100));
    const available = number(points.reduce((a, b) => a + b));
    assert.equal(await figure(page, "Available"), available);
    const statement = await rows(page);
    assert.equal(statement.length, tickets.length);
    assert.equal(statement[0][3], available, "the newest balance is what is available");
    assert.deepEqual(statement.map((row) => Number(row[2])).sort(), [...points].sort());

    await visit(page, "#/tickets");
    const listed = await rows(page);
    assert.deepEqual(listed.map((row) => row[2]).sort(), tickets.map((ticket) => dollars(ticket.totals.grand)).sort());
    const { amount, receipts } = table("spend_per_customer").find((row) => row.customer === loyaltyId);
    assert.equal(listed.length, Number(receipts));
    assert.equal(sum(tickets.map((ticket) => ({ amount: ticket.totals.grand / 100 })), "amount"), sum([{ amount }], "amount"));
  });

  test("a manufacturer sees the own products by store and month", async (t) => {
    const [manufacturerId, expected] = most(table("sales_by_manufacturer_store_month"), "manufacturer");
    const page = await open(t);
    await signIn(page, await register("maker", "manufacturer", { manufacturerId }), "/#/sales?groupBy=store,month");
    assert.equal(await figure(page, "Net, USD"), dollars(sum(expected, "amount")));
    const month = new Intl.DateTimeFormat("en-US", { year: "numeric", month: "long", timeZone: "UTC" });
    assert.deepEqual((await rows(page)).map((row) => [row[0], row[1], row[2], row[6], row[7]].join("|")).sort(),
      expected.map((row) => [row.store, month.format(new Date(row.month + "-01")), number(row.units_sold), dollars(sum([row], "amount")), number(row.receipts)].join("|")).sort());
  });

  test("a store sees what it sold, and its days", async (t) => {
    const [storeId, expected] = most(table("sales_by_product_store_day"), "store");
    const page = await open(t);
    await signIn(page, await register("store", "store", { storeIds: [storeId] }), "/#/sales?groupBy=product,day");
    const total = sum(expected, "amount");
    assert.equal(await figure(page, "Net, USD"), dollars(total));
    assert.equal((await rows(page)).length, expected.length);

    await visit(page, "#/days");
    const tickets = lines("tickets").filter((ticket) => ticket.storeId === storeId);
    const days = await rows(page);
    assert.equal(days.reduce((all, row) => all + Number(row[3]), 0), tickets.length);
    assert.equal(days.reduce((all, row) => all + BigInt(row[2].replace(/[$,.]/g, "")), 0n), total);
  });

  for (const who of [auditor, admin]) {
    test(`the ${who.username} sees all stores, and that nothing is missing`, async (t) => {
      const page = await open(t);
      await signIn(page, who);
      assert.equal(await figure(page, "Missing"), "0");
      await page.getByText("Every accepted ticket is on the ledger").waitFor();

      await visit(page, "#/sales");
      const all = new Map((await rows(page)).map((row) => [row[0], row[5]]));
      for (const [store, sold] of groupBy(table("sales_by_product_store_day"), "store")) {
        assert.equal(all.get(store), dollars(sum(sold, "amount")), `store ${store}`);
      }
    });
  }

  test("a filter narrows, and the address keeps it", async (t) => {
    const [storeId, expected] = most(table("sales_by_product_store_day"), "store");
    const day = expected[0].day;
    const page = await open(t);
    await signIn(page, auditor, "/#/sales");
    await page.getByLabel("Store", { exact: true }).first().fill(storeId);
    await page.getByLabel("From", { exact: true }).fill(day);
    await page.getByLabel("To", { exact: true }).fill(day);
    await page.getByRole("button", { name: "Show", exact: true }).click();
    const want = dollars(sum(expected.filter((row) => row.day === day), "amount"));
    await page.locator(".figure.main .value", { hasText: want }).waitFor();
    await page.reload();
    await page.locator(".figure.main .value", { hasText: want }).waitFor();
  });
});
