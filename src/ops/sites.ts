/** The places where numbers of a model may be rounded. A numerics profile gives a format for each; a model only names them. */

/** Kinds of linear layer, by the role of their input. */
export const LINEAR_KINDS = [
  "attention.q_a",
  "attention.q_b",
  "attention.kv",
  "attention.o_a",
  "attention.o_b",
  "indexer.q_b",
  "indexer.weights",
  "compressor",
  "gate",
  "shared.up",
  "shared.down",
  "experts.up",
  "experts.down",
  "mtp.e",
  "mtp.h",
  "head",
] as const;
export type LinearKind = (typeof LINEAR_KINDS)[number];

/** Named round trips outside linear layers. */
export type RoundingSite = "kv" | "indexer";
