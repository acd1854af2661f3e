/** What a model can do, measured: one generator per skill makes the questions, judges the answers, and makes the data to learn from. */
export { effortsOf } from "./efforts.ts";
export { type EvaluateOptions, evaluate } from "./evaluate.ts";
export type { Drafts, Failure, Form, Report, Row } from "./report.ts";
export { randomFor } from "./seed.ts";
export {
  type Answer,
  type Example,
  type ExampleOptions,
  LANGUAGES,
  type Language,
  LEVELS,
  type Level,
  type Skill,
  type Split,
} from "./skill.ts";
export { SKILLS, skillsNamed } from "./skills/index.ts";
export { renderOptions, type Transcript, transcript } from "./transcript.ts";
