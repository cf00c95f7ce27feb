import { download, get } from "./api.js";
import { figures, h } from "./dom.js";
import { change, day, moment, money, number } from "./format.js";
import { list } from "./list.js";

const kinds = {
  accrual: "Purchase or return",
  undo: "Taken back by a return",
  redemption: "Paid with points",
  "given-back": "Given back by a return",
  "transfer-in": "Received from another member",
  "transfer-out": "Sent to another member",
  expired: "Expired",
};

// points is what a customer has, and how it came about.
export async function points() {
  const now = await get("/v1/points");
  const statement = await list("Statement", "/v1/points/entries", {}, [
    { title: "Day", class: "day", cell: (e) => day(e.businessDayDate) },
    { title: "What", cell: (e) => e.ticket
      ? [h("a", { href: "#/tickets/" + e.ticket.transactionId }, money(e.ticket.grandTotal, e.currencyCode)), h("div", { class: "small wrap" }, "Store " + e.ticket.storeId)]
      : kinds[e.kind] ?? e.kind },
    { title: "Points", number: true, cell: (e) => change(e.points) },
    { title: "Balance", number: true, cell: (e) => number(e.balanceAfter) },
    { title: "On the ledger", wide: true, cell: (e) => [moment(e.recordedAt), h("div", { class: "small" }, `Block ${e.ledger.block}`)] },
  ], "Nothing yet. Points appear here once a purchase is on the ledger.");
  return [
    h("h1", null, "Your points"),
    figures(
      { label: "Available", value: number(now.available), note: now.available < 0 ? "Below zero after a return" : "To spend now", main: true },
      { label: "Pending", value: number(now.pending), note: "Until the ledger has them" },
      ...(now.held ? [{ label: "Held", value: number(now.held), note: "For a payment under way" }] : [])),
    statement,
    h("p", null, h("button", { type: "button", class: "quiet", click: () => download("/v1/export") }, "Download all that is held about you")),
  ];
}
