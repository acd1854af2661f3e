/** What `tandem bench` finds. Plain data; GB are 10⁹ bytes, ratios are achieved to possible in the same run. */
export interface BenchReport {
  readonly machine: MachineFacts;
  readonly model: ModelFacts;
  readonly numerics: string;
  /** Of the interpreter. */
  readonly threads: number;
  /** Which compilation of the kernels ran. */
  readonly kernelVariant: "relaxed" | "plain";
  readonly read: ReadRates;
  readonly kernels: readonly KernelRate[];
  readonly prefill: readonly PrefillRate[];
  readonly decode: readonly DecodeRate[];
  /** Measurements asked for and not made. */
  readonly skipped: readonly Skipped[];
  readonly memory: MemoryUse;
  readonly profile?: StepProfile;
}

export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memory: number;
  readonly platform: string;
  readonly node: string;
  /** Of the checkout, with `-dirty` if it has been changed; absent in an installed package. */
  readonly commit?: string;
}

export interface ModelFacts {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly headDim: number;
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly vocabulary: number;
  readonly maxContext: number;
}

/** Reading WebAssembly memory too large for any cache. */
export interface ReadRates {
  readonly bytes: number;
  readonly threads: number;
  /** All threads at once. */
  readonly gbPerSecond: number;
  /** Each thread while the others rest. */
  readonly alone: readonly number[];
  /** All at once to one alone. */
  readonly scaling: number;
}

export interface KernelRate {
  readonly name: string;
  /** Where the weights are. */
  readonly where: "memory" | "cache";
  readonly tokens: number;
  readonly threads: number;
  /** Weights, their scales included. */
  readonly gbPerSecond: number;
  /** 10⁹ multiply-adds per second. */
  readonly gmacPerSecond: number;
  readonly ratio: number;
  /** What it is held against: reading the same bytes, or the largest number of dot products, on the same threads at about the same time. */
  readonly of: "read" | "dot";
}

export interface PrefillRate {
  readonly tokens: number;
  /** Tokens per step. */
  readonly chunk: number;
  readonly tokensPerSecond: number;
}

export interface DecodeRate {
  /** Tokens in the context after the last measured step. */
  readonly context: number;
  readonly steps: number;
  readonly tokensPerSecond: number;
  readonly bytesPerToken: number;
  readonly weightBytes: number;
  readonly cacheBytes: number;
  /** Reading with all threads, measured between the steps. */
  readonly readGbPerSecond: number;
  /** Bytes touched per second to bytes readable per second. */
  readonly ratio: number;
}

export interface Skipped {
  readonly what: "prefill" | "decode";
  readonly tokens: number;
  readonly reason: string;
}

export interface MemoryUse {
  /** Weights as they lie in memory, scales and alignment included. */
  readonly weights: number;
  /** Values of the largest step. */
  readonly arena: number;
  /** Cache of one sequence at the longest context measured, spare room included. */
  readonly cache: number;
  readonly cacheContext: number;
  /** All of the interpreter's WebAssembly memory: these three, other sequences' caches as they came and went, and what alignment wastes. */
  readonly shared: number;
  /** Most the process ever held, less the memory the read measurements took. */
  readonly peak: number;
}

/** Where one decode step's time goes, in milliseconds: means over the fastest quarter of the traced steps. */
export interface StepProfile {
  readonly context: number;
  readonly total: number;
  /** Median of as many steps that were not traced. */
  readonly untraced: number;
  readonly parts: readonly { readonly name: string; readonly ms: number }[];
  /** Longest first. */
  readonly commands: readonly CommandProfile[];
}

export interface CommandProfile {
  readonly name: string;
  readonly detail: string;
  /** In one step. */
  readonly count: number;
  /** Of the thread that worked longest. */
  readonly longest: number;
  /** Of all threads together. */
  readonly worked: number;
  /** Threads' waiting for others before it, together. */
  readonly waited: number;
}
