// Compiles Solidity files with the compiler that package.json pins:
//
//   node compile.mjs COMPILER OUT FILE...
//
// COMPILER is the folder of the installed npm package solc. Of each FILE, the contract of the file's name goes to OUT as
// NAME.abi (JSON) and NAME.bin (the creation code, hexadecimal). The same bytes come out wherever this runs.

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';

const [compiler, out, ...files] = process.argv.slice(2);
const solc = createRequire(import.meta.url)(resolve(compiler));

const input = {
  language: 'Solidity',
  sources: Object.fromEntries(files.map((file) => [basename(file), { content: readFileSync(file, 'utf8') }])),
  settings: {
    evmVersion: 'cancun', // what main network, its test networks and the usual second layers all run
    optimizer: { enabled: true, runs: 1000000 }, // called often, deployed once
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));

const complaints = output.errors ?? [];
for (const { formattedMessage } of complaints) process.stderr.write(formattedMessage);
if (complaints.length > 0) process.exit(1); // warnings too

for (const file of files) {
  const name = basename(file, '.sol');
  const { abi, evm } = output.contracts[basename(file)][name];
  writeFileSync(join(out, `${name}.abi`), `${JSON.stringify(abi)}\n`);
  writeFileSync(join(out, `${name}.bin`), `${evm.bytecode.object}\n`);
}
