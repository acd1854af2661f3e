import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { TandemError } from "../../src/errors.ts";
import { type DialectName, dialect, type Message, type RenderOptions, type ToolDefinition } from "../../src/text/index.ts";

interface Case {
  readonly name: string;
  readonly conversation: string;
  readonly thinking: boolean;
  readonly tools: boolean;
  readonly effort?: string | number;
  readonly dropThinking?: boolean;
  readonly toolChoice?: RenderOptions["toolChoice"];
  readonly oracles: Readonly<Record<string, { readonly text: string; readonly controls?: string }>>;
}
interface Fixture {
  readonly tools: readonly ToolDefinition[];
  readonly constants: Readonly<Record<string, string>>;
  readonly conversations: Readonly<Record<string, readonly Message[]>>;
  readonly cases: readonly Case[];
}
const fixture: Fixture = JSON.parse(readFileSync(new URL("../fixtures/text/prompts.json", import.meta.url), "utf8"));

/**
 * Where we differ on purpose from deepseek-recipe 0.2.0 or from DeepSeek's encoders, and why. Everything else in the matrix is equal to
 * the byte, and for the recipe also in which pieces are control tokens.
 */
const DIFFERENCES: readonly { readonly oracle: RegExp; readonly name: RegExp; readonly why: string }[] = [
  {
    oracle: /./,
    name: /^number-lexemes$/,
    why: "numbers keep the lexeme the model wrote; the encoders and the recipe re-format them, the recipe losing digits",
  },
  {
    oracle: /^recipe/,
    name: /^arguments-encoded-twice$/,
    why: "arguments encoded twice are unwrapped, as DeepSeek's V4.1 encoder does; the recipe passes them on whole",
  },
  {
    oracle: /^recipe v4-/,
    name: /^(no-arguments|two-results|results-out-of-order)$/,
    why: "a call without arguments has an empty line, as in the encoder; the recipe's V4 has none",
  },
  {
    oracle: /^recipe v4-/,
    name: /^format-object$/,
    why: 'the encoder\'s wording with the schema {"type": "json_object"}; the recipe\'s V4 has another sentence',
  },
  { oracle: /^recipe v4-/, name: /^effort-xhigh$/, why: "V4's encoder does not know xhigh; the recipe takes it for high" },
  {
    oracle: /^recipe v4-/,
    name: /^(history|white-space|empty|unicode|loop|loop-done|argument.*|duplicate-keys|forged|assistants|assistant-last|prefix-after-reasoning|prefix-reasoning)$/,
    why: "without thinking no reasoning is shown, as in the encoder; the recipe's V4 shows it with tools or a prefix",
  },
  {
    oracle: /^recipe v4-/,
    name: /^(history-without-reasoning|loop-without-reasoning|grounding|users|reminder-before-user|assistant-first|prefix)$/,
    why: "kept but missing reasoning is <think></think>, as in the encoder; the recipe's V4 writes </think>",
  },
  {
    oracle: /^recipe v4-/,
    name: /^middle-system/,
    why: "a later system message stands as a user turn where it was said; the recipe's renderer moves it to the front",
  },
  { oracle: /^encoder v(3\.2|4-)/, name: /^middle-system/, why: "the encoder writes a later system message bare, without any marker" },
  {
    oracle: /^encoder v(3\.2|4-)/,
    name: /^two-systems$/,
    why: "leading system messages are joined by an empty line, as in the recipe; the encoder joins them without",
  },
  {
    oracle: /^recipe/,
    name: /^reminder-after-user$/,
    why: "as in the encoder, the header comes before a reminder that follows the user; in the recipe after it",
  },
  {
    oracle: /^encoder/,
    name: /^(assistants|assistant-first|assistant-last)$/,
    why: "every answer has a header, as in the recipe; the encoder writes it only after a user turn",
  },
  {
    oracle: /^recipe/,
    name: /^assistant-last$/,
    why: "a finished last answer keeps its reasoning, as in the encoder; the recipe drops it",
  },
  {
    oracle: /^encoder v4/,
    name: /^prefix-reasoning$/,
    why: "reasoning to be continued stays open, as in the recipe; the encoder closes it",
  },
  {
    oracle: /^encoder v3\.2/,
    name: /-keep$/,
    why: "asking V3.2 to keep reasoning is refused; its encoder never shows that of earlier turns",
  },
];

const abbreviate = (text: string): string =>
  Object.entries(fixture.constants).reduce((short, [name, long]) => short.replaceAll(long, name), text);

function ours(
  { conversation, thinking, tools, effort, dropThinking, toolChoice }: Case,
  name: DialectName,
): { text: string; controls: string } {
  const options: RenderOptions = {
    thinking,
    ...(tools ? { tools: fixture.tools } : {}),
    ...(effort !== undefined ? { effort } : {}),
    ...(dropThinking !== undefined ? { dropThinking } : {}),
    ...(toolChoice !== undefined ? { toolChoice } : {}),
  };
  try {
    const { text, segments } = dialect(name).render(fixture.conversations[conversation]!, options);
    return { text: abbreviate(text), controls: segments.flatMap((segment) => ("control" in segment ? [segment.control] : [])).join(" ") };
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    return { text: error.code, controls: "" };
  }
}

test("prompts equal those of deepseek-recipe and of DeepSeek's encoders, except where listed", (t) => {
  const met = new Set<string>();
  let [equal, different] = [0, 0];
  for (const row of fixture.cases) {
    for (const [oracle, expected] of Object.entries(row.oracles)) {
      const actual = ours(row, oracle.split(" ")[1] as DialectName);
      if (actual.text === expected.text && (expected.controls === undefined || actual.controls === expected.controls)) {
        equal++;
        continue;
      }
      const listed = DIFFERENCES.filter((difference) => difference.oracle.test(oracle) && difference.name.test(row.name));
      if (listed.length === 0)
        assert.deepEqual(
          actual,
          { controls: actual.controls, ...expected },
          `${oracle}, ${row.name}, thinking ${row.thinking}, tools ${row.tools}`,
        );
      different++;
      for (const { why } of listed) met.add(why);
    }
  }
  t.diagnostic(`${equal} prompts are equal, ${different} differ for one of ${DIFFERENCES.length} listed reasons`);
  assert.ok(equal >= 590, `${equal} prompts are equal`);
  assert.deepEqual(
    DIFFERENCES.filter(({ why }) => !met.has(why)),
    [],
    "every listed difference occurs",
  );
});

test("V4.1 differs from its encoder only in listed cases", () => {
  const differing = new Set(
    fixture.cases
      .filter((row) => row.oracles["encoder v4.1"] && ours(row, "v4.1").text !== row.oracles["encoder v4.1"].text)
      .map(({ name }) => name),
  );
  assert.deepEqual([...differing].sort(), ["assistant-first", "assistant-last", "assistants", "number-lexemes", "prefix-reasoning"]);
});
