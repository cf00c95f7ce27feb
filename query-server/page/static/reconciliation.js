import { get } from "./api.js";
import { figures, h, notice } from "./dom.js";
import { moment, number } from "./format.js";

// reconciliation sets what tills were told against what the ledger has.
export async function reconciliation() {
  const sums = await get("/v1/reconciliation");
  const balanced = sums.accepted === sums.recorded + sums.rejected + sums.missing;
  return [
    h("h1", null, "Reconciliation"),
    balanced
      ? notice(sums.missing === 0 ? "Every accepted ticket is on the ledger or was refused with a reason." : `${number(sums.missing)} accepted tickets are on their way to the ledger. Nothing is unaccounted for.`, true)
      : notice("Accepted, recorded, rejected and missing tickets do not add up. This must be looked into."),
    figures(
      { label: "Accepted", value: number(sums.accepted), note: "Tills were told so", main: true },
      { label: "Recorded", value: number(sums.recorded), note: "On the ledger" },
      { label: "Missing", value: number(sums.missing), note: "Not on the ledger yet" },
      { label: "Rejected", value: number(sums.rejected), note: "After acceptance" },
      { label: "Conflicts", value: number(sums.conflicts), note: "Of the rejected" },
      { label: "Gaps", value: number(sums.gaps), note: "Numbers that tills left out" },
      { label: "Points outstanding", value: number(sums.pointsOutstanding), note: "Over all members" }),
    h("p", { class: "small" }, sums.asOf.time ? `As of ledger block ${sums.asOf.block}, ${moment(sums.asOf.time)}.` : "Nothing is on the ledger yet."),
  ];
}
