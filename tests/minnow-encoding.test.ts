import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { randomFor, SKILLS } from "../src/eval/index.ts";
import { renderOptions } from "../src/eval/transcript.ts";
import { dialect, type Message } from "../src/text/index.ts";

const folder = fileURLToPath(new URL("../models/minnow/encoding", import.meta.url));
const python = spawnSync("python3", ["--version"]).status === 0;

/** A message as the OpenAI API has it, which is what Python programs hold. */
const openai = ({ role, content, reasoning, toolCalls, toolCallId }: Message) => ({
  role,
  content,
  ...(reasoning !== undefined && { reasoning_content: reasoning }),
  ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
  ...(toolCalls && { tool_calls: toolCalls.map(({ id, name, arguments: given }) => ({ id, function: { name, arguments: given } })) }),
});

test("the encoder that Minnow ships for Python writes what Tandem writes", { skip: !python && "there is no python3 here" }, () => {
  const written = dialect("v4-0731");
  const cases = SKILLS.flatMap((skill) =>
    ([false, "low", "high", "max"] as const).flatMap((thinking) =>
      (["en", "zh"] as const).map((language) => {
        const random = randomFor("encoding", skill.name, language, String(thinking));
        const example = skill.example(random, "test", { language, thinking });
        const earlier = skill.example(random, "test", { language, thinking });
        const messages: Message[] = [
          { role: "system", content: "One." },
          { role: "system", content: "Two." },
          ...earlier.messages,
          { role: "assistant", ...earlier.answer },
          ...example.messages,
        ].slice(thinking === "low" ? 2 : 0) as Message[];
        const { effort, tools, responseFormat } = renderOptions(example, written);
        return {
          expected: written.render(messages, renderOptions(example, written)).text,
          args: {
            messages: messages.map(openai),
            thinking: thinking !== false,
            effort: effort ?? "high",
            tools: tools && JSON.parse(JSON.stringify(tools)),
            response_format: responseFormat,
          },
        };
      }),
    ),
  );
  const program = `import json,sys
sys.path.insert(0, ${JSON.stringify(folder)})
from encoding import encode_messages
print(json.dumps([encode_messages(**case) for case in json.load(sys.stdin)]))`;
  const { stdout, stderr, status } = spawnSync("python3", ["-B", "-c", program], {
    input: JSON.stringify(cases.map(({ args }) => args)),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  assert.equal(status, 0, stderr);
  for (const [i, text] of (JSON.parse(stdout) as string[]).entries()) assert.equal(text, cases[i]!.expected);
});
