import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";

const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "tandem-package-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const run = (command: string, args: string[], cwd: string) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** The library as a stranger would use it, checked by the compiler against the shipped types. */
const USER = `
import { Engine, TandemError, type SessionEvent } from "tandem";
import { format } from "tandem/formats";
import { dialect } from "tandem/text";
const engine: Engine = await Engine.load(process.argv[2] ?? "", { numerics: "official" });
let content = "";
for await (const event of engine.session().send("What is 2 + 3?", { thinking: true, maxTokens: 200 })) {
  const e: SessionEvent = event;
  if (e.type === "content") content += e.text;
}
console.log(JSON.stringify({ content, one: format("E4M3").decode(0x38), dialect: dialect("v4").name, error: typeof TandemError }));
`;

test("npm pack, installed into an empty folder, gives a command and a typed library", () => {
  run("npm", ["pack", "--pack-destination", folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${tarball}`], folder);

  const command = join(folder, "node_modules/.bin/tandem");
  assert.match(run(command, ["--version"], folder), /^\d+\.\d+\.\d+\n$/);
  assert.match(run(command, ["run", "minnow", "What is 17 + 25?"], folder), /42/);

  writeFileSync(join(folder, "user.ts"), USER);
  const types = join(root, "node_modules/@types");
  run(
    join(root, "node_modules/.bin/tsc"),
    ["--strict", "--target", "es2023", "--module", "nodenext", "--outDir", "out", "--typeRoots", types, "--types", "node", "user.ts"],
    folder,
  );
  const output = JSON.parse(run(process.execPath, ["out/user.js", join(folder, "node_modules/tandem/models/minnow")], folder));
  assert.match(output.content, /5/);
  assert.deepEqual({ ...output, content: "" }, { content: "", one: 1, dialect: "v4", error: "function" });
});
