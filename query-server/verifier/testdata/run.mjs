// Runs the verifier as a browser would: run.mjs WASM WASM_EXEC PINS BUNDLE... prints a report a line.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [program, support, pins, ...bundles] = process.argv.slice(2);
createRequire(import.meta.url)(support); // defines Go
const go = new globalThis.Go();
const { instance } = await WebAssembly.instantiate(readFileSync(program), go.importObject);
go.run(instance);
const trusted = readFileSync(pins, "utf8");
for (const name of bundles) console.log(globalThis.tillproofVerify(new Uint8Array(readFileSync(name)), trusted));
process.exit(0); // the program itself never ends
