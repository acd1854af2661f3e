export { Engine, type EngineOptions, INTERPRETERS, type Interpreter } from "./engine.ts";
export type { AnswerOptions, FinishReason, SessionEvent, Usage } from "./events.ts";
export type { LogitsOptions, LogitsResult, PositionLogits } from "./logits.ts";
export type { SamplingOptions } from "./sampling.ts";
export type { Session } from "./session.ts";
export type { TextSide } from "./text-side.ts";
