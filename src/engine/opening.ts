import type { Message } from "../text/index.ts";
import type { Model } from "./model.ts";
import type { Known } from "./prompt-cache.ts";
import type { TextSide } from "./text-side.ts";

/** Two that differ from their first message on: what both begin with, all begin with. */
const CONVERSATIONS: readonly (readonly Message[])[] = [
  [{ role: "user", content: "a" }],
  [
    { role: "system", content: "b" },
    { role: "user", content: "b" },
  ],
];

/** Fewer tokens than this are not worth keeping a state for. */
const LEAST = 8;

/** The tokens with which every thinking conversation begins: in some dialects the text of its effort, in others hardly anything. */
export function openingTokens({ dialect, tokenizer }: TextSide): number[] {
  const [one, other] = CONVERSATIONS.map((messages) => tokenizer.encodeSegments(dialect.render(messages, { thinking: true }).segments));
  const shared = one!.findIndex((token, i) => token !== other![i]);
  return one!.slice(0, shared < 0 ? one!.length : shared);
}

/** The state after the opening, for sessions to start from; none where the opening is short. */
export async function computeOpening(model: Model, text: TextSide): Promise<Known | undefined> {
  const tokens = openingTokens(text);
  if (tokens.length < LEAST) return undefined;
  const state = model.newSequence();
  await model.step([{ state, tokens, logitsAt: [] }]);
  return { state, tokens };
}
