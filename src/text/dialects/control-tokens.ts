/**
 * Control tokens by spelling. The bars are U+FF5C `｜` and the low blocks U+2581 `▁`, not ASCII; ids differ between model generations,
 * so nothing here has a number.
 */
export const BOS = "<｜begin▁of▁sentence｜>";
export const EOS = "<｜end▁of▁sentence｜>";
export const USER = "<｜User｜>";
export const ASSISTANT = "<｜Assistant｜>";
/** V4.1 only. */
export const SYSTEM = "<｜System｜>";
export const LATEST_REMINDER = "<｜latest_reminder｜>";
export const THINK = "<think>";
export const END_THINK = "</think>";
/** Stands between `<` or `</` and a tag name; the angle brackets are ordinary text. */
export const DSML = "｜DSML｜";
/** V4.1: one per image, replaced by the image's own tokens after tokenisation. */
export const IMAGE = "<｜deepseek_image｜>";

/** Quick-instruction tasks of V4 and V4.1. */
export const TASKS = {
  action: "<｜action｜>",
  query: "<｜query｜>",
  authority: "<｜authority｜>",
  domain: "<｜domain｜>",
  title: "<｜title｜>",
  read_url: "<｜read_url｜>",
} as const;

/** Grounding marks a vision model writes in its answers; recognised again when such an answer comes back as history. */
export const GROUNDING = /<｜\/?(?:ref|box|point|polygon)｜>/g;

/** V3.1's tool markup. */
export const TOOL_CALLS_BEGIN = "<｜tool▁calls▁begin｜>";
export const TOOL_CALLS_END = "<｜tool▁calls▁end｜>";
export const TOOL_CALL_BEGIN = "<｜tool▁call▁begin｜>";
export const TOOL_CALL_END = "<｜tool▁call▁end｜>";
export const TOOL_SEP = "<｜tool▁sep｜>";
export const TOOL_OUTPUT_BEGIN = "<｜tool▁output▁begin｜>";
export const TOOL_OUTPUT_END = "<｜tool▁output▁end｜>";

export const FIM_BEGIN = "<｜fim▁begin｜>";
export const FIM_HOLE = "<｜fim▁hole｜>";
export const FIM_END = "<｜fim▁end｜>";
