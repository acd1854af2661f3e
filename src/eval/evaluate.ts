import type { Engine, Session, SessionEvent } from "../engine/index.ts";
import { TandemError } from "../errors.ts";
import { draftAcceptance } from "./drafts.ts";
import { effortsOf } from "./efforts.ts";
import type { Failure, Form, Report, Row } from "./report.ts";
import { wilson } from "./score.ts";
import { randomFor } from "./seed.ts";
import { type Answer, type Example, LANGUAGES, type Language, type Skill } from "./skill.ts";
import { SKILLS } from "./skills/index.ts";
import { renderOptions, transcript } from "./transcript.ts";

export interface EvaluateOptions {
  /** Default: all. */
  readonly skills?: readonly Skill[];
  /** Questions per row, in the languages by turns. Default 50. */
  readonly count?: number;
  readonly seed?: number;
  readonly languages?: readonly Language[];
  /** `none` for no thinking, and names of the dialect's efforts. Default: all there are. */
  readonly efforts?: readonly string[];
  /** Prompt tokens of skills with long prompts, a row each. Default 1024, at most half the context. */
  readonly lengths?: readonly number[];
  /** Tokens an answer may have. Default: twice those of the right answer and 64 more, so that a model that runs on costs little. */
  readonly maxTokens?: number;
  /** Sessions that answer at the same time. Default 16. */
  readonly parallel?: number;
  /** Questions answered, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly onFailure?: (failure: Failure) => void;
}

/** Answers per row that drafts are counted on, and the longest of them: one forward pass each. */
const DRAFTED_ANSWERS = 4;
const DRAFTED_TOKENS = 2048;

interface Question {
  readonly example: Example;
  readonly language: Language;
}

interface Asked extends Question {
  readonly given: Answer;
  readonly tokens: number;
  /** Nothing if right. */
  readonly why: string | undefined;
}

/**
 * Asks a model the test split of the skills, greedily, many sessions at a time.
 * Errors `engine/no-tokenizer`, `engine/bad-option` (a length beyond the context, an effort the dialect lacks), and those of answering.
 */
export async function evaluate(engine: Engine, options: EvaluateOptions = {}): Promise<Report> {
  if (!engine.text) throw new TandemError("engine/no-tokenizer", { location: engine.location });
  const { count = 50, parallel = 16 } = options;
  const forms = formsOf(engine, options);
  const sessions = Array.from({ length: Math.min(parallel, count) }, () => engine.session());
  const rows: Row[] = [];
  const draftable: (readonly [Example, Answer])[] = [];
  for (const [done, { skill, form }] of forms.entries()) {
    const started = performance.now();
    const asked: Asked[] = [];
    let answered = 0;
    const waiting = examples(engine, skill, form, options);
    const work = async (session: Session) => {
      for (let next = waiting.next(); !next.done; next = waiting.next()) {
        const { index, ...question } = next.value;
        const result = await ask(session, engine, question, options.maxTokens);
        // Whoever is done first, the report is in the order of the questions.
        asked[index] = result;
        answered++;
        if (result.why !== undefined) options.onFailure?.({ ...form, example: result.example, given: result.given, why: result.why });
        options.onProgress?.(done * count + answered, forms.length * count);
      }
    };
    await Promise.all(sessions.map(work));
    rows.push(summarise(form, asked, (performance.now() - started) / 1000));
    if ((form.length ?? 0) <= DRAFTED_TOKENS)
      for (const { example, given } of asked.slice(0, DRAFTED_ANSWERS)) draftable.push([example, given]);
  }
  const drafts = await draftAcceptance(engine, draftable);
  return { rows, ...(drafts && { drafts }) };
}

/** Every skill without thinking and with each effort, long ones at each length. */
function formsOf(engine: Engine, { skills = SKILLS, efforts, lengths }: EvaluateOptions): { skill: Skill; form: Form }[] {
  const { dialect } = engine.text!;
  const all = effortsOf(dialect).map(({ level, effort }) => ({ thinking: level, ...(effort && { effort }) }));
  const known = ["none", ...all.map(({ effort, thinking }) => effort ?? thinking)];
  for (const effort of efforts ?? [])
    if (!known.includes(effort))
      throw new TandemError("engine/bad-option", { option: "efforts", value: effort, expected: known.join(", ") });
  const wanted = [{ thinking: false as const }, ...all].filter((_, i) => efforts?.includes(known[i]!) ?? true);
  for (const length of lengths ?? [])
    if (!(length >= 64 && length < engine.context))
      throw new TandemError("engine/bad-option", { option: "lengths", value: length, expected: `64 to ${engine.context - 1}` });
  const long = lengths ?? [Math.min(1024, Math.floor(engine.context / 2))];
  return skills.flatMap((skill) =>
    (skill.long ? long.map((length) => ({ length })) : [{}]).flatMap((size) =>
      wanted.map((form) => ({ skill, form: { skill: skill.name, ...form, ...size } })),
    ),
  );
}

/** The questions of a row; with and without thinking they are the same. */
function* examples(engine: Engine, skill: Skill, form: Form, options: EvaluateOptions): Generator<Question & { index: number }> {
  const { count = 50, seed = 1, languages = LANGUAGES } = options;
  const tokens = (text: string) => engine.text!.tokenizer.encode(text).length;
  for (let i = 0; i < count; i++) {
    const language = languages[i % languages.length]!;
    const random = randomFor("test", seed, skill.name, language, i);
    yield { index: i, language, example: skill.example(random, "test", { ...form, language, tokens }) };
  }
}

async function ask(session: Session, engine: Engine, { example, language }: Question, maxTokens: number | undefined): Promise<Asked> {
  const { dialect, tokenizer } = engine.text!;
  const limit = maxTokens ?? 2 * tokenizer.encodeSegments(transcript(example, dialect).answer).length + 64;
  // A session that is used again keeps its memory; a new one would ask for more.
  session.reset();
  let finish: Extract<SessionEvent, { type: "finish" }> | undefined;
  try {
    for await (const event of session.send(example.messages, { ...renderOptions(example, dialect), temperature: 0, maxTokens: limit }))
      if (event.type === "finish") finish = event;
  } catch (error) {
    // A question that the context does not hold is one that cannot be answered.
    if (!(error instanceof TandemError && error.code === "engine/prompt-too-long")) throw error;
  }
  if (!finish) return { example, language, given: { content: "" }, tokens: 0, why: "prompt too long" };
  const { message, reason, usage } = finish;
  const given: Answer = {
    content: message.content as string,
    ...(message.reasoning !== undefined && { reasoning: message.reasoning }),
    ...(message.toolCalls && { toolCalls: message.toolCalls }),
  };
  const { right, why = "wrong" } = reason === "length" ? { right: false, why: "did not end" } : example.check(given);
  return { example, language, given, tokens: usage.completionTokens, why: right ? undefined : why };
}

function summarise(form: Form, asked: readonly Asked[], seconds: number): Row {
  const right = asked.filter(({ why }) => why === undefined);
  const tokens = asked.reduce((sum, a) => sum + a.tokens, 0);
  const wrong: Record<string, number> = {};
  for (const { why } of asked) if (why !== undefined) wrong[why] = (wrong[why] ?? 0) + 1;
  const inLanguage = (list: readonly Asked[], language: Language) => list.filter((a) => a.language === language).length;
  const languages = LANGUAGES.filter((language) => inLanguage(asked, language) > 0);
  return {
    ...form,
    right: right.length,
    asked: asked.length,
    interval: wilson(right.length, asked.length),
    languages: Object.fromEntries(languages.map((l) => [l, [inLanguage(right, l), inLanguage(asked, l)] as const])),
    tokensPerAnswer: tokens / asked.length,
    tokensPerSecond: tokens / seconds,
    wrong,
  };
}
