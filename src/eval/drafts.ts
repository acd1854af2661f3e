import type { Engine } from "../engine/index.ts";
import { argmax } from "../engine/sampling.ts";
import { TandemError } from "../errors.ts";
import type { Drafts } from "./report.ts";
import type { Answer, Example } from "./skill.ts";
import { transcript } from "./transcript.ts";

/** Drafts of the multi-token-prediction block beside the next greedy token, over answers the model gave; undefined if it has no such block. */
export async function draftAcceptance(engine: Engine, answered: readonly (readonly [Example, Answer])[]): Promise<Drafts | undefined> {
  const { tokenizer, dialect } = engine.text!;
  let [accepted, drafted] = [0, 0];
  for (const [example, answer] of answered) {
    const written = transcript({ ...example, answer }, dialect);
    const prompt = tokenizer.encodeSegments(written.prompt.segments);
    const tokens = [...prompt, ...tokenizer.encodeSegments(written.answer)];
    if (tokens.length > engine.context) continue;
    const positions = Array.from({ length: tokens.length - prompt.length + 1 }, (_, i) => prompt.length - 1 + i);
    try {
      const { positions: main, mtp = [] } = await engine.logits(tokens, { positions, mtp: true });
      const next = new Map(main.map(({ position, logits }) => [position, argmax(logits)]));
      for (const { position, logits } of mtp) {
        // At p the block knows the token at p + 1 and drafts the one at p + 2, which the model itself chooses at p + 1.
        const chosen = next.get(position + 1);
        if (chosen === undefined || position + 2 >= tokens.length) continue;
        drafted++;
        if (argmax(logits) === chosen) accepted++;
      }
    } catch (error) {
      if (error instanceof TandemError && error.code === "engine/no-mtp") return undefined;
      throw error;
    }
  }
  return { accepted, drafted };
}
