/** Everything the parser may report as repaired or dropped. The names are stable; clients may log them, tests assert them. */
export const PARSER_WARNINGS = {
  // repaired
  "think-end-missing": "A tool block came before </think>; thinking was closed in front of it.",
  "think-end-stray": "A </think> outside thinking was removed.",
  "wrapper-missing": "A call stood outside any tool block and was accepted because it names a known tool.",
  "tag-repaired": "A call was written with mistyped tags or those of another dialect.",
  "unknown-tool": "A well-formed call names a tool that was not offered.",
  "call-unclosed": "A call ended with its block instead of its own closing tag.",
  "parameter-unclosed": "A parameter ended with its call instead of its own closing tag.",
  "json-body": "A call carried one JSON object instead of parameters.",
  "arguments-unwrapped": "The arguments were wrapped in an extra object or string.",
  "argument-coerced": "A value was given the type the tool declares, or kept as a string, against its `string` attribute.",
  // dropped
  "parameter-duplicate": "A parameter came twice in one call; the first value was kept.",
  "call-incomplete": "A call was cut off and dropped.",
  "call-malformed": "A call could not be understood and was dropped.",
  "arguments-invalid": "The arguments of a call were not a JSON object and the call was dropped.",
  "block-empty": "A tool block without any call was dropped.",
  "block-unclosed": "The output ended inside a tool block, between calls.",
  "text-in-block": "Text between calls was dropped.",
  "text-after-block": "Text after the tool block was dropped.",
} as const;

export type ParserWarning = keyof typeof PARSER_WARNINGS;
