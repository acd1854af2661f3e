import type { Message, Segment } from "../types.ts";
import { badConversation } from "./check.ts";
import { contentSegments } from "./content.ts";
import { Prompt } from "./prompt.ts";
import { responseFormatText } from "./response-format.ts";
import type { ShownTool } from "./tools.ts";

/** A part of a user turn: text, an image placeholder, or (with `result`) the result of the tool call of that id. */
interface Block {
  readonly segments: readonly Segment[];
  readonly result?: string;
}

/** Messages as V4 writes them: tool results have become part of user turns, and developers have become system or user. */
export interface Turn {
  readonly role: "system" | "user" | "assistant" | "latest_reminder";
  readonly blocks: Block[];
  /** The message itself, for an assistant turn. */
  readonly message: Message;
  task?: Message["task"];
}

/** How a dialect turns messages into turns. */
export interface TurnRules {
  readonly images: boolean;
  /** V4.1 writes a system message wherever it stands. V4 has no marker for it: leading ones are joined, later ones become user turns. */
  readonly systemAnywhere: boolean;
  /** Appends the Tools instruction to a system text. */
  readonly tools: (prompt: Prompt, tools: readonly ShownTool[]) => void;
  readonly show: (tools: Message["tools"]) => readonly ShownTool[];
  readonly plainTemplate: boolean;
}

/** Index of the first message that is neither system nor developer. */
export const afterLeadingSystems = (messages: readonly Message[]): number => {
  const index = messages.findIndex(({ role }) => role !== "system" && role !== "developer");
  return index < 0 ? messages.length : index;
};

export function toTurns(messages: readonly Message[], rules: TurnRules): Turn[] {
  const leading = afterLeadingSystems(messages);
  const turns: Turn[] = [];
  const push = (role: Turn["role"], block: Block, message: Message): void => {
    const last = turns.at(-1);
    const joins = role === "user" || (role === "system" && !rules.systemAnywhere);
    if (joins && last?.role === role && last.task === undefined) {
      last.blocks.push(block);
      // DeepSeek's encoder forgets the task of a user message that it merges into the turn before; we keep it.
      last.task ??= message.task;
    } else turns.push({ role, blocks: [block], message, task: message.task });
  };
  for (const [i, message] of messages.entries()) {
    const { role } = message;
    if (role === "system" || role === "developer") {
      push(i < leading || rules.systemAnywhere ? "system" : "user", { segments: systemBody(message, rules) }, message);
    } else if (role === "tool") {
      const segments = [{ text: "<tool_result>" }, ...contentSegments(message.content, rules.images), { text: "</tool_result>" }];
      push("user", { segments, result: message.toolCallId ?? "" }, message);
    } else if (role === "user") {
      push("user", { segments: contentSegments(message.content, rules.images) }, message);
    } else push(role, { segments: role === "latest_reminder" ? contentSegments(message.content, rules.images) : [] }, message);
  }
  sortResults(turns);
  return turns;
}

/** Text of a system message with what hangs on it: tools, then the response format. */
function systemBody(message: Message, rules: TurnRules): readonly Segment[] {
  const prompt = new Prompt(rules.plainTemplate).add(contentSegments(message.content, rules.images));
  const tools = rules.show(message.tools);
  if (tools.length > 0) rules.tools(prompt.text("\n\n"), tools);
  const format = responseFormatText(message.responseFormat);
  if (format !== undefined) prompt.text(`\n\n${format}`);
  return prompt.segments();
}

/**
 * Within a user turn, tool results take the order of the calls they answer; other blocks keep their places. A result whose id no call has
 * counts as the first, as in DeepSeek's encoder.
 */
function sortResults(turns: readonly Turn[]): void {
  let order = new Map<string, number>();
  for (const turn of turns) {
    const calls = turn.role === "assistant" ? (turn.message.toolCalls ?? []) : [];
    if (calls.length > 0) order = new Map(calls.flatMap((call, i) => (call.id ? [[call.id, i] as const] : [])));
    if (turn.role !== "user" || order.size === 0) continue;
    const place = (block: Block): number => order.get(block.result!) ?? 0;
    const sorted = turn.blocks.filter((block) => block.result !== undefined).sort((a, b) => place(a) - place(b));
    let next = 0;
    for (const [i, block] of turn.blocks.entries()) if (block.result !== undefined) turn.blocks[i] = sorted[next++]!;
  }
}

/**
 * Puts the request's tools and response format on the system message at index `at`, or on an empty one before all others if `at` is
 * negative; without them the messages stay as they are. Error `text/bad-conversation` if the message has its own already.
 */
export function attachToSystem(
  messages: readonly Message[],
  at: number,
  tools: Message["tools"],
  responseFormat: unknown,
): readonly Message[] {
  if (!tools?.length && responseFormatText(responseFormat) === undefined) return messages;
  const system: Message = messages[at] ?? { role: "system", content: "" };
  if ((tools?.length && system.tools?.length) || (responseFormat && system.responseFormat)) {
    throw badConversation("tools or a response format are given both with the request and with a message");
  }
  const extended: Message = { ...system, ...(tools?.length ? { tools } : {}), ...(responseFormat ? { responseFormat } : {}) };
  return at < 0 ? [extended, ...messages] : messages.with(at, extended);
}
