import { TandemError } from "../../errors.ts";
import type { DialectName, Message, RenderOptions, Role } from "../types.ts";
import { TASKS } from "./control-tokens.ts";

const ROLES: readonly Role[] = ["system", "developer", "user", "assistant", "tool", "latest_reminder"];

export const badConversation = (reason: string): TandemError => new TandemError("text/bad-conversation", { reason });

/** What is wrong in any dialect. Error `text/bad-conversation`. */
export function checkMessages(messages: readonly Message[]): void {
  if (messages.length === 0) throw badConversation("there are no messages");
  for (const [i, message] of messages.entries()) {
    const { role } = message;
    if (!ROLES.includes(role)) throw badConversation(`message ${i} has the unknown role ${JSON.stringify(role)}`);
    if (message.prefix && (role !== "assistant" || i < messages.length - 1 || message.toolCalls?.length)) {
      throw badConversation("only the last message can be continued, if it is the assistant's and has no tool calls");
    }
    if (message.task !== undefined) {
      if (!Object.hasOwn(TASKS, message.task)) throw badConversation(`there is no task ${JSON.stringify(message.task)}`);
      const next = messages[i + 1];
      if (role !== "user" || (next !== undefined && next.role !== "assistant"))
        throw badConversation("a task belongs to a user message that is the last or is followed by its answer");
    }
    if (role !== "system" && role !== "developer" && (message.tools?.length || message.responseFormat)) {
      throw badConversation("tools and response formats belong to system and developer messages");
    }
  }
}

/** Refuses what the older dialects have no words for. Error `text/not-in-dialect`. */
export function checkOlderDialect(messages: readonly Message[], options: RenderOptions, dialect: DialectName): void {
  const refuse = (what: string): TandemError => new TandemError("text/not-in-dialect", { dialect, what });
  if (options.effort !== undefined) throw refuse("a reasoning effort");
  if (options.thinking && options.dropThinking === false) throw refuse("the reasoning of earlier turns");
  for (const { role, task } of messages) {
    if (role === "latest_reminder") throw refuse("a latest_reminder");
    if (task !== undefined) throw refuse("a task");
  }
}

/** Whether the answer must start inside a tool call. In thinking mode it cannot: the reasoning comes first. Error `text/bad-tool-choice`. */
export function mustCall(messages: readonly Message[], options: RenderOptions, hasTools: boolean): boolean {
  const { toolChoice } = options;
  if (toolChoice === undefined || toolChoice === "auto" || toolChoice === "none") return false;
  const refuse = (reason: string): TandemError => new TandemError("text/bad-tool-choice", { reason });
  if (toolChoice !== "required" && typeof toolChoice !== "object") throw refuse(`there is no choice ${JSON.stringify(toolChoice)}`);
  if (!hasTools) throw refuse("there are no tools");
  if (options.thinking) throw refuse("in thinking mode the answer starts with reasoning, not with a tool call");
  const last = messages.at(-1);
  if (last?.prefix || last?.task !== undefined) throw refuse("the last message already says how the answer starts");
  return true;
}
