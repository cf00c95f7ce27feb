import { download, get, query } from "./api.js";
import { announce, field, figures, h, notice } from "./dom.js";
import { counted, day, moment, money, month, number } from "./format.js";
import { list } from "./list.js";
import { onSales } from "./live.js";

const intro = {
  manufacturer: "Your products, in every store",
  store: "Everything your stores sold",
  auditor: "All stores, all products",
  admin: "All stores, all products",
};

// sales shows sums by product, store and time. The address holds what is asked for, so it can be kept and shared.
export async function sales(session, parameters) {
  const asked = { groupBy: session.role === "manufacturer" ? "product,store" : "store", ...parameters };
  const filters = { from: asked.from, to: asked.to, itemId: asked.itemId, storeId: asked.storeId };
  const [totals, rows] = await Promise.all([
    get("/v1/sales" + query(filters)),
    list("Sales", "/v1/sales", { ...filters, groupBy: apiGroups(asked.groupBy) }, columns(asked.groupBy.split(",")), "No sales match."),
  ]);
  const fresh = h("button", { type: "button", class: "quiet", hidden: true, click: () => dispatchEvent(new Event("hashchange")) }, "New sales have come: show them");
  onSales(fresh, () => { fresh.hidden = false; });
  return [
    h("h1", null, "Sales"),
    form(asked),
    h("p", { role: "status" }, fresh),
    totals.items.map((sum) => figures(
      { label: `Net, ${sum.currencyCode}`, value: money(sum.amountNet, sum.currencyCode), note: intro[session.role], main: true },
      { label: "Sold", value: money(sum.amountSold, sum.currencyCode), note: counted(sum.unitsSold, "unit") },
      { label: "Returned", value: money(sum.amountReturned, sum.currencyCode), note: counted(sum.unitsReturned, "unit") },
      { label: "Tickets", value: number(sum.tickets), note: counted(sum.lines, "line") })),
    rows,
    h("p", { class: "small" }, totals.asOf.time
      ? `As of ledger block ${totals.asOf.block}, ${moment(totals.asOf.time)}.` : "Nothing is on the ledger yet."),
  ];
}

// named shows what people call it, and below it the id by which it is filtered.
const named = (name, id) => name && name !== id ? [name, h("div", { class: "small" }, id)] : id;

function columns(groups) {
  const keys = {
    product: { title: "Product", head: true, class: "wrap", cell: (row) => named(row.description, row.itemId) },
    store: { title: "Store", class: "wrap", cell: (row) => named(row.storeName, row.storeId) },
    day: { title: "Day", class: "day", cell: (row) => day(row.day) },
    month: { title: "Month", class: "day", cell: (row) => month(row.month) },
  };
  return [
    ...["product", "store", "day", "month"].filter((name) => groups.includes(name)).map((name) => keys[name]),
    { title: "Units", number: true, cell: (row) => number(row.unitsSold) },
    { title: "Units returned", number: true, wide: true, cell: (row) => number(row.unitsReturned) },
    { title: "Sold", number: true, wide: true, cell: (row) => money(row.amountSold, row.currencyCode) },
    { title: "Returned", number: true, wide: true, cell: (row) => money(row.amountReturned, row.currencyCode) },
    { title: "Net", number: true, cell: (row) => money(row.amountNet, row.currencyCode) },
    { title: "Tickets", number: true, wide: true, cell: (row) => number(row.tickets) },
  ];
}

function form(asked) {
  const groups = asked.groupBy.split(",");
  const input = (name, type) => h("input", { name, type, value: asked[name] ?? null });
  const check = (value, word) => h("label", null,
    h("input", { type: "checkbox", name: "group", value, checked: groups.includes(value) }), word);
  const period = h("select", { name: "period" }, [["", "All together"], ["day", "By day"], ["month", "By month"]]
    .map(([value, word]) => h("option", { value, selected: value !== "" && groups.includes(value) }, word)));
  const element = h("form", { class: "card fields", submit: (event) => {
    event.preventDefault();
    location.hash = "#/sales" + query(wanted(element));
  } },
  field("From", input("from", "date")), field("To", input("to", "date")),
  field("Product", input("itemId", "text")), field("Store", input("storeId", "text")),
  h("fieldset", null, h("legend", null, "A row for each"), h("div", { class: "choices" }, check("product", "Product"), check("store", "Store"))),
  field("Time", period),
  h("button", null, "Show"),
  h("button", { type: "button", class: "quiet", click: () => downloadCSV(element) }, "Download CSV"));
  return element;
}

// wanted reads the form; "total" stands for no grouping, which is not the same as none chosen yet.
function wanted(element) {
  const data = new FormData(element);
  const groups = [...data.getAll("group"), data.get("period")].filter(Boolean);
  return { from: data.get("from"), to: data.get("to"), itemId: data.get("itemId"), storeId: data.get("storeId"), groupBy: groups.join(",") || "total" };
}

async function downloadCSV(element) {
  const asked = wanted(element);
  try {
    await download("/v1/sales" + query({ ...asked, groupBy: apiGroups(asked.groupBy), format: "csv" }));
    announce("The download has begun");
  } catch (problem) {
    element.after(notice(problem.message));
  }
}

const apiGroups = (groupBy) => groupBy === "total" ? "" : groupBy;
