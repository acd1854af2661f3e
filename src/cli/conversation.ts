import type { Message } from "../text/index.ts";
import { type Args, badArgument } from "./args.ts";

/** The message of --system. Refused beside a conversation that has its own. */
export function systemMessage(args: Args, earlier: readonly Message[]): Message[] {
  const text = args.text("system");
  if (text === undefined) return [];
  if (earlier[0]?.role === "system") throw badArgument("The conversation has a system message already: leave out --system.");
  return [{ role: "system", content: text }];
}
