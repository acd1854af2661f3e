import { type Example, LEVELS, type Level, randomFor, type Skill, type Split } from "../../../../src/eval/index.ts";
import type { Message } from "../../../../src/text/index.ts";
import { chineseShare, levelShares, SHORT, SYSTEMS, WEIGHTS } from "./mixture.ts";

export interface DrawOptions {
  readonly seed: number;
  /** Longest prompt of skills with long prompts, in tokens. */
  readonly longest: number;
  readonly tokens: (text: string) => number;
  readonly skills: readonly Skill[];
  /** Default: train. */
  readonly split?: Split;
}

export interface Drawn {
  readonly example: Example;
  readonly language: "en" | "zh";
}

/** The skill of example `index` of the mixture: by weights, the same for the same seed. */
export function drawSkill(
  index: number,
  skills: readonly Skill[],
  seed: number,
  weights: Readonly<Record<string, number>> = WEIGHTS,
): number {
  const shares = skills.map(({ name }) => weights[name] ?? 1);
  let left = randomFor("mixture", seed, index)() * shares.reduce((sum, share) => sum + share, 0);
  const found = shares.findIndex((share) => {
    left -= share;
    return left < 0;
  });
  return found < 0 ? shares.length - 1 : found;
}

/** Example `index` of a skill: language, thinking, earlier turns and a system message as chance has it. */
export function drawExample(skill: Skill, index: number, { seed, longest, tokens, skills, split = "train" }: DrawOptions): Drawn {
  const random = randomFor(split, seed, skill.name, index);
  const language = random() < chineseShare(skill.name) ? "zh" : "en";
  const thinking = drawLevel(random, skill.name);
  const length = drawLength(random, longest);
  const example = skill.example(random, split, { language, thinking, length, tokens });
  const system: Message[] = random() < 0.1 ? [{ role: "system", content: SYSTEMS[Math.floor(random() * SYSTEMS.length)]! }] : [];
  const short = skills.filter(({ name }) => SHORT.includes(name));
  const turns = !skill.long && short.length > 0 && random() < 0.12 ? 1 + Math.floor(random() * 3) : 0;
  const earlier = Array.from({ length: turns }, () => {
    const before = short[Math.floor(random() * short.length)]!.example(random, split, { language, thinking });
    // A slip is learned from nowhere but the last turn, and there it is masked.
    return [...before.messages, { role: "assistant", content: before.answer.content } satisfies Message];
  });
  return { example: { ...example, messages: [...system, ...earlier.flat(), ...example.messages] }, language };
}

function drawLevel(random: () => number, skill: string): false | Level {
  let left = random();
  for (const [i, share] of levelShares(skill).entries()) {
    left -= share;
    if (left < 0) return i === 0 ? false : LEVELS[i - 1]!;
  }
  return "high";
}

/** Tokens of a long prompt: mostly up to 512, where a token of prompt teaches most, and a tail to the longest, alike in every octave. */
function drawLength(random: () => number, longest: number): number {
  const kind = random();
  const [least, most] = kind < 0.66 ? [96, 512] : kind < 0.89 ? [512, 2048] : [2048, longest];
  const [from, to] = [Math.min(least, longest), Math.min(most, longest)];
  return Math.round(from * (to / from) ** random());
}
