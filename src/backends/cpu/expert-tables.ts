import type { MatrixLayout } from "./layout.ts";

/**
 * Where routed experts lie. An expert is known by one number throughout the model; a slot holds one expert's three matrices and their scales.
 * Resident or streamed, workers read these tables and nothing else; the coordinator alone writes them, while no thread computes with them.
 */
export interface ExpertTables {
  /** Slot of each expert, -1 if it is not in memory. */
  readonly slotOf: Int32Array;
  readonly bankOf: Int32Array;
  /** Address of each slot. */
  readonly at: Uint32Array;
  /** Kind of each expert. */
  readonly kindOf: Int32Array;
  readonly kinds: readonly ExpertKind[];
  /** There are fewer slots than experts. */
  readonly streamed: boolean;
  /** Threads holding each slot; below zero: the coordinator is changing it. */
  readonly pins: Int32Array;
}

/** Experts of one shape and format lie alike in their slots. */
export interface ExpertKind {
  readonly w1: MatrixLayout;
  readonly w2: MatrixLayout;
  readonly w3: MatrixLayout;
  /** Offsets in a slot. */
  readonly offsets: Readonly<Record<"w1" | "w2" | "w3", { readonly data: number; readonly scale: number }>>;
  readonly bytes: number;
}
