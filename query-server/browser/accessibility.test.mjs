// Every section of every role, on a phone and on a desk, light and dark: what axe calls serious, and what does not fit. And
// the page with no mouse at all.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { desktop, open, overflow, phone, settled, signIn, violations, visit } from "./browser.mjs";
import { missing } from "./expected.mjs";
import { admin, auditor, register, url } from "./system.mjs";

const sections = {
  customer: ["points", "tickets", "password"],
  store: ["tickets", "sales", "days"],
  manufacturer: ["sales"],
  auditor: ["reconciliation", "sales"],
  admin: ["reconciliation", "sales", "days", "registered"],
};

let people;
before(async () => {
  people = {
    customer: await register("reader", "customer", { loyaltyId: "1" }),
    store: await register("shop", "store", { retailerId: "main" }),
    manufacturer: await register("brand", "manufacturer", { manufacturerId: "1046" }),
    auditor, admin,
  };
});

const looks = [
  { name: "phone, light", viewport: phone, colorScheme: "light" },
  { name: "phone, dark", viewport: phone, colorScheme: "dark" },
  { name: "desktop, light", viewport: desktop, colorScheme: "light" },
  { name: "desktop, dark", viewport: desktop, colorScheme: "dark" },
];

// sound looks at what is shown in each way that it can be looked at.
async function sound(page, what) {
  for (const { name, viewport, colorScheme } of looks) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await violations(page), [], `${what}, ${name}`);
    assert.ok(await overflow(page) <= 0, `${what}, ${name}: it is wider than the screen`);
  }
}

describe("every section", () => {
  test("the form to sign in", async (t) => {
    const page = await open(t);
    await page.goto(url);
    await page.getByLabel("User name").waitFor();
    await sound(page, "the form");
  });
  for (const role of Object.keys(sections)) {
    test(role, async (t) => {
      const page = await open(t);
      await signIn(page, people[role]);
      for (const section of sections[role]) {
        await visit(page, "#/" + section);
        await sound(page, section);
        assert.equal(await page.locator("h1").count(), 1, section);
      }
    });
  }
  test("a receipt", { skip: missing }, async (t) => {
    const page = await open(t);
    await signIn(page, people.customer, "/#/tickets");
    await page.locator("tbody a").first().click();
    await page.locator(".receipt").waitFor();
    await sound(page, "the receipt");
  });
});

// tabTo goes on with the tabulator until something has the focus, and no further than anybody would.
async function tabTo(page, locator) {
  for (let presses = 0; presses < 60; presses++) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`${locator} cannot be reached with the keyboard`);
}

test("the keyboard alone", async (t) => {
  const page = await open(t);
  await page.goto(url);
  await page.getByLabel("User name").waitFor();
  await page.keyboard.type(auditor.username); // the field has the focus
  await page.keyboard.press("Tab");
  await page.keyboard.type(auditor.password);
  await page.keyboard.press("Enter");
  await settled(page);

  await tabTo(page, page.getByRole("link", { name: "Skip to content" }));
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");

  await page.evaluate(() => document.activeElement.blur());
  await tabTo(page, page.getByRole("link", { name: "Sales" }));
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(outline, "none", "it shows where one is");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Sales" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "main", "reading goes on with the new section");

  await tabTo(page, page.getByLabel("Product").last());
  await page.keyboard.press("Space");
  await tabTo(page, page.getByRole("button", { name: "Show", exact: true }));
  await page.keyboard.press("Enter");
  await page.waitForURL(/groupBy=product/);
  await settled(page);

  await page.evaluate(() => scrollTo(0, 0));
  await tabTo(page, page.getByRole("button", { name: "Sign out" }));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});
