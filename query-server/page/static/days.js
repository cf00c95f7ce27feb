import { get, query } from "./api.js";
import { field, h } from "./dom.js";
import { day, money, number } from "./format.js";
import { list } from "./list.js";

// days shows a store's days till by till: what was taken, and which of a till's numbers nobody has sent.
export async function days(asked) {
  const stores = (await get("/v1/sales" + query({ groupBy: "store", limit: "1000" }))).items;
  const known = new Map(stores.map((row) => [row.storeId, row.storeName ?? row.storeId]));
  const storeId = asked.storeId ?? stores[0]?.storeId;
  if (!storeId) return [h("h1", null, "Days"), h("p", { class: "empty" }, "No store has sold anything yet.")];
  const range = { from: asked.from, to: asked.to };
  return [
    h("h1", null, "Days"),
    form(known, storeId, range),
    await list("Tills of " + (known.get(storeId) ?? storeId), `/v1/stores/${encodeURIComponent(storeId)}/days`, range, [
      { title: "Day", class: "day", cell: (d) => day(d.day) },
      { title: "Till", head: true, class: "wrap", cell: (d) => d.workstationId ?? "Without a till" },
      { title: "Net", number: true, cell: (d) => d.totals.map((t) => h("div", null, money(t.amountNet, t.currencyCode))) },
      { title: "Tickets", number: true, cell: (d) => number(d.recorded) },
      { title: "On the way", number: true, wide: true, cell: (d) => number(d.accepted) },
      { title: "Rejected", number: true, wide: true, cell: (d) => number(d.rejected) },
      { title: "Missing", class: "wrap", cell: (d) => d.missingNumbers === 0 ? "None" : gaps(d) },
      { title: "Points awarded", number: true, wide: true, cell: (d) => number(d.pointsAwarded) },
      { title: "Taken back", number: true, wide: true, cell: (d) => number(d.pointsTakenBack) },
      { title: "Redeemed", number: true, wide: true, cell: (d) => [number(d.pointsRedeemed), d.redemptions > 0 && h("div", { class: "small" }, `${number(d.redemptions)} ×`)] },
    ], "No tickets in these days."),
  ];
}

function gaps(till) {
  const shown = till.gaps.slice(0, 5).map(({ from, to }) => from === to ? `${from}` : `${from}–${to}`);
  return [number(till.missingNumbers), h("div", { class: "small" }, shown.join(", ") + (till.gaps.length > 5 ? ", …" : ""))];
}

function form(known, storeId, range) {
  if (!known.has(storeId)) known.set(storeId, storeId);
  const choice = h("select", { name: "storeId" },
    [...known].map(([id, name]) => h("option", { value: id, selected: id === storeId }, name === id ? id : `${name} (${id})`)));
  const input = (name) => h("input", { name, type: "date", value: range[name] ?? null });
  return h("form", { class: "card fields", submit: (event) => {
    event.preventDefault();
    location.hash = "#/days" + query(Object.fromEntries(new FormData(event.target)));
  } },
  field("Store", choice), field("From", input("from")), field("To", input("to")), h("button", null, "Show"));
}
