/**
 * How often each skill's examples come, beside each other: more where learning is hard, and where an example costs few tokens (one of tools
 * is as long as seventeen of letters). `make-data.ts --weights addition=20,talk=1` changes some.
 */
export const WEIGHTS: Readonly<Record<string, number>> = {
  addition: 8,
  subtraction: 8,
  multiplication: 4,
  comparison: 6,
  problems: 7,
  tools: 22,
  retrieval: 20,
  json: 16,
  lists: 7,
  copying: 6,
  reversing: 7,
  letters: 6,
  dates: 6,
  talk: 6,
};

/**
 * Shares of no thinking, `low`, `high`, `max`. A plain request to think means `high` in every dialect of V4 (efforts.ts of src/text), so
 * that has most. What needs no working out is asked without thinking as often; sums that nobody can do in the head seldom are.
 */
const COUNTING = [0.1, 0.25, 0.5, 0.15] as const;
const READING = [0.4, 0.14, 0.36, 0.1] as const;
const OTHERS = [0.25, 0.2, 0.43, 0.12] as const;
export const levelShares = (skill: string): readonly number[] =>
  ["addition", "subtraction", "multiplication", "problems"].includes(skill)
    ? COUNTING
    : ["tools", "retrieval", "json", "copying", "talk"].includes(skill)
      ? READING
      : OTHERS;

/** How many are in Chinese: more where they were learned last. */
export const chineseShare = (skill: string): number => (["tools", "retrieval"].includes(skill) ? 0.42 : 0.3);

/** Skills whose examples can stand as earlier turns of a conversation about something else: short, and without tools or schema. */
export const SHORT = [
  "addition",
  "subtraction",
  "multiplication",
  "comparison",
  "problems",
  "lists",
  "copying",
  "letters",
  "dates",
  "talk",
];
export const SYSTEMS = [
  "You are a helpful assistant.",
  "You are Minnow.",
  "Be brief.",
  "You are a careful assistant.",
  "Today is Monday.",
  "Answer briefly.",
  "You are a helpful AI assistant that can call tools.",
  "Answer the user's question.",
  "Be kind and exact.",
  "You help people with numbers, lists and texts.",
  "The user is called Anna.",
  "Think before you answer.",
  "You work for a small company. Help its customers.",
  "你是Minnow。",
  "请用中文回答。",
  "你是一个好老师。",
];
