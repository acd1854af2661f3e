import type { Segment } from "../types.ts";
import { BOS, FIM_BEGIN, FIM_END, FIM_HOLE } from "./control-tokens.ts";

/**
 * Fill in the middle: the model writes what belongs between `prefix` and `suffix`. The order of the marks is that of DeepSeek-Coder and
 * V2; for V4 it is unconfirmed.
 */
export const renderFim = (prefix: string, suffix: string): readonly Segment[] => [
  { control: BOS },
  { control: FIM_BEGIN },
  { text: prefix },
  { control: FIM_HOLE },
  { text: suffix },
  { control: FIM_END },
];
