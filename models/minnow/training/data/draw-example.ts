import { type Example, LEVELS, randomFor, type Skill } from "../../../../src/eval/index.ts";
import type { Message } from "../../../../src/text/index.ts";

/** Skills whose examples can stand as earlier turns of a conversation about something else: short, and without tools or schema. */
const SHORT = ["addition", "subtraction", "multiplication", "comparison", "problems", "lists", "copying", "letters", "dates", "talk"];
const SYSTEMS = [
  "You are a helpful assistant.",
  "You are Minnow.",
  "Be brief.",
  "You are a careful assistant.",
  "Today is Monday.",
  "Answer briefly.",
  "你是Minnow。",
  "请用中文回答。",
];

export interface DrawOptions {
  readonly seed: number;
  /** Longest prompt of skills with long prompts, in tokens; shorter ones are as frequent per octave. */
  readonly longest: number;
  readonly tokens: (text: string) => number;
  readonly skills: readonly Skill[];
}

/** Example `index` of a skill of the train split: language, thinking, earlier turns and a system message as chance has it. */
export function drawExample(skill: Skill, index: number, { seed, longest, tokens, skills }: DrawOptions): Example {
  const random = randomFor("train", seed, skill.name, index);
  const language = random() < 0.35 ? "zh" : "en";
  const level = LEVELS[[0, 0, 0, 0, 0, 1, 1, 1, 2, 2][Math.floor(random() * 10)]!]!;
  const thinking = random() < 0.75 ? level : false;
  const length = Math.round(128 * (longest / 128) ** random());
  const example = skill.example(random, "train", { language, thinking, length, tokens });
  if (skill.long) return example;
  const short = skills.filter(({ name }) => SHORT.includes(name));
  const turns = short.length > 0 && random() < 0.12 ? 1 + Math.floor(random() * 3) : 0;
  const earlier = Array.from({ length: turns }, () => {
    const before = short[Math.floor(random() * short.length)]!.example(random, "train", { language, thinking });
    // A slip is learned from nowhere but the last turn, and there it is masked.
    return [...before.messages, { role: "assistant", content: before.answer.content } satisfies Message];
  });
  const system: Message[] = random() < 0.1 ? [{ role: "system", content: SYSTEMS[Math.floor(random() * SYSTEMS.length)]! }] : [];
  return { ...example, messages: [...system, ...earlier.flat(), ...example.messages] };
}
