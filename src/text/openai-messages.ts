import { TandemError } from "../errors.ts";
import { dumpJson, type Json, type JsonObject } from "./json.ts";
import type { ContentBlock, Message, Role, ToolCall, ToolDefinition } from "./types.ts";

/**
 * Conversations as OpenAI's API and DeepSeek's own encoders write them (`reasoning_content`, `tool_calls`, `tool_call_id`, `wo_eos`), to and
 * from Tandem's messages. Values come from `parseJson`, so that numbers in schemas and arguments keep their digits. A field that no prompt
 * can express is refused, unless it is null or empty. Roles and the order of messages are checked by the dialect that writes them down.
 */
export interface Conversation {
  readonly messages: readonly Message[];
  readonly tools?: readonly ToolDefinition[];
}

/** A list of messages, or an object with `messages` and perhaps `tools`. Errors `text/bad-conversation`, `text/bad-tool`. */
export function conversationFromOpenAI(json: Json): Conversation {
  if (Array.isArray(json)) return { messages: json.map(messageFrom) };
  const request = new Fields(json as Json, "the request");
  const messages = request.list("messages")?.map(messageFrom);
  if (!messages) throw bad("there is neither a list of messages nor an object with `messages`");
  const tools = request.list("tools");
  request.end();
  return { messages, ...(tools && { tools: tools.map(toolFrom) }) };
}

/** A list of tools, each `{type: "function", function: {…}}` or the inner object alone. Error `text/bad-tool`. */
export function toolsFromOpenAI(json: Json): ToolDefinition[] {
  if (!Array.isArray(json)) throw new TandemError("text/bad-tool", { name: "", reason: "the tools are not a list" });
  return json.map(toolFrom);
}

/** The way back, as plain JavaScript values for JSON.stringify. */
export const messageToOpenAI = (message: Message): object => ({
  role: message.role,
  content: message.content ?? null,
  ...(message.reasoning !== undefined && { reasoning_content: message.reasoning }),
  ...(message.toolCalls && { tool_calls: message.toolCalls.map(toolCallToOpenAI) }),
  ...(message.toolCallId !== undefined && { tool_call_id: message.toolCallId }),
});

export const toolCallToOpenAI = ({ id, name, arguments: args }: ToolCall): object => ({
  ...(id !== undefined && { id }),
  type: "function",
  function: { name, arguments: args },
});

function messageFrom(json: Json, i: number): Message {
  const fields = new Fields(json, `message ${i}`);
  const role = fields.string("role");
  if (role === undefined) throw bad(`message ${i} has no role`);
  const content = fields.take("content");
  const reasoning = fields.string("reasoning_content") ?? fields.string("reasoning");
  const toolCalls = fields.list("tool_calls")?.map(toolCallFrom);
  const toolCallId = fields.string("tool_call_id");
  const tools = fields.list("tools")?.map(toolFrom);
  const responseFormat = fields.take("response_format");
  const task = fields.string("task");
  const prefix = fields.boolean("prefix") || fields.boolean("wo_eos");
  // OpenAI's older tool results carry the tool's name beside the call's id; the prompt has the id's place only.
  if (role === "tool") fields.string("name");
  fields.end();
  return {
    role: role as Role,
    ...(content !== undefined && { content: contentFrom(content, i) }),
    ...(reasoning !== undefined && { reasoning }),
    ...(toolCalls && { toolCalls }),
    ...(toolCallId !== undefined && { toolCallId }),
    ...(tools && { tools }),
    ...(responseFormat !== undefined && { responseFormat }),
    ...(task !== undefined && { task: task as NonNullable<Message["task"]> }),
    ...(prefix && { prefix }),
  };
}

function contentFrom(json: Json, i: number): NonNullable<Message["content"]> {
  if (typeof json === "string") return json;
  if (!Array.isArray(json)) throw bad(`the content of message ${i} is neither text nor a list of blocks`);
  return json.map((block): ContentBlock => {
    if (typeof block === "string") return { type: "text", text: block };
    const fields = new Fields(block, `a content block of message ${i}`);
    const type = fields.string("type");
    if (type === undefined) throw bad(`a content block of message ${i} has no type`);
    if (type === "text") return { type, text: fields.string("text") ?? "" };
    if (type === "image_url" || type === "image") return { type: "image", source: fields.take(type) ?? fields.take("source") };
    return { type };
  });
}

function toolCallFrom(json: Json): ToolCall {
  const call = new Fields(json, "a tool call");
  const inner = call.object("function") ?? call;
  const name = inner.string("name");
  if (name === undefined) throw bad("a tool call has no function name");
  const args = inner.take("arguments");
  const id = call.string("id");
  const namespace = inner.string("namespace") ?? call.string("namespace");
  return {
    ...(id !== undefined && { id }),
    name: namespace === undefined ? name : `${namespace}::${name}`,
    arguments: typeof args === "string" ? args : dumpJson(args ?? new Map()),
  };
}

function toolFrom(json: Json): ToolDefinition {
  const fail = (name: string, reason: string) => new TandemError("text/bad-tool", { name, reason });
  const tool = new Fields(json, "a tool");
  const type = tool.string("type");
  if (type !== undefined && type !== "function") throw fail(type, "only tools of type function can be offered");
  const inner = tool.object("function") ?? tool;
  const name = inner.string("name");
  if (name === undefined) throw fail("", "it has no name");
  const description = inner.string("description");
  const parameters = inner.take("parameters");
  const namespace = inner.take("namespace") ?? tool.take("namespace");
  return {
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...(namespace !== undefined && { namespace: namespaceFrom(namespace, name) }),
  };
}

function namespaceFrom(json: Json, tool: string): NonNullable<ToolDefinition["namespace"]> {
  if (typeof json === "string") return json;
  const fields = new Fields(json, `the namespace of ${tool}`);
  const description = fields.string("description");
  return { name: fields.string("name") ?? "", ...(description !== undefined && { description }) };
}

const bad = (reason: string): TandemError => new TandemError("text/bad-conversation", { reason });

/** The fields of an object, each taken once; null counts as absent, as clients send it for what they do not use. */
class Fields {
  readonly #what: string;
  readonly #left: Map<string, Json>;

  constructor(json: Json, what: string) {
    if (!(json instanceof Map)) throw bad(`${what} is not an object`);
    this.#what = what;
    this.#left = new Map(json as JsonObject);
  }

  take(name: string): Json | undefined {
    const value = this.#left.get(name);
    this.#left.delete(name);
    return value ?? undefined;
  }

  string(name: string): string | undefined {
    const value = this.take(name);
    if (value !== undefined && typeof value !== "string") throw bad(`${name} of ${this.#what} is not a string`);
    return value;
  }

  boolean(name: string): boolean {
    const value = this.take(name) ?? false;
    if (typeof value !== "boolean") throw bad(`${name} of ${this.#what} is neither true nor false`);
    return value;
  }

  list(name: string): readonly Json[] | undefined {
    const value = this.take(name);
    if (value !== undefined && !Array.isArray(value)) throw bad(`${name} of ${this.#what} is not a list`);
    return value as readonly Json[] | undefined;
  }

  object(name: string): Fields | undefined {
    const value = this.take(name);
    return value === undefined ? undefined : new Fields(value, `${name} of ${this.#what}`);
  }

  /** What nobody took would be lost silently. */
  end(): void {
    for (const [name, value] of this.#left)
      if (value !== null && !(Array.isArray(value) && value.length === 0))
        throw bad(`${this.#what} has the field ${JSON.stringify(name)}, which no prompt can express`);
  }
}
