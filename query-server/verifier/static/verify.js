// The page at /verify: it reads a bundle from a file and has the verifier, which is WebAssembly, judge it. After loading
// nothing is fetched any more.

const at = (id) => document.getElementById(id);
const fields = ["operator", "witness", "chainId", "contract", "retail", "brands", "block"];
const largest = 8 << 20; // bytes of a bundle

let bundle = null;
let ready = false;

async function load() {
  const go = new globalThis.Go();
  const response = await fetch("/verify/verify.wasm");
  if (!response.ok) throw new Error(await response.text());
  const { instance } = await WebAssembly.instantiateStreaming(response, go.importObject);
  go.run(instance); // returns only when the page ends
  const offered = await fetch("/verify/pins.json");
  const pins = offered.ok ? await offered.json() : {};
  for (const field of fields) {
    if (at(field).value === "") at(field).value = pins[field] ?? "";
  }
}

function trusted() {
  return JSON.stringify(Object.fromEntries(fields.map((field) => [field, at(field).value.trim()])));
}

function verify() {
  if (!ready || bundle === null) return;
  show(JSON.parse(globalThis.tillproofVerify(bundle, trusted())));
}

function item(...parts) {
  const element = document.createElement("li");
  for (const part of parts) {
    const line = document.createElement("p");
    line.textContent = part;
    element.append(line);
  }
  return element;
}

function show(report) {
  const result = at("result");
  result.hidden = false;
  result.dataset.proven = String(report.proven);
  at("result-title").textContent = report.proven ? "Proven" : "Not proven";
  at("problem").textContent = report.problem ?? "";
  at("steps").replaceChildren(...report.steps.map((step) => item(step.checked + ".", step.means)));
  at("words").replaceChildren(...report.onlyTheWordOf.map((word) => item(word)));
  at("shown").textContent = report.shown === undefined ? "" : JSON.stringify(report.shown, null, 2);
  for (const id of ["words-title", "shown-title", "shown"]) at(id).hidden = !report.proven;
  result.focus();
}

async function take(file) {
  if (!file) return;
  if (file.size > largest) {
    show({ proven: false, problem: "A proof bundle has at most 8 MiB, this file has more.", steps: [], onlyTheWordOf: [] });
    return;
  }
  bundle = new Uint8Array(await file.arrayBuffer());
  verify();
}

at("file").addEventListener("change", (event) => take(event.target.files[0]));
at("pins").addEventListener("change", verify);
at("pins").addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  take(event.dataTransfer.files[0]);
});

load().then(
  () => {
    ready = true;
    at("loading").textContent = "The verifier is ready. It needs no server any more.";
    verify();
  },
  (error) => {
    at("loading").textContent = "The verifier could not be loaded: " + error.message;
  },
);
