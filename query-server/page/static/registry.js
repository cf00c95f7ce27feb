import { query } from "./api.js";
import { field, h } from "./dom.js";
import { moment } from "./format.js";
import { list } from "./list.js";

const lines = (...texts) => texts.filter(Boolean).map((text) => h("div", { class: "small wrap" }, text));

// What is registered, by kind: what a list of it is called and shows. The first column names the row.
const kinds = {
  users: { title: "Users", columns: [
    { title: "User", head: true, class: "wrap", cell: (u) => u.username },
    { title: "Role", cell: (u) => u.role },
    { title: "Stands for", class: "wrap", cell: (u) => u.storeIds?.join(", ") ?? u.retailerId ?? u.manufacturerId ?? u.loyaltyId ?? "–" },
  ] },
  stores: { title: "Stores", columns: [
    { title: "Store", head: true, class: "wrap", cell: (s) => [s.name, ...lines(s.name !== s.storeId && s.storeId)] },
    { title: "Retailer", class: "wrap", cell: (s) => s.retailerId },
    { title: "Time zone", wide: true, cell: (s) => s.timeZone },
    { title: "Currency", wide: true, cell: (s) => s.currencyCode ?? "–" },
  ] },
  manufacturers: { title: "Manufacturers", columns: [
    { title: "Manufacturer", head: true, class: "wrap", cell: (m) => [m.name, ...lines(m.name !== m.manufacturerId && m.manufacturerId)] },
    { title: "GS1 prefixes", class: "wrap", cell: (m) => m.gs1Prefixes?.join(", ") ?? "–" },
  ] },
  customers: { title: "Customers", columns: [
    { title: "Member", head: true, class: "wrap", cell: (c) => c.loyaltyId },
    { title: "Name", class: "wrap", cell: (c) => c.name ?? "–" },
  ] },
  products: { title: "Products", columns: [
    { title: "Product", head: true, class: "wrap", cell: (p) => [p.description ?? p.itemId, ...lines(p.description && p.itemId)] },
    { title: "Manufacturer", class: "wrap", cell: (p) => p.manufacturerId ?? "–" },
    { title: "Retailer", wide: true, class: "wrap", cell: (p) => p.retailerId },
    { title: "GTIN", wide: true, cell: (p) => p.gtin ?? "–" },
  ] },
  keys: { title: "Tills' keys", columns: [
    { title: "Key", head: true, class: "wrap", cell: (k) => k.keyId },
    { title: "Store", class: "wrap", cell: (k) => k.storeId },
    { title: "Made", wide: true, cell: (k) => moment(k.createdAt) },
    { title: "State", cell: (k) => k.revokedAt ? "Revoked" : "In force" },
  ] },
};

// registry shows an administrator what is registered, with a search.
export async function registry(asked) {
  const name = kinds[asked.kind] ? asked.kind : "users";
  const { title, columns } = kinds[name];
  return [
    h("h1", null, "Registered"),
    form(name, asked.search),
    await list(title, "/collector/v1/" + name, { search: asked.search }, columns, asked.search ? "Nothing matches." : "There are none yet."),
  ];
}

function form(now, search) {
  const choice = h("select", { name: "kind" }, Object.entries(kinds)
    .map(([name, { title }]) => h("option", { value: name, selected: name === now }, title)));
  return h("form", { class: "card fields", role: "search", submit: (event) => {
    event.preventDefault();
    location.hash = "#/registered" + query(Object.fromEntries(new FormData(event.target)));
  } },
  field("Kind", choice), field("Search", h("input", { name: "search", type: "search", value: search ?? null })), h("button", null, "Show"));
}
