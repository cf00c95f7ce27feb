// The page: which sections a role has, and which of them the address names. What a role may see the server decides; here
// is only what is worth offering.
import { passwordForm, signInForm } from "./account.js";
import { signOut, whenSignedOut, whoAmI } from "./api.js";
import { points } from "./customer.js";
import { days } from "./days.js";
import { h, notice } from "./dom.js";
import { receipt } from "./receipt.js";
import { reconciliation } from "./reconciliation.js";
import { registry } from "./registry.js";
import { sales } from "./sales.js";
import { tickets } from "./tickets.js";

const titles = { points: "Points", tickets: "Tickets", sales: "Sales", days: "Days", reconciliation: "Reconciliation", registered: "Registered" };
const sections = {
  customer: ["points", "tickets"],
  store: ["tickets", "sales", "days"],
  manufacturer: ["sales"],
  auditor: ["reconciliation", "sales"],
  admin: ["reconciliation", "sales", "days", "registered"],
};

let session = null;
let turn = 0; // a slow section must not replace a later one

const main = document.getElementById("main");

function frame(current) {
  document.title = session && titles[current] ? `${titles[current]} · Tillproof` : "Tillproof";
  document.getElementById("nav").replaceChildren(...(session ? sections[session.role] : []).map((name) =>
    h("a", { href: "#/" + name, "aria-current": name === current ? "page" : null }, titles[name])));
  document.getElementById("account").replaceChildren(...(session ? [
    h("a", { href: "#/password", title: "Change your password" }, session.username),
    h("button", { type: "button", class: "link", click: leave }, "Sign out"),
  ] : []));
}

function section(name, id, parameters) {
  switch (name) {
    case "points": return points();
    case "tickets": return id ? receipt(id) : tickets(session, parameters);
    case "sales": return sales(session, parameters);
    case "days": return days(parameters);
    case "reconciliation": return reconciliation();
    case "registered": return registry(parameters);
    case "password": return passwordForm();
  }
}

async function show() {
  const mine = ++turn;
  if (!session) {
    frame(null);
    main.replaceChildren(signInForm((fresh) => { session = fresh; show(); }));
    main.querySelector("input").focus();
    return;
  }
  const [path, search] = location.hash.replace(/^#\/?/, "").split("?");
  const [asked, id] = path.split("/");
  const name = asked === "password" || sections[session.role].includes(asked) ? asked : sections[session.role][0];
  frame(name);
  main.setAttribute("aria-busy", "true");
  let content;
  try {
    content = await section(name, id && decodeURIComponent(id), Object.fromEntries(new URLSearchParams(search)));
  } catch (problem) {
    content = [h("h1", null, titles[name] ?? "Tillproof"), notice(problem.message)];
  }
  if (mine !== turn) return;
  main.removeAttribute("aria-busy");
  main.replaceChildren(...[content].flat(Infinity));
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
}

// Who signs out in one tab is signed out in all of them, and nothing that was shown comes back with the back button.
const tabs = new BroadcastChannel("tillproof-session");
tabs.onmessage = () => { session = null; show(); };
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

async function leave() {
  await signOut().catch(() => {}); // signed out here in any case
  tabs.postMessage("signed out");
  session = null;
  location.hash = "";
  show();
}

whenSignedOut(() => { session = null; show(); });
addEventListener("hashchange", () => { if (location.hash !== "#main") show(); });
document.getElementById("skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });

try {
  session = await whoAmI();
  show();
} catch (problem) {
  main.replaceChildren(notice(problem.message));
}
