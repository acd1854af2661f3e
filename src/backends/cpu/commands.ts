/** What a worker can be told to do. The order is the wire format between coordinator and workers, which are always of one build. */
export const COMMANDS = [
  "embed",
  "gather",
  "repeat",
  "add",
  "scale",
  "norm",
  "round",
  "prepare",
  "matmul",
  "rope",
  "hadamard",
  "swiglu",
  "phase",
  "squares",
  "hyper",
  "head",
  "collapse",
  "expand",
  "append",
  "move",
  "pack",
  "packQueries",
  "pool",
  "scores",
  "topK",
  "attend",
  "routeByScore",
  "routeByToken",
  "group",
  "expertGather",
  "expertUp",
  "expertHidden",
  "expertDown",
  "expertSum",
  "transfer",
] as const;
export type CommandName = (typeof COMMANDS)[number];

export const CODE = Object.fromEntries(COMMANDS.map((name, i) => [name, i])) as Readonly<Record<CommandName, number>>;

/** Words before a command's operands: code and barrier flag, bank, slot of its shared counter, words in all. */
export const HEADER = 4;
export const BARRIER = 1 << 16;

/** Words the threads synchronise on, in their own shared buffer. */
export const SYNC = { arrived: 0, generation: 1, failed: 2, resume: 3, asleep: 4, counters: 16 } as const;
/** Commands with a counter in one program. */
export const MAX_COUNTERS = 1 << 16;
