/**
 * Writes a synthetic checkpoint of tests/support/synthetic.ts to a folder, for programs that only read files:
 *
 *     node scripts/oracles/synthetic.ts tiny-q DIR
 *     python scripts/oracles/synthetic.py DIR tests/fixtures/models/synthetic/tiny-q.json      # independent, PyTorch float64
 */

import { writeCheckpoint } from "../../src/checkpoint/node.ts";
import { TandemError } from "../../src/errors.ts";
import { SYNTHETIC, type SyntheticName, syntheticTensors } from "../../tests/support/synthetic.ts";

const [name, directory] = process.argv.slice(2);
if (!name || !(name in SYNTHETIC) || !directory)
  throw new TandemError("cli/bad-argument", { reason: `usage: synthetic.ts ${Object.keys(SYNTHETIC).join("|")} DIR` });
const config = new TextEncoder().encode(JSON.stringify(SYNTHETIC[name as SyntheticName]));
await writeCheckpoint(
  directory,
  syntheticTensors(name as SyntheticName).map(({ bytes, ...spec }) => ({ ...spec, data: () => bytes })),
  { sideFiles: new Map([["config.json", config]]) },
);
