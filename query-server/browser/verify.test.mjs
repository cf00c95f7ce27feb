// The verifier at /verify: a bundle is judged in the browser, by what is shown as trusted, and with no server once the page
// has loaded.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { desktop, open, overflow, phone, violations } from "./browser.mjs";
import { url } from "./system.mjs";

const golden = (name) => readFileSync(new URL("../../domain/proof/testdata/" + name, import.meta.url));
const file = (name, buffer) => ({ name, mimeType: "application/json", buffer });
const bundle = golden("anchored.json");

const [chainId, contract, retail, brands] = golden("ethereum.key").toString().trim().split(" ");
const pins = {
  "Key of the log’s operator": golden("operator.key").toString().trim(), "Key of the witness": golden("witness.key").toString().trim(),
  "Ethereum: chain": chainId, "Contract": contract, "Account of the retailer": retail, "Account of the brands’ organisation": brands,
};

async function loaded(t) {
  const page = await open(t);
  await page.goto(url + "/verify");
  await page.getByText("The verifier is ready.").waitFor();
  return page;
}

const verdict = (page, name) => page.getByRole("heading", { name, exact: true }).waitFor();

test("this system's own keys are offered", async (t) => {
  const page = await loaded(t);
  assert.match(await page.getByLabel("Key of the log’s operator").inputValue(), /^tillproof\/tickets\+/);
});

test("a bundle is judged off line, by the keys that are entered", async (t) => {
  const page = await loaded(t);
  await page.context().setOffline(true);
  const choose = page.getByLabel("Drop a proof bundle here, or choose one:");
  await choose.setInputFiles(file("bundle.json", bundle));
  await verdict(page, "Not proven"); // by the keys of this system, which are others
  for (const [label, value] of Object.entries(pins)) {
    await page.getByLabel(label, { exact: true }).fill(value);
    await page.getByLabel(label, { exact: true }).blur();
  }
  await verdict(page, "Proven");
  const text = await page.locator("#result").innerText();
  for (const part of ["Käse", "has cosigned it", "in block 21000000", "is the log operator's word"]) assert.ok(text.includes(part), part);

  const tampered = Buffer.from(bundle);
  tampered[tampered.indexOf("1200")] += 1;
  await choose.setInputFiles(file("tampered.json", tampered));
  await verdict(page, "Not proven");
  assert.equal(await page.locator("#shown").isVisible(), false, "what is not proven is not shown");
  await choose.setInputFiles(file("bundle.json", bundle));
  await verdict(page, "Proven");
  await page.getByLabel("Contract", { exact: true }).fill("0x" + "1".repeat(40));
  await page.getByLabel("Contract", { exact: true }).blur();
  await verdict(page, "Not proven");
});

test("a bundle can be dropped", async (t) => {
  const page = await loaded(t);
  const dropped = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "bundle.json"));
    return transfer;
  }, bundle.toString());
  await page.locator("main").dispatchEvent("drop", { dataTransfer: dropped });
  await verdict(page, "Not proven");
});

test("it can be read and used by everybody", async (t) => {
  const page = await loaded(t);
  await page.getByLabel("Drop a proof bundle here, or choose one:").setInputFiles(file("bundle.json", bundle));
  await verdict(page, "Not proven");
  for (const viewport of [phone, desktop]) {
    await page.setViewportSize(viewport);
    assert.deepEqual(await violations(page), []);
    assert.ok(await overflow(page) <= 0, "it is wider than the screen");
  }
});
