import { get, query } from "./api.js";
import { field, h } from "./dom.js";
import { day, money, number } from "./format.js";
import { list } from "./list.js";

const words = { accepted: ["Accepted", "warn"], recorded: ["On the ledger", "good"], rejected: ["Rejected", "bad"] };

export function status(name) {
  const [word, tone] = words[name] ?? [name, ""];
  return h("span", { class: "status " + tone }, word);
}

// tickets lists a customer's or a store's tickets.
export async function tickets(session, parameters) {
  const store = session.role === "store";
  const shown = await list(store ? "Tickets" : "Your tickets", "/v1/tickets", parameters, [
    { title: "Day", class: "day", cell: (t) => day(t.businessDayDate) },
    { title: store ? "Store and till" : "Store", cell: (t) => [
      h("a", { class: "wrap", href: "#/tickets/" + t.transactionId }, store ? `${t.storeId} · ${t.workstationId} · ${t.sequenceNumber}` : "Store " + t.storeId),
      h("div", { class: "small slim" }, words[t.status]?.[0] ?? t.status),
      t.reason && h("div", { class: "small wrap" }, t.reason)] },
    { title: "Total", number: true, cell: (t) => t.currencyCode ? money(t.grandTotal, t.currencyCode) : "–" },
    { title: "Points", number: true, wide: store, cell: (t) => number(t.points.earned ?? t.points.pending ?? 0) },
    { title: "Status", wide: true, cell: (t) => status(t.status) },
  ], "No tickets match.");
  return [h("h1", null, store ? "Your stores' tickets" : "Your tickets"), filter(parameters, store), shown];
}

function filter(now, store) {
  const input = (name, type) => h("input", { name, type, value: now[name] ?? null });
  const choice = h("select", { name: "status" }, [["", "Any"], ...Object.entries(words).map(([name, [word]]) => [name, word])]
    .map(([value, word]) => h("option", { value, selected: value === (now.status ?? "") }, word)));
  return h("form", { class: "card fields", submit: (event) => {
    event.preventDefault();
    location.hash = "#/tickets" + query(Object.fromEntries(new FormData(event.target)));
  } },
  field("From", input("from", "date")), field("To", input("to", "date")),
  store && field("Store", input("storeId", "text")), store && field("Till", input("workstationId", "text")),
  field("Status", choice), h("button", null, "Show"));
}
