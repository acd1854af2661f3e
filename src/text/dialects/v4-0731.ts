import { V4_0731_EFFORTS } from "./efforts.ts";
import { V4_TAGS } from "./v4.ts";
import { v4Dialect } from "./v4-algorithm.ts";

/** DeepSeek-V4-Flash-0731 and V4-Pro-0813: as the preview, with three efforts. */
export const v4_0731 = v4Dialect({
  name: "v4-0731",
  title: "DeepSeek-V4 (0731, 0813)",
  tags: V4_TAGS,
  efforts: V4_0731_EFFORTS,
  v41: false,
});
