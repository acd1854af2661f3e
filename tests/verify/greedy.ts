import type { TextSide } from "../../src/engine/index.ts";
import type { Model } from "../../src/engine/model.ts";
import type { SequenceState } from "../../src/models/index.ts";

/** A prompt rendered for thinking and the model's answer to it, as token ids. */
export interface Conversation {
  readonly tokens: number[];
  /** Tokens of the prompt; the others are the answer, with the token that ends it unless it became too long. */
  readonly prompt: number;
}

/** What the model answers to each prompt, always taking the likeliest token, at most `most` of them. All in one batch. */
export async function greedyConversations(
  model: Model,
  { dialect, tokenizer, stops }: TextSide,
  prompts: readonly string[],
  most = 120,
): Promise<Conversation[]> {
  const conversations = prompts.map((content) => {
    const tokens = tokenizer.encodeSegments(dialect.render([{ role: "user", content }], { thinking: true }).segments);
    return { tokens, prompt: tokens.length, state: model.newSequence() };
  });
  let going = conversations;
  for (let n = 0; n < most && going.length > 0; n++) {
    const inputs = going.map(({ state, tokens }: { state: SequenceState; tokens: number[] }) => {
      const fresh = tokens.slice(state.length);
      return { state, tokens: fresh, logitsAt: [fresh.length - 1] };
    });
    const rows = await model.step(inputs);
    for (const [i, { tokens }] of going.entries()) {
      const [logits] = rows[i]!;
      tokens.push(logits!.indexOf(Math.max(...logits!)));
    }
    going = going.filter(({ tokens }) => !stops.has(tokens.at(-1)!));
  }
  return conversations.map(({ tokens, prompt }) => ({ tokens, prompt }));
}
