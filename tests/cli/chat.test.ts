import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Chat, type ChatEngine } from "../../src/cli/chat/chat.ts";
import { runCli } from "../../src/cli/cli.ts";
import type { AnswerOptions, SessionEvent } from "../../src/engine/index.ts";
import { dialect, type Message } from "../../src/text/index.ts";
import { Terminal } from "./terminal.ts";

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const ENTER = "\r";

/** What the engine was asked, and how it answers: with these pieces, one a tick. */
interface Script {
  readonly asked: { readonly messages: readonly Message[]; readonly options: AnswerOptions }[];
  reasoning: readonly string[];
  content: readonly string[];
  /** Goes on for ever, until it is stopped. */
  endless?: boolean;
}

const script = (reasoning: string[] = ["Let me ", "see."], content: string[] = ["It is ", "42."]): Script => ({
  asked: [],
  reasoning,
  content,
});

function scripted(play: Script): ChatEngine {
  let messages: readonly Message[] = [];
  async function* send(input: unknown, options: AnswerOptions = {}): AsyncGenerator<SessionEvent, void, undefined> {
    messages = [...messages, { role: "user", content: input as string }];
    play.asked.push({ messages, options });
    const thinks = options.thinking !== false;
    const events: SessionEvent[] = [
      { type: "prefill", done: 9, total: 10 },
      ...(thinks ? play.reasoning.map((text) => ({ type: "reasoning", text }) as const) : []),
      ...play.content.map((text) => ({ type: "content", text }) as const),
    ];
    for (let i = 0; (i < events.length || play.endless) && !options.signal?.aborted; i++) {
      await new Promise((r) => setTimeout(r, 1));
      yield events[i] ?? { type: "content", text: "more " };
    }
    const message: Message = { role: "assistant", content: play.content.join(""), ...(thinks && { reasoning: play.reasoning.join("") }) };
    messages = [...messages, message];
    const usage = { promptTokens: 10, cachedTokens: 4, completionTokens: 8, reasoningTokens: thinks ? 5 : 0 };
    yield { type: "finish", reason: options.signal?.aborted ? "cancelled" : "stop", usage, message };
  }
  const session = {
    send,
    reset: (to: readonly Message[] = []) => void (messages = to),
    get messages() {
      return messages;
    },
  };
  const text = { dialect: dialect("v4.1") } as NonNullable<ChatEngine["text"]>;
  return { location: "/models/scripted", numerics: "official", context: 1000, text, session: () => session };
}

/** A chat at a terminal, with what a person does in it. */
async function chatting(
  play: Script,
  act: (terminal: Terminal) => Promise<void>,
  options: { rows?: number; columns?: number } = {},
): Promise<string> {
  const terminal = new Terminal({ tty: true, ...options });
  const talk = new Chat(scripted(play), { title: "scripted" }, terminal).talk();
  await terminal.until("> ");
  await act(terminal);
  await talk;
  await new Promise((r) => setImmediate(r));
  assert.equal(terminal.err, "");
  return terminal.out;
}

async function ask(terminal: Terminal, line: string, answer = "tokens/s"): Promise<void> {
  const from = terminal.out.length;
  terminal.type(line + ENTER);
  await terminal.until(answer, from);
  await terminal.until("> ", terminal.out.indexOf(answer, from));
}

test("an answer with dimmed thinking, the usage, and Ctrl-D", async () => {
  const play = script();
  const out = await chatting(play, async (terminal) => {
    await ask(terminal, "What is 17 + 25?");
    terminal.type(CTRL_D);
  });
  assert.match(out, /scripted · dialect v4\.1 · official numerics · context 1,000/);
  assert.ok(out.includes("\u001b[2mLet me \u001b[22m\u001b[2msee.\u001b[22m\n\nIt is 42.\n"), out);
  assert.match(out, /8 tokens · [\d.]+ tokens\/s · 5 thinking · prompt 10, 4 from cache/);
  assert.deepEqual(play.asked[0]!.messages, [{ role: "user", content: "What is 17 + 25?" }]);
});

test("thinking, effort and system message as the commands set them", async () => {
  const play = script();
  const out = await chatting(play, async (terminal) => {
    await ask(terminal, "/nothink", "not thinking");
    await ask(terminal, "a");
    await ask(terminal, "/think", "thinking");
    await ask(terminal, "/effort 88", "effort 88; the conversation so far will be read again");
    await ask(terminal, "/system Be brief.", "system message set");
    await ask(terminal, "b");
    await ask(terminal, "/reset", "a new conversation");
    await ask(terminal, "c");
    await ask(terminal, "/system", "system message removed");
    await ask(terminal, " /not a command");
    terminal.type(`/quit${ENTER}`);
  });
  assert.deepEqual(
    play.asked.map(({ options }) => [options.thinking, options.effort]),
    [
      [false, undefined],
      [true, 88],
      [true, 88],
      [true, 88],
    ],
  );
  const system = { role: "system", content: "Be brief." };
  assert.deepEqual(play.asked[1]!.messages[0], system);
  assert.deepEqual(
    play.asked[1]!.messages.map(({ role }) => role),
    ["system", "user", "assistant", "user"],
  );
  assert.deepEqual(play.asked[2]!.messages, [system, { role: "user", content: "c" }]);
  assert.equal(play.asked[3]!.messages.at(-1)!.content, " /not a command");
  assert.notEqual(play.asked[3]!.messages[0]!.role, "system");
  assert.ok(!out.includes("error"));
});

test("/fold takes the thinking away when it is over, and shows it again", async () => {
  // Three rows on 20 columns: "12345" repeated is 25 wide, the second line takes one.
  const play = script(["12345".repeat(5), "\nmore"]);
  const out = await chatting(
    play,
    async (terminal) => {
      await ask(terminal, "/fold", "thinking will be folded");
      await ask(terminal, "a");
      await ask(terminal, "/fold", "more");
      await ask(terminal, "a");
      terminal.type(CTRL_D);
    },
    { columns: 20 },
  );
  assert.equal(out.split("\u001b[2A\r\u001b[J").length, 2, "once, three rows up to the first");
  assert.match(out, /▸ thought for [\d.]+ s \(\/fold shows it\)/);
});

test("thinking that has left the screen stays", async () => {
  const play = script(["line\n".repeat(30)]);
  const out = await chatting(
    play,
    async (terminal) => {
      await ask(terminal, "/fold", "thinking will be folded");
      await ask(terminal, "a");
      terminal.type(CTRL_D);
    },
    { rows: 10 },
  );
  assert.ok(!out.includes("thought for"));
});

test("Ctrl-C stops the answer; pressed twice it quits", async () => {
  const play = { ...script(), endless: true };
  const out = await chatting(play, async (terminal) => {
    terminal.type(`a${ENTER}`);
    await terminal.until("more more");
    const from = terminal.out.length;
    terminal.type(CTRL_C);
    await terminal.until("(stopped)", from);
    await terminal.until("> ", terminal.out.indexOf("(stopped)"));
    terminal.type(CTRL_C);
  });
  assert.equal(play.asked.length, 1);
  assert.ok(!out.includes("again quits"), "the second press came within two seconds of the first");
});

test("Ctrl-C without an answer warns first and forgets what was typed", async () => {
  const play = script();
  await chatting(play, async (terminal) => {
    terminal.type(`half a thought${CTRL_C}`);
    await terminal.until("Ctrl-C again quits");
    await ask(terminal, "whole");
    terminal.type(CTRL_C + CTRL_C);
  });
  assert.deepEqual(
    play.asked.map(({ messages }) => messages.at(-1)!.content),
    ["whole"],
  );
});

test("pasted lines are one message, and a backslash continues a line", async () => {
  const play = script();
  await chatting(play, async (terminal) => {
    await ask(terminal, "\u001b[200~one\rtwo\u001b[201~ end");
    terminal.type(`three\\${ENTER}`);
    await ask(terminal, "four");
    terminal.type(CTRL_D);
  });
  assert.deepEqual(
    play.asked.map(({ messages }) => messages.at(-1)!.content),
    ["one\ntwo end", "three\nfour"],
  );
});

test("keys typed during an answer wait for the next prompt", async () => {
  const play = script();
  await chatting(play, async (terminal) => {
    const from = terminal.out.length;
    terminal.type(`a${ENTER}b`);
    await terminal.until("tokens/s", from);
    await ask(terminal, "c");
    terminal.type(CTRL_D);
  });
  assert.deepEqual(
    play.asked.map(({ messages }) => messages.at(-1)!.content),
    ["a", "bc"],
  );
});

test("the model's text cannot drive the terminal", async () => {
  const out = await chatting(script(["\u001b[2J"], ["\u001b]0;title\u0007\u009b2J"]), async (terminal) => {
    await ask(terminal, "a");
    terminal.type(CTRL_D);
  });
  for (const sequence of ["\u001b[2J", "\u001b]", "\u009b"]) assert.ok(!out.includes(sequence));
});

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tandem-chat-"));
});
after(() => rm(folder, { recursive: true }));

test("/save writes the messages, replaces its own file and no other, and chat goes on from it", async () => {
  const [mine, other] = [join(folder, "talk.json"), join(folder, "other.txt")];
  await writeFile(other, "precious");
  const terminal = new Terminal({ tty: true });
  const talk = new Chat(scripted(script()), { title: "scripted", messages: [{ role: "system", content: "s" }] }, terminal).talk();
  await terminal.until("> ");
  await ask(terminal, "a");
  await ask(terminal, `/save ${mine}`, "3 messages in");
  await ask(terminal, "b");
  await ask(terminal, `/save ${mine}`, "5 messages in");
  terminal.type(`/save ${other}${ENTER}/save${ENTER}/hlep${ENTER}/effort 101${ENTER}${CTRL_D}`);
  await talk;
  assert.deepEqual(
    [...terminal.err.matchAll(/\[(cli\/.*?)\]/g)].map(([, code]) => code),
    ["cli/file-exists", ...Array(3).fill("cli/bad-chat-command")],
  );
  assert.match(terminal.err, /Did you mean \/help\?/);
  assert.equal(await readFile(other, "utf8"), "precious");
  const saved = JSON.parse(await readFile(mine, "utf8"));
  assert.deepEqual(saved.slice(0, 3), [
    { role: "system", content: "s" },
    { role: "user", content: "a" },
    { role: "assistant", content: "It is 42.", reasoning_content: "Let me see." },
  ]);
});

test("the model in the box chats through a pipe, a message a line, plainly, and goes on from a saved conversation", async () => {
  const earlier = join(folder, "earlier.json");
  await writeFile(earlier, '[{"role":"user","content":"What is 1 + 2?"},{"role":"assistant","content":"The answer is 3."}]');
  const terminal = new Terminal({ input: `What is 17 + 25?\n/nothink\n\nWhat is 3 + 4?\n/save ${join(folder, "piped.json")}\n` });
  assert.equal(await runCli(["chat", "--messages", earlier], terminal), 0);
  await new Promise((r) => setImmediate(r));
  assert.equal(terminal.err, "");
  assert.ok(!terminal.out.includes("\u001b"));
  assert.match(terminal.out, /^[^\n]+\nnot thinking\n[^\n]+\n6 messages in /);
  const saved = JSON.parse(await readFile(join(folder, "piped.json"), "utf8"));
  assert.deepEqual(
    saved.map(({ role }: { role: string }) => role),
    ["user", "assistant", "user", "assistant", "user", "assistant"],
  );
  assert.ok(saved[3].reasoning_content.length > 0);
  assert.equal(saved[5].reasoning_content, undefined);
});
