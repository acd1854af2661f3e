import assert from "node:assert/strict";
import { rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openCheckpoint } from "../../src/checkpoint/node.ts";
import { runCli } from "../../src/cli/cli.ts";
import { expectedTensors, supportedConfig } from "../../src/models/index.ts";
import { headerOnlyCheckpoint } from "../fixtures/checkpoint/header-only.ts";
import { MICRO_CONFIG, microCheckpoint } from "../support/micro.ts";
import { officialTensors } from "../support/published.ts";
import { talkerCheckpoint } from "../support/talker.ts";
import { writeTemporary } from "../support/written.ts";
import { cli, json, spawnCli, Terminal } from "./terminal.ts";

/** A random model with a real tokenizer. */
let talker: string;
before(async () => {
  const checkpoint = await talkerCheckpoint();
  talker = await writeTemporary(checkpoint, { "tokenizer.json": (await checkpoint.sideFile("tokenizer.json"))! });
});
after(() => rm(talker, { recursive: true }));

const SHORT = ["--no-thinking", "--seed", "3", "--max-tokens", "12"];

test("an answer on stdout and nothing else there; the same for a prompt from the pipe", async () => {
  const { status, out, err } = await cli(["run", talker, "What", "is", "17 + 25?", ...SHORT]);
  assert.equal(status, 0);
  const answer = await json(["run", talker, ...SHORT], "What is 17 + 25?\n");
  assert.equal(answer.finishReason, "length");
  assert.equal(out, `${answer.content}\n`);
  assert.match(err, /^\(the tokens ran out/);
  assert.deepEqual(Object.keys(answer), [
    "reasoning",
    "content",
    "toolCalls",
    "usage",
    "finishReason",
    "warnings",
    "model",
    "dialect",
    "numerics",
    "seed",
    "seconds",
  ]);
  assert.deepEqual([answer.usage.completionTokens, answer.numerics, answer.dialect, answer.seed], [12, "official", "v4", 3]);
  const { prompt, ids } = await json(["render", talker, "--no-thinking"], '[{"role":"user","content":"What is 17 + 25?"}]');
  assert.equal(answer.usage.promptTokens, ids.length, prompt);
});

test("thinking is a part of its own, shown dimmed on the terminal, never on stdout", async () => {
  const options = ["--seed", "3", "--max-tokens", "12"];
  const answer = await json(["run", talker, "hi", ...options]);
  assert.ok(answer.reasoning.length > 0);
  assert.equal(answer.content, "");
  const terminal = new Terminal({ tty: true });
  assert.equal(await runCli(["run", talker, "hi", ...options], terminal), 0);
  await new Promise((r) => setImmediate(r));
  assert.equal(terminal.out, "");
  assert.ok(terminal.err.startsWith("\u001b[2m"));
  assert.match(terminal.err, /still thinking/);
});

test("the seed that was used is told, and gives the answer again", async () => {
  const first = await json(["run", talker, "hi", "--no-thinking", "--max-tokens", "12"]);
  const again = await json(["run", talker, "hi", "--no-thinking", "--max-tokens", "12", "--seed", String(first.seed)]);
  assert.equal(again.content, first.content);
  const greedy = (seed: string) => json(["run", talker, "hi", "--no-thinking", "--max-tokens", "12", "--temperature", "0", "--seed", seed]);
  assert.equal((await greedy("1")).content, (await greedy("2")).content);
});

test("a conversation from a file, with and without a further prompt and a system message", async () => {
  const file = join(talker, "conversation.json");
  const messages = [
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
    { role: "user", content: "c" },
  ];
  await writeFile(file, JSON.stringify(messages));
  const promptTokens = async (argv: string[], conversation: object[]) => {
    const answer = await json(["run", talker, ...argv, ...SHORT]);
    const { ids } = await json(["render", talker, "--no-thinking"], JSON.stringify(conversation));
    assert.equal(answer.usage.promptTokens, ids.length, argv.join(" "));
  };
  await promptTokens(["--messages", file], messages);
  await promptTokens(["d", "--messages", file], [...messages, { role: "user", content: "d" }]);
  await promptTokens(["--messages", file, "--system", "s"], [{ role: "system", content: "s" }, ...messages]);
});

for (const [what, argv, code] of [
  ["a prompt longer than the context", ["word ".repeat(500)], "engine/prompt-too-long"],
  ["a sampling value out of range", ["hi", "--temperature", "-1e3"], "cli/bad-argument"],
  ["a probability above one", ["hi", "--top-p", "2"], "engine/bad-option"],
  ["an effort the dialect does not have", ["hi", "--effort", "enormous"], "text/unknown-effort"],
  ["a context the model does not have", ["hi", "--context", "401"], "engine/bad-option"],
  ["messages that are not there", ["hi", "--messages", "/nowhere/at/all"], "io/failed"],
] as const)
  test(`run refuses ${what}`, async () => {
    const { status, out } = await cli(["run", talker, ...argv, "--json"]);
    assert.deepEqual([status, JSON.parse(out).error.code], [code.startsWith("cli/") ? 2 : 1, code]);
  });

test("a model without tokenizer cannot answer, and the error names the way that needs none", async () => {
  const micro = await writeTemporary(await microCheckpoint());
  try {
    for (const name of ["run", "chat"]) {
      const { status, err } = await cli([name, micro, ...(name === "run" ? ["hi"] : [])]);
      assert.equal(status, 1);
      assert.match(err, /\[engine\/no-tokenizer\].*\n.*tandem logits/);
    }
  } finally {
    await rm(micro, { recursive: true });
  }
});

test("a model that cannot fit is refused before anything is read, with what it needs and what there is", async () => {
  // A terabyte of weights, in a file that is one hole.
  const config = { ...MICRO_CONFIG, vocab_size: 2 ** 22, hidden_size: 2 ** 16, moe_intermediate_size: 32 };
  const folder = await headerOnlyCheckpoint(officialTensors(expectedTensors(supportedConfig(config))), { config });
  try {
    const { files, close } = await openCheckpoint(folder, { headersOnly: true });
    await close();
    await truncate(join(folder, "model.safetensors"), files[0]!.size);
    const { error } = await json(["logits", folder, "--tokens", "1"]);
    assert.equal(error.code, "plan/does-not-fit");
    assert.match(
      error.message,
      /needs at least 1\.\d\d TB of memory; this machine has [\d.]+ [GT]B\. It is made up of: 1\.\d\d TB weights/,
    );
    const found = await json(["inspect", folder]);
    assert.deepEqual([found.headersOnly, found.memory.fit], [false, "does-not-fit"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("Ctrl-C stops an answer and keeps what there is", async () => {
  const terminal = new Terminal();
  terminal.stdin.push(null);
  const done = runCli(["run", talker, "hi", "--no-thinking", "--seed", "3"], terminal);
  while (terminal.out.length < 5) await new Promise((r) => setTimeout(r, 2));
  terminal.interrupt();
  assert.equal(await done, 130);
  assert.match(terminal.err, /\(stopped\)/);
  assert.ok(terminal.out.endsWith("\n"));
});

test("the model in the box answers: start with words, with a pipe, and by its name", async () => {
  const question = "What is 17 + 25?";
  const { status, out, err } = await spawnCli(["start", question]).done;
  assert.deepEqual([status, err], [0, ""]);
  assert.match(out, /^[^\n]+\n$/);
  for (const argv of [["start"], ["run", "minnow"], ["run", "-"]]) assert.equal((await cli(argv, question)).out, out, argv.join(" "));
});
