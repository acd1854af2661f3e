import { type EvaluateOptions, evaluate, type Failure, LANGUAGES, type Language, SKILLS, skillsNamed } from "../../eval/index.ts";
import { type Args, badArgument } from "../args.ts";
import type { Command } from "../command.ts";
import { defined } from "../defined.ts";
import { failureText, reportTable } from "../eval-text.ts";
import { printJson, printLine } from "../io.ts";
import { LOAD_OPTIONS, loadEngine, MODEL_IN_THE_BOX } from "../models.ts";
import { progressBar } from "../progress.ts";
import { grouped } from "../text.ts";

export const evaluation: Command = {
  name: "eval",
  summary: "Measures what a model can do: questions with known answers, skill by skill",
  usage: "[MODEL]",
  about: [
    `Each skill is asked without thinking and with every effort of the model's dialect, the same questions every time, in English and Chinese by turns, answered greedily. No question, word or wording occurs in what Minnow was trained on. Without MODEL it is minnow.`,
    `Skills: ${SKILLS.map((skill) => skill.name).join(", ")}.`,
    'JSON: {"model","dialect","numerics","interpreter","seed","rows":[{"skill","thinking","right","asked","interval",…}],"drafts"}; drafts are those of the multi-token-prediction block, where the model has one.',
  ],
  options: {
    skills: { type: "string", value: "NAMES", about: "a,b,… (default: all)" },
    count: { type: "string", value: "N", about: "questions per row (default 50)" },
    seed: { type: "string", value: "N", about: "same seed, same questions (default 1)" },
    languages: { type: "string", value: "NAMES", about: "en, zh or both (default: en,zh)" },
    efforts: { type: "string", value: "NAMES", about: "none (no thinking) and efforts of the dialect (default: all)" },
    lengths: { type: "string", value: "LIST", about: "prompt tokens of retrieval: 1024,8192 (default 1024)" },
    "max-tokens": { type: "string", value: "N", about: "most tokens of an answer (default: twice those of the right one, and 64)" },
    parallel: { type: "string", value: "N", about: "answers under way at the same time (default 16)" },
    "show-errors": { type: "string", value: "N", about: "print the first N wrong answers of each row" },
    ...LOAD_OPTIONS,
  },
  examples: [
    "tandem eval --skills addition,subtraction --count 200 --languages en",
    "tandem eval minnow --skills retrieval --lengths 1024,3000 --numerics float --json",
  ],
  async run(args, io) {
    const { positionals } = args;
    const options: EvaluateOptions = defined({
      skills: skillsNamed(names(args, "skills")),
      count: args.integer("count", 1),
      seed: args.integer("seed"),
      languages: languagesFrom(args),
      efforts: names(args, "efforts"),
      lengths: args.integers("lengths"),
      maxTokens: args.integer("max-tokens", 1),
      parallel: args.integer("parallel", 1),
    });
    const shown = args.integer("show-errors") ?? 0;
    const failures: Failure[] = [];
    const engine = await loadEngine(positionals[0] ?? MODEL_IN_THE_BOX, args, io);
    const bar = progressBar(io, "asking", grouped);
    try {
      const report = await evaluate(engine, { ...options, onProgress: bar.update, onFailure: (failure) => void failures.push(failure) });
      bar.end();
      const { location: model, numerics } = engine;
      const interpreter = args.text("interpreter") ?? "cpu";
      const how = { model, dialect: engine.text!.dialect.name, numerics, interpreter, seed: options.seed ?? 1 };
      if (args.flag("json")) await printJson(io, { ...how, ...report, ...(shown > 0 && { failures: firstOfRow(failures, shown) }) });
      else {
        for (const failure of firstOfRow(failures, shown)) await printLine(io, failureText(failure));
        await printLine(io, reportTable(report));
      }
      return 0;
    } finally {
      bar.end();
      await engine.close();
    }
  },
};

/** The first failures of each row. */
function firstOfRow(failures: readonly Failure[], count: number): Failure[] {
  const seen = new Map<string, number>();
  return failures.filter(({ skill, thinking, length }) => {
    const row = `${skill} ${thinking} ${length}`;
    seen.set(row, (seen.get(row) ?? 0) + 1);
    return seen.get(row)! <= count;
  });
}

const names = (args: Args, option: string): string[] | undefined =>
  args
    .text(option)
    ?.split(",")
    .map((name) => name.trim())
    .filter(Boolean);

function languagesFrom(args: Args): Language[] | undefined {
  const given = names(args, "languages");
  const unknown = given?.find((name) => !LANGUAGES.includes(name as Language));
  if (unknown !== undefined) throw badArgument(`--languages takes ${LANGUAGES.join(" and ")}, not ${JSON.stringify(unknown)}.`);
  return given as Language[] | undefined;
}
