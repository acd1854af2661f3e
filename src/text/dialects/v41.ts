import { V41_EFFORTS } from "./efforts.ts";
import { v4Dialect } from "./v4-algorithm.ts";

/** The leading space makes each tag name one token of the vocabulary. */
const TAGS = { block: " calls", invoke: " invoke", parameter: " parameter" } as const;

/** DeepSeek-V4.1-Flash, September 2026, and its 1017 revision. */
export const v41 = v4Dialect({ name: "v4.1", title: "DeepSeek-V4.1", tags: TAGS, efforts: V41_EFFORTS, v41: true });
