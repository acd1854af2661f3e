/** Loads and runs a very small checkpoint under damaged configs. Used by the test with some hundreds, by `bench/fuzz-config.ts` with many. */
import { Engine } from "../../src/engine/index.ts";
import { TandemError } from "../../src/errors.ts";
import { mutate, randomSource } from "../checkpoint/mutate.ts";
import { checkpointFromTensors } from "../support/checkpoint.ts";
import { MICRO_CONFIG, microTensors } from "../support/micro.ts";

const NANO = {
  ...MICRO_CONFIG,
  vocab_size: 8,
  hidden_size: 8,
  num_hidden_layers: 2,
  compress_ratios: [4, 128, 0],
  num_hash_layers: 1,
  head_dim: 8,
  qk_rope_head_dim: 4,
  index_head_dim: 4,
  index_n_heads: 2,
  q_lora_rank: 4,
  o_lora_rank: 4,
  moe_intermediate_size: 4,
  hc_sinkhorn_iters: 2,
};
type Fields = Record<string, unknown>;
const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1,
  3,
  7,
  0.5,
  1e9,
  1e308,
  2 ** 53,
  "yarn",
  "4",
  [],
  {},
  [4, 4, 0],
  [0, 128, 0, 0],
  { type: "yarn" },
];

/** Damage that is still a JSON object: a field lost, doubled, given another's value, or a value of another kind. */
function mutateFields(config: Fields, random: (n: number) => number): Fields {
  const copy: Fields = structuredClone(config);
  for (let times = 1 + random(3); times > 0; times--) {
    const names = Object.keys(copy);
    const name = names[random(names.length)]!;
    const way = random(5);
    if (way === 0) delete copy[name];
    else if (way === 1) copy[name] = copy[names[random(names.length)]!];
    else if (way === 2 && typeof copy[name] === "number") copy[name] = (copy[name] as number) * [2, 0.5, -1, 1e6][random(4)]!;
    else copy[name] = VALUES[random(VALUES.length)];
  }
  return copy;
}

/** Outcomes by code; throws on the first config that does anything but load and run, or fail with a code. */
export async function fuzzConfigs(count: number, seed: number): Promise<Map<string, number>> {
  const random = randomSource(seed);
  const tensors = microTensors(NANO);
  const sound = new TextEncoder().encode(JSON.stringify(NANO));
  const outcomes = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const bytes = random(3) === 0 ? mutate(sound, random) : new TextEncoder().encode(JSON.stringify(mutateFields(NANO, random)));
    let outcome = "ok";
    try {
      const engine = await Engine.load(await checkpointFromTensors({}, tensors, { "config.json": bytes }), { numerics: "float" });
      await engine.logits([1, 2, 3, 4, 5].slice(0, engine.context), { chunk: 3 });
    } catch (error) {
      if (!(error instanceof TandemError) || error.code === "internal")
        throw new Error(`config ${i}: ${new TextDecoder().decode(bytes)}`, { cause: error });
      outcome = error.code;
    }
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}
