/** Opens damaged checkpoints and says what became of them. Used by the tests with a few thousand, by `bench/fuzz-checkpoint.ts` with many. */
import { type ByteSource, checkpointFromSources, encodeHeader, memorySource, type TensorSpec } from "../../src/checkpoint/index.ts";
import { TandemError } from "../../src/errors.ts";
import { mutate, randomSource } from "./mutate.ts";

const SPECS: readonly (TensorSpec & { readonly shard: number })[] = [
  { name: "embed.weight", type: "BF16", shape: [16, 8], shard: 1 },
  { name: "layers.0.attn.wkv.weight", type: "E4M3", shape: [8, 16], shard: 2 },
  { name: "layers.0.attn.wkv.scale", type: "E8M0", shape: [1, 1], shard: 2 },
  { name: "layers.0.ffn.experts.0.w1.weight", type: "INT8", shape: [8, 8], shard: 2 },
  { name: "layers.0.ffn.gate.tid2eid", type: "I64", shape: [4, 2], shard: 2 },
  { name: "__proto__", type: "F32", shape: [0], shard: 2 },
];
const SHARDS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
const INDEX = "model.safetensors.index.json";
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function soundFiles(): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  files.set(
    "config.json",
    utf8(JSON.stringify({ model_type: "deepseek_v4", hidden_size: 4096, rope_scaling: { factor: 16.5 }, list: [1, null, true] })),
  );
  const map = SPECS.map(({ name, shard }) => `${JSON.stringify(name)}:"${SHARDS[shard - 1]}"`);
  files.set(INDEX, utf8(`{"metadata":{"total_size":577,"by":["x"]},"weight_map":{${map}}}`));
  for (const [i, name] of SHARDS.entries()) {
    const specs = SPECS.filter(({ shard }) => shard === i + 1);
    const { bytes, dataSize } = encodeHeader(specs, name, new Map([["format", "pt"]]));
    files.set(name, Buffer.concat([bytes, Buffer.alloc(dataSize, 7)]));
  }
  return files;
}

/** Damages the header of a shard and repairs the length before it, so that the damage is looked at; every eighth time anything goes. */
function mutateShard(file: Uint8Array, random: (n: number) => number): Uint8Array {
  const way = random(8);
  if (way === 0) return mutate(file, random);
  const end = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const json = (way < 4 ? mutateEntries : mutate)(file.subarray(8, end), random);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, file.subarray(end)]);
}

/** Damage that is still a well-formed header, which blind damage rarely is: entries lost, doubled, moved, resized. */
function mutateEntries(header: Uint8Array, random: (n: number) => number): Uint8Array {
  const { __metadata__, ...rest } = JSON.parse(Buffer.from(header).toString());
  const entries = Object.entries(rest as Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>);
  for (let times = 1 + random(2); times > 0; times--) {
    const i = random(entries.length);
    const [name, entry] = entries[i] ?? ["new", { dtype: "U8", shape: [1], data_offsets: [0, 1] }];
    const [begin, stop] = entry.data_offsets;
    const by = random(9) - 4;
    const changed = [
      { ...entry, data_offsets: [begin + by, stop + by] },
      { ...entry, shape: [1], dtype: "U8", data_offsets: [begin, begin + 1] },
      { ...entry, shape: [...entry.shape.slice(0, -1), random(300)] },
      { ...entry, ...entries[random(entries.length)]?.[1] },
    ][random(4)];
    const what = random(6);
    if (what === 0) entries.splice(i, 1);
    else if (what === 1) entries.push([random(2) ? name : `${name}2`, changed]);
    else entries[i] = [name, changed];
  }
  const text = entries.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  return Buffer.from(`{"__metadata__":${JSON.stringify(__metadata__)}${text.length > 0 ? "," : ""}${text}}`);
}

export const KINDS = ["config", "index", "header"] as const;
export type Kind = (typeof KINDS)[number];

export interface FuzzResult {
  /** How many ended with each code, or with "ok". */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly slowestMs: number;
}

/** Runs `count` damaged checkpoints of a kind; throws on the first that does anything but open or fail with a code. */
export async function fuzz(kind: Kind, count: number, seed: number): Promise<FuzzResult> {
  const random = randomSource(seed);
  const sound = soundFiles();
  const outcomes = new Map<string, number>();
  let slowestMs = 0;
  for (let i = 0; i < count; i++) {
    const files = new Map(sound);
    const victim = kind === "config" ? "config.json" : kind === "index" ? INDEX : SHARDS[1];
    files.set(victim, (kind === "header" ? mutateShard : mutate)(sound.get(victim)!, random));
    // Time of the processor, not of the wall: other work on the machine is not the parser's fault.
    const start = process.cpuUsage();
    const outcome = await open(files, random(2) === 0).catch((cause) => {
      throw new Error(`${kind} ${i} of seed ${seed}: ${JSON.stringify(Buffer.from(files.get(victim)!).toString("latin1"))}`, { cause });
    });
    const { user, system } = process.cpuUsage(start);
    const ms = (user + system) / 1000;
    if (ms > 1000) throw new Error(`${kind} ${i} of seed ${seed} took ${ms.toFixed(0)} ms`);
    slowestMs = Math.max(slowestMs, ms);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return { outcomes, slowestMs };
}

/** Opens the files and reads every tensor. "ok" or the code; anything else is thrown. */
async function open(files: ReadonlyMap<string, Uint8Array>, headersOnly: boolean): Promise<string> {
  const sources = [...files].map(([name, bytes]) => watched(memorySource(name, bytes)));
  try {
    const checkpoint = await checkpointFromSources(sources, { headersOnly });
    let total = 0;
    for (const tensor of checkpoint.tensors.values()) {
      const bytes = await tensor.read();
      if (bytes.length !== tensor.byteLength) throw new Error(`${tensor.name} has ${bytes.length} bytes instead of ${tensor.byteLength}`);
      total += bytes.length;
    }
    const present = [...files.values()].reduce((sum, { length }) => sum + length, 0);
    if (total > present) throw new Error("the tensors have more bytes than the files: some overlap");
    return "ok";
  } catch (error) {
    if (error instanceof TandemError && error.code !== "internal") return error.code;
    throw error;
  }
}

/** Fails on any read that goes beyond the file: those are the allocations that a file could ask for. */
function watched(source: ByteSource): ByteSource {
  const read = (offset: number, length: number) => {
    if (!(length <= source.size)) throw new Error(`${length} bytes were asked for, of a file of ${source.size}`);
    return source.read(offset, length);
  };
  return { ...source, read };
}
