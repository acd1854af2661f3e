import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { runCli } from "../../src/cli/cli.ts";
import { COMMANDS } from "../../src/cli/commands/index.ts";
import { cli, spawnCli, Terminal } from "./terminal.ts";

const root = resolve(import.meta.dirname, "../..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

test("help lists every command, version is the package's", async () => {
  const { status, out } = await cli(["--help"]);
  assert.equal(status, 0);
  for (const { name, summary } of COMMANDS) assert.ok(out.includes(`\n  ${name} `) && out.includes(summary), name);
  assert.equal((await cli(["help"])).out, out);
  assert.equal((await cli(["--version"])).out, `${version}\n`);
});

for (const command of COMMANDS) {
  const { name, usage, options } = command;

  test(`${name} --help names its arguments and options`, async () => {
    const { status, out, err } = await cli([name, "--help"]);
    assert.deepEqual([status, err], [0, ""]);
    assert.ok(out.startsWith(`tandem ${name} ${usage} [options]\n`));
    for (const option of [...Object.keys(options), "json", "help"]) assert.ok(out.includes(`--${option}`), option);
    assert.equal((await cli(["help", name])).out, out);
  });

  test(`${name} refuses an unknown option, and says so in JSON if asked`, async () => {
    const plain = await cli([name, "--no-such-option"]);
    assert.deepEqual([plain.status, plain.out], [2, ""]);
    assert.match(plain.err, /^error \[cli\/bad-argument\]: .*no-such-option.*\nnext: /);
    const asked = await cli([name, "--no-such-option", "--json"]);
    assert.equal(asked.status, 2);
    assert.deepEqual(Object.keys(JSON.parse(asked.out).error), ["code", "message", "next"]);
    assert.equal(JSON.parse(asked.out).error.code, "cli/bad-argument");
  });

  if (!usage.startsWith("["))
    test(`${name} needs its first argument`, async () => {
      const { status, err } = await cli([name]);
      assert.equal(status, 2);
      assert.match(err, new RegExp(`${usage.split(" ")[0]!.replace(/[[\]]/g, "\\$&")} is missing`));
    });

  for (const [option, { type, value }] of Object.entries(options))
    if (type === "string" && value === "N")
      test(`${name} --${option} refuses what is no number`, async () => {
        // Whatever must stand before the option is there; whatever it names is never opened.
        const model = usage.startsWith("[") && name !== "chat" ? "hello" : "/nowhere";
        const tokens = name === "logits" ? ["--tokens", "1"] : [];
        const cost = name === "inspect" && option === "batch" ? ["--cost"] : [];
        const { status, err } = await cli([name, model, ...tokens, ...cost, `--${option}`, "many"], "prompt");
        assert.deepEqual([status, /error \[(.*)\]: --(\S*)/.exec(err)?.slice(1)], [2, ["cli/bad-argument", option]]);
      });
}

test("misspelt commands and options are answered with the nearest", async () => {
  assert.match((await cli(["inpsect"])).err, /\[cli\/unknown-command\].*Did you mean "inspect"\?/);
  assert.doesNotMatch((await cli(["frobnicate"])).err, /Did you mean/);
  assert.match((await cli(["run", "minnow", "hi", "--temprature", "1"])).err, /Did you mean --temperature\?/);
  assert.equal((await cli(["frobnicate"])).status, 2);
});

test("arguments that exclude each other, are too many, or lack their partner", async () => {
  const refused: readonly string[][] = [
    ["run", "minnow", "hi", "--thinking", "--no-thinking"],
    ["tokenize", "minnow", "a", "b"],
    ["tokenize", "minnow", "a", "--decode", "1"],
    ["tokenize", "minnow", "--decode", "1,x"],
    ["logits", "minnow"],
    ["logits", "minnow", "--tokens", "1", "--tokens-file", "x"],
    ["logits", "minnow", "--tokens", ""],
    ["inspect", "minnow", "--batch", "2"],
    ["inspect", "minnow", "--headers-only", "sometimes"],
    ["inspect", "minnow", "--cost", "--cache-layout", "fp7"],
    ["chat", "minnow", "--json"],
    ["run", "minnow"],
    ["start"],
    ["--no-such-option"],
  ];
  for (const argv of refused) {
    const { status, err } = await cli(argv);
    assert.deepEqual([status, /\[(.*)\]/.exec(err)?.[1]], [2, "cli/bad-argument"], argv.join(" "));
  }
});

test("a model that is not there", async () => {
  for (const argv of [["inspect"], ["run"], ["chat"], ["tokenize"], ["render"], ["logits", "--tokens", "1"]]) {
    const [name, ...rest] = argv;
    const { status, err } = await cli([name!, "no/where", ...rest], "[]");
    assert.deepEqual([status, /\[(.*)\]/.exec(err)?.[1]], [1, "hub/not-cached"], name);
  }
});

test("colours in a terminal, none under NO_COLOR, in a dumb terminal or in a pipe", async () => {
  const errorOf = async (options: ConstructorParameters<typeof Terminal>[0]) => {
    const terminal = new Terminal(options);
    await runCli(["frobnicate"], terminal);
    await new Promise((r) => setImmediate(r));
    return terminal.err;
  };
  assert.ok((await errorOf({ tty: true })).includes("\u001b["));
  for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) assert.ok(!(await errorOf({ tty: true, env })).includes("\u001b["));
  assert.ok(!(await errorOf({})).includes("\u001b["));
});

test("the program itself: exit status, streams, a reader that leaves early", async () => {
  const wrong = await spawnCli(["frobnicate"]).done;
  assert.equal(wrong.status, 2);
  assert.equal(wrong.out, "");
  assert.match(wrong.err, /^error \[cli\/unknown-command\]/);

  const { child, done } = spawnCli(["logits", "minnow", "--tokens", Array(40).fill(1).join(","), "--full", "--json"]);
  child.stdout.destroy();
  const left = await done;
  assert.deepEqual([left.status, left.err], [0, ""]);
});

test("the launcher works through links, and without node_modules says what to do", () => {
  const folder = mkdtempSync(join(tmpdir(), "tandem-launcher-"));
  try {
    symlinkSync(join(root, "tandem"), join(folder, "first"));
    symlinkSync("first", join(folder, "second"));
    assert.equal(execFileSync(join(folder, "second"), ["--version"], { encoding: "utf8", cwd: folder }), `${version}\n`);
    copyFileSync(join(root, "tandem"), join(folder, "tandem"));
    const bare = spawnSync(join(folder, "tandem"), ["--version"], { encoding: "utf8" });
    assert.equal(bare.status, 1);
    assert.match(bare.stderr, /npm ci/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
