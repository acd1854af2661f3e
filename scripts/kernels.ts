/**
 * `npm run kernels`: compiles the CPU interpreter's AssemblyScript twice, with and without relaxed SIMD, into modules that carry the
 * binary as base64, so that Node, a page and a bundler load it alike.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const cpu = join(import.meta.dirname, "../src/backends/cpu");
const FEATURES = { plain: ["simd", "threads"], relaxed: ["simd", "threads", "relaxed-simd"] } as const;
export type Variant = keyof typeof FEATURES;

/** The binary of one variant. */
export async function compile(variant: Variant, entry = join(cpu, "assembly/index.ts")): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-kernels-"));
  const out = join(folder, "kernels.wasm");
  const messages: string[] = [];
  const sink = {
    write(text: string | Uint8Array): boolean {
      messages.push(String(text));
      return true;
    },
  };
  try {
    const { error } = await asc.main(
      [
        ...[entry, "--outFile", out, "-O3", "--converge", "--noAssert", "--runtime", "stub", "--noExportMemory"],
        ...["--importMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536", "--memoryBase", "1024"],
        ...FEATURES[variant].flatMap((f) => ["--enable", f]),
      ],
      { stderr: sink, stdout: sink },
    );
    if (error) throw new Error(messages.join(""), { cause: error });
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const moduleFile = (variant: Variant): string => join(cpu, `kernels-${variant}.ts`);
export const moduleText = (binary: Uint8Array): string =>
  `// Made by \`npm run kernels\` from assembly/. ${binary.length} bytes.\nexport const BASE64 =\n  "${Buffer.from(binary).toString("base64")}";\n`;

if (import.meta.main) {
  for (const variant of Object.keys(FEATURES) as Variant[]) {
    const binary = await compile(variant);
    writeFileSync(moduleFile(variant), moduleText(binary));
    console.log(`${variant}: ${binary.length} bytes`);
  }
}
