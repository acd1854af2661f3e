import { TandemError } from "../../errors.ts";
import type { Skill } from "../skill.ts";
import { addition } from "./addition.ts";
import { comparison } from "./comparison.ts";
import { copying } from "./copying.ts";
import { dates } from "./dates.ts";
import { json } from "./json.ts";
import { letters } from "./letters.ts";
import { lists } from "./lists.ts";
import { multiplication } from "./multiplication.ts";
import { problems } from "./problems.ts";
import { retrieval } from "./retrieval.ts";
import { reversing } from "./reversing.ts";
import { subtraction } from "./subtraction.ts";
import { talk } from "./talk.ts";
import { tools } from "./tools.ts";

/** All skills, in the order in which they are reported. */
export const SKILLS: readonly Skill[] = [
  addition,
  subtraction,
  multiplication,
  comparison,
  problems,
  tools,
  retrieval,
  json,
  lists,
  copying,
  reversing,
  letters,
  dates,
  talk,
];

/** Skills by name; all of them without names. Error `eval/unknown-skill`. */
export function skillsNamed(names?: readonly string[]): readonly Skill[] {
  return (
    names?.map((name) => {
      const skill = SKILLS.find((s) => s.name === name);
      if (!skill) throw new TandemError("eval/unknown-skill", { name, known: SKILLS.map((s) => s.name).join(", ") });
      return skill;
    }) ?? SKILLS
  );
}
