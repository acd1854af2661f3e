/**
 * Writes examples of the skills as token ids with a loss mask, of the train split unless `--split test` (for the curves of a run):
 *
 *     node make-data.ts FOLDER --tokenizer FILE [--count 100000] [--skills a,b] [--weights a=2,b=5] [--seed 1] [--dialect v4-0731]
 *         [--longest 15872] [--split train]
 *
 * `--count` is of all examples; which skill comes how often: mixture.ts. Rendered and tokenised by the same code that serves the model, so that format and truth are those of
 * `tandem eval`. A shard is five files: NAME.ids (uint16), NAME.learn (uint8, 1 where the loss counts), NAME.index (uint32: first token,
 * number of tokens, number of the skill in data.json), NAME.kind (uint8 of each example: 0 no thinking, 1 low, 2 high, 3 max; 4 more in
 * Chinese) and its line in data.json, which is written last; shards listed there are not made
 * again, so a stopped run goes on where it was. All numbers are little-endian. read_shards.py reads them.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LEVELS, type Split, skillsNamed } from "../../../../src/eval/index.ts";
import { type DialectName, dialect, loadTokenizer } from "../../../../src/text/index.ts";
import { drawExample, drawSkill } from "./draw-example.ts";
import { encode } from "./encode.ts";
import { WEIGHTS } from "./mixture.ts";

/** Examples in a shard: with all skills about three megabytes of ids. */
const PER_SHARD = 4000;

const { positionals, values: args } = parseArgs({
  allowPositionals: true,
  options: {
    tokenizer: { type: "string" },
    count: { type: "string", default: "100000" },
    skills: { type: "string" },
    weights: { type: "string" },
    seed: { type: "string", default: "1" },
    dialect: { type: "string", default: "v4-0731" },
    longest: { type: "string", default: "15872" },
    split: { type: "string", default: "train" },
  },
});
const [folder] = positionals;
if (!folder || !args.tokenizer) throw new Error("usage: node make-data.ts FOLDER --tokenizer FILE [options]");

const file = readFileSync(args.tokenizer);
const tokenizer = loadTokenizer(file);
if (tokenizer.size > 2 ** 16) throw new Error("the ids of this tokenizer do not fit in 16 bits");
const shown = dialect(args.dialect as DialectName);
const skills = skillsNamed(args.skills?.split(","));
const [count, seed, longest] = [Number(args.count), Number(args.seed), Number(args.longest)];
if (args.split !== "train" && args.split !== "test") throw new Error("--split: train or test");
const split: Split = args.split;
const weights: Record<string, number> = { ...WEIGHTS };
for (const pair of args.weights?.split(",") ?? []) {
  const [name, weight] = [pair.split("=")[0]!, Number(pair.split("=")[1])];
  if (!Object.hasOwn(WEIGHTS, name) || !(weight >= 0)) throw new Error(`--weights ${pair}: a skill, =, and a number from 0 on`);
  weights[name] = weight;
}
const settings = {
  skills: skills.map(({ name }) => name),
  weights: skills.map(({ name }) => weights[name] ?? 1),
  seed,
  dialect: shown.name,
  longest,
  split,
  perShard: PER_SHARD,
  vocabulary: tokenizer.size,
  tokenizer: createHash("sha256").update(file).digest("hex"),
};

interface Shard {
  readonly name: string;
  readonly examples: number;
  readonly tokens: number;
}
const manifest = join(folder, "data.json");
mkdirSync(folder, { recursive: true });
const shards: Shard[] = [];
if (existsSync(manifest)) {
  const { shards: made, ...was } = JSON.parse(readFileSync(manifest, "utf8"));
  if (JSON.stringify(was) !== JSON.stringify(settings)) throw new Error(`${manifest} was made with other settings; name another folder`);
  shards.push(...made);
}

/** Words repeat in long prompts; what a line costs is asked for every line. */
const lengths = new Map<string, number>();
const tokens = (text: string): number => {
  let n = lengths.get(text);
  if (n === undefined) lengths.set(text, (n = tokenizer.encode(text).length));
  return n;
};

for (let number = shards.length; number * PER_SHARD < count; number++) {
  const started = performance.now();
  const shard = makeShard(number);
  const name = `shard-${String(number).padStart(5, "0")}`;
  for (const [kind, bytes] of Object.entries(shard.files)) writeFileSync(join(folder, `${name}.${kind}`), bytes);
  shards.push({ name, examples: shard.examples, tokens: shard.tokens });
  writeFileSync(`${manifest}.tmp`, `${JSON.stringify({ ...settings, shards }, null, 1)}\n`);
  renameSync(`${manifest}.tmp`, manifest);
  const seconds = (performance.now() - started) / 1000;
  console.log(`${name}: ${shard.examples} examples, ${shard.tokens} tokens, ${Math.round(shard.tokens / seconds)} tokens/s`);
}

function makeShard(number: number) {
  let ids = new Uint16Array(2 ** 20);
  let learn = new Uint8Array(2 ** 20);
  const index: number[] = [];
  const kinds: number[] = [];
  let used = 0;
  for (let i = number * PER_SHARD; i < Math.min((number + 1) * PER_SHARD, count); i++) {
    if (lengths.size > 50_000) lengths.clear();
    const k = drawSkill(i, skills, seed, weights);
    const { example, language } = drawExample(skills[k]!, i, { seed, longest, tokens, skills, split });
    const encoded = encode(example, shown, tokenizer);
    const size = encoded.ids.length;
    if (used + size > ids.length) {
      const [moreIds, moreLearn] = [new Uint16Array(2 * (used + size)), new Uint8Array(2 * (used + size))];
      moreIds.set(ids);
      moreLearn.set(learn);
      [ids, learn] = [moreIds, moreLearn];
    }
    ids.set(encoded.ids, used);
    learn.set(encoded.learn, used);
    index.push(used, size, k);
    kinds.push((example.thinking ? 1 + LEVELS.indexOf(example.thinking) : 0) + (language === "zh" ? 4 : 0));
    used += size;
  }
  const files = {
    ids: ids.subarray(0, used),
    learn: learn.subarray(0, used),
    index: Uint32Array.from(index),
    kind: Uint8Array.from(kinds),
  };
  return { files, examples: index.length / 3, tokens: used };
}
