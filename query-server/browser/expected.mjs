// The real data set of groceries and the sums that a right system gives, computed from the raw data by another route.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.TILLPROOF_E2E_DATA && join(process.env.TILLPROOF_E2E_DATA, "dunnhumby-2017-01");

// missing says why nothing can be compared; false if it can.
export const missing = folder && existsSync(folder) ? false
  : "TILLPROOF_E2E_DATA names no folder with the real data sets: there are no figures to compare with";

// table reads an expected table. None of its cells holds a comma or a quote.
export function table(name) {
  const [header, ...rows] = readFileSync(join(folder, "expected", name + ".csv"), "utf8").trim().split("\n").map((line) => line.split(","));
  return rows.map((row) => Object.fromEntries(header.map((column, i) => [column, row[i]])));
}

export function lines(name) {
  return readFileSync(join(folder, name + ".ndjson"), "utf8").trim().split("\n").map((line) => JSON.parse(line));
}

// sum adds up decimals of two places without a floating point.
export const sum = (rows, column) => rows.reduce((total, row) => total + BigInt(Number(row[column]).toFixed(2).replace(".", "")), 0n);

// dollars writes minor units as the page does in American English.
export const dollars = (cents) => new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" }).format(Number(cents) / 100);

export const number = (value) => new Intl.NumberFormat("en-US").format(value);
