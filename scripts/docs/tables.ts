/** Tables of docs/ that are made from the code: `node scripts/docs/tables.ts` writes them, tests/docs.test.ts checks that they are current. */
import { writeFileSync } from "node:fs";
import { ERRORS } from "../../src/errors.ts";
import { BLOCK_FORMATS, FORMATS } from "../../src/formats/index.ts";

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const made = "<!-- Made by scripts/docs/tables.ts; edit the code, not this file. -->\n";
const side = (n: number) => (Number.isFinite(n) ? String(n) : "all");

function formats(): string {
  const single = Object.values(FORMATS).map((f) => [
    f.name,
    String(f.bits),
    String(f.max),
    String(f.smallest),
    f.hasInf ? "yes" : "–",
    f.hasNaN ? "yes" : "–",
    f.rounding,
    f.overflow,
  ]);
  const blocks = Object.values(BLOCK_FORMATS).map((b) => [
    b.name,
    b.element,
    b.scale,
    `${side(b.block.rows)} × ${side(b.block.columns)}`,
    b.scaleRule,
    b.rounding,
  ]);
  return `${made}
# Number formats

Every code decodes and every value encodes as the public oracles do (ml_dtypes, en_dtypes); \`tests/formats\` holds the tables.
Rounding and overflow are parameters; the table shows the defaults.

${table(["format", "bits", "largest", "smallest positive", "inf", "NaN", "rounding", "overflow"], single)}

# Block formats

Elements that share a scale. The scale rule and the rounding are parameters of the format: a variant is \`{ ...blockFormat("mxfp4"), rounding: "nearest-away" }\`.

${table(["name", "element", "scale", "rows × columns", "scale rule", "rounding"], blocks)}
`;
}

function errors(): string {
  const rows = Object.entries(ERRORS).map(([code, { next }]) => [`\`${code}\``, next.replaceAll("|", "\\|")]);
  return `${made}
# Errors

Every error has a stable code; the command line prints it with its cause and the next step, and \`--json\` gives all three.

${table(["code", "what to do"], rows)}
`;
}

/** File name in docs/ and its contents. */
export const TABLES: Readonly<Record<string, () => string>> = { "formats.md": formats, "errors.md": errors };

if (import.meta.main)
  for (const [name, make] of Object.entries(TABLES)) writeFileSync(new URL(`../../docs/${name}`, import.meta.url), make());
