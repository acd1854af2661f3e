import { V4_PREVIEW_EFFORTS } from "./efforts.ts";
import { v4Dialect } from "./v4-algorithm.ts";

export const V4_TAGS = { block: "tool_calls", invoke: "invoke", parameter: "parameter" } as const;

/** DeepSeek-V4 preview, April 2026. */
export const v4 = v4Dialect({ name: "v4", title: "DeepSeek-V4 (preview)", tags: V4_TAGS, efforts: V4_PREVIEW_EFFORTS, v41: false });
