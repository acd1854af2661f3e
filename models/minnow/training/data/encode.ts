import { type Example, transcript } from "../../../../src/eval/index.ts";
import { ASSISTANT, EOS } from "../../../../src/text/dialects/control-tokens.ts";
import type { Dialect, Tokenizer } from "../../../../src/text/index.ts";

export interface Encoded {
  readonly ids: readonly number[];
  /** 1 where the token is to be learned: the answer with its end, but for slips in the thinking; earlier answers where the example says so. */
  readonly learn: Uint8Array;
}

/** An example as the model will see it, by the code that will show it to the model. */
export function encode(example: Example, dialect: Dialect, tokenizer: Tokenizer): Encoded {
  const { prompt, answer } = transcript(example, dialect);
  const before = tokenizer.encodeSegments(prompt.segments);
  const after = tokenizer.encodeSegments(answer);
  const learn = new Uint8Array(before.length + after.length).fill(1, before.length);
  if (example.earlierToo) markEarlier(before, tokenizer, learn);
  if (example.slips.length > 0) {
    // Slips are ranges of the reasoning, with which the answer begins.
    const byteAt = (at: number) => Buffer.byteLength(example.answer.reasoning!.slice(0, at));
    const slips = example.slips.map(([start, end]) => [byteAt(start), byteAt(end)] as const);
    let at = 0;
    for (const [i, id] of after.entries()) {
      const end = at + tokenizer.bytes(id).length;
      if (slips.some(([from, to]) => at < to && end > from)) learn[before.length + i] = 0;
      at = end;
    }
  }
  return { ids: [...before, ...after], learn };
}

/** Marks what an assistant said in a prompt: all after its header and the token that opens or closes its thinking, with its end. */
function markEarlier(prompt: readonly number[], tokenizer: Tokenizer, learn: Uint8Array): void {
  let from = Number.POSITIVE_INFINITY;
  for (const [i, id] of prompt.entries()) {
    const spelling = tokenizer.controlSpelling(id);
    if (spelling === ASSISTANT) from = i + 2;
    else if (i >= from) learn[i] = 1;
    if (spelling === EOS) from = Number.POSITIVE_INFINITY;
  }
}
