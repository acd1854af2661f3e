import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { TandemError } from "../errors.ts";
import { parseJson, type ToolDefinition } from "../text/index.ts";
import { type Conversation, conversationFromOpenAI, toolsFromOpenAI } from "../text/openai-messages.ts";
import type { IO } from "./io.ts";

/** A text file, or standard input for `-`. Error `io/failed`. */
export async function readInput(file: string, io: IO): Promise<string> {
  try {
    return file === "-" ? await text(io.stdin) : await readFile(file, "utf8");
  } catch (cause) {
    throw new TandemError("io/failed", { action: `Reading ${file}`, reason: (cause as Error).message }, { cause });
  }
}

/** Messages, perhaps with tools, in OpenAI's JSON. */
export const readConversation = async (file: string, io: IO): Promise<Conversation> =>
  conversationFromOpenAI(parseJson(await readInput(file, io)));

export const readTools = async (file: string | undefined, io: IO): Promise<readonly ToolDefinition[] | undefined> =>
  file === undefined ? undefined : toolsFromOpenAI(parseJson(await readInput(file, io)));

/** A prompt given in words, or else through a pipe. Undefined if there is neither. */
export async function promptFrom(words: readonly string[], io: IO): Promise<string | undefined> {
  if (words.length > 0) return words.join(" ");
  if (io.stdin.isTTY) return undefined;
  // `echo` and editors end a text with a line break that nobody means.
  const piped = (await readInput("-", io)).replace(/\r?\n$/, "");
  return piped.trim() === "" ? undefined : piped;
}
