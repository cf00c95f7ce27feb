import { get, save } from "./api.js";
import { h, notice } from "./dom.js";
import { day, moment, money, number, tillTime } from "./format.js";
import { status } from "./tickets.js";

const types = { Sale: "Sale", Return: "Return", PostVoid: "Void", Control: "Till event" };

// receipt shows one ticket as it was printed, and where it stands.
export async function receipt(id) {
  const document = await get("/v1/tickets/" + encodeURIComponent(id));
  return [
    h("h1", null, "Ticket"),
    document.ticket ? paper(document.ticket) : h("p", { class: "empty" }, "This ticket was refused, and its content is not kept."),
    standing(document),
    ...(document.status === "recorded" ? [proof(id)] : []),
    h("p", null, h("a", { href: "#/tickets" }, "All tickets")),
  ];
}

// proof offers what shows to anybody, without this server, that the ticket is on the ledger as it is.
function proof(id) {
  const button = h("button", { type: "button", click: download }, "Download the proof");
  const card = h("section", { class: "card proof" }, h("h2", null, "Proof"),
    h("p", null, "The proof shows this whole ticket to whoever you give it to, and that it is on the ledger."),
    h("p", { class: "actions" }, button, h("a", { href: "/verify" }, "Verify it")));
  async function download() {
    card.querySelector(".notice")?.remove();
    button.disabled = true;
    try {
      await save(`/v1/tickets/${encodeURIComponent(id)}/proof`, `proof-${id}.json`);
    } catch (problem) {
      card.append(notice(problem.message));
    }
    button.disabled = false;
  }
  return card;
}

function paper(ticket) {
  const amount = (value) => money(value, ticket.currencyCode);
  const row = (label, value, name) => h("tr", { class: name }, h("th", { scope: "row" }, label), h("td", { class: "number" }, value));
  return h("article", { class: "receipt", "aria-label": "Receipt" },
    h("h2", null, "Store " + ticket.storeId),
    h("p", null, types[ticket.transactionType] ?? ticket.transactionType, " · till ", ticket.workstationId, " · no. ", String(ticket.sequenceNumber)),
    h("p", null, ticket.endDateTime ? tillTime(ticket.endDateTime) : day(ticket.businessDayDate)),
    h("table", null, h("caption", { class: "visually-hidden" }, "Lines, total and payment"),
      h("tbody", null, ticket.lineItems.map((line) => row(lineText(line, amount), amount(line.extendedAmount)))),
      h("tbody", null,
        (ticket.taxes ?? []).filter((tax) => tax.included === false).map((tax) => row(`Tax ${number(tax.rateBasisPoints / 100)} %`, amount(tax.amount))),
        ticket.totals.rounding ? row("Rounding", amount(ticket.totals.rounding)) : null,
        row("Total", amount(ticket.totals.grand), "total"),
        (ticket.tenders ?? []).map((tender) => row(tender.amount < 0 && tender.tenderType === "Cash" ? "Change" : tender.tenderType, amount(tender.amount))),
        ticket.totals.tax ? row("Tax in it", amount(ticket.totals.tax)) : null)),
    h("p", { class: "small" }, ticket.transactionId));
}

function lineText(line, amount) {
  const price = line.unitPrice ? ` × ${line.unitPrice}` : "";
  const quantity = line.quantity !== "1" || line.unitOfMeasure ? `${line.quantity} ${line.unitOfMeasure ?? ""}`.trim() + price : null;
  const discount = (line.discounts ?? []).reduce((sum, one) => sum + one.amount, 0);
  return [line.description ?? line.itemId, quantity && h("div", { class: "small" }, quantity),
    discount > 0 && h("div", { class: "small" }, `Discount ${amount(discount)}`)];
}

function standing(document) {
  const pairs = [["Status", status(document.status)]];
  if (document.reason) pairs.push(["Reason", document.reason]);
  if (document.points.earned !== undefined) pairs.push(["Points", number(document.points.earned)]);
  if (document.points.pending !== undefined) pairs.push(["Points pending", number(document.points.pending)]);
  if (document.receivedAt) pairs.push(["Received", moment(document.receivedAt)]);
  if (document.recordedAt) pairs.push(["Recorded", moment(document.recordedAt)]);
  if (document.ledger) pairs.push(["Ledger block", String(document.ledger.block)], ["Transaction", h("code", null, document.ledger.txId)]);
  return h("section", { class: "card" }, h("h2", null, "Where it stands"),
    h("dl", { class: "pairs" }, pairs.flatMap(([term, value]) => [h("dt", null, term), h("dd", null, value)])));
}
