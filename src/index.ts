/** Tandem as a library: load a model, converse with it. Formats, checkpoints and text have entries of their own. */

export {
  type AnswerOptions,
  Engine,
  type EngineOptions,
  type FinishReason,
  type LogitsOptions,
  type LogitsResult,
  type SamplingOptions,
  type Session,
  type SessionEvent,
  type Usage,
} from "./engine/index.ts";
export { TandemError } from "./errors.ts";
export type { Message, ToolCall, ToolDefinition } from "./text/index.ts";
