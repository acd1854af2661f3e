import { TandemError } from "../../errors.ts";
import type {
  AttendOptions,
  ExpertWeights,
  HyperCoefficients,
  HyperOptions,
  LinearKind,
  Numerics,
  Ops,
  RoundingSite,
  Route,
  RouteOptions,
  Rows,
  Selection,
  Store,
  StoreSpec,
  Tensor,
  Weight,
} from "../../ops/index.ts";
import type { WeightSource } from "../../tensor/index.ts";
import { attend, pool, selectEntries } from "./attention.ts";
import { Crew } from "./crew.ts";
import type { StreamingCounts } from "./expert-stream.ts";
import { type ExpertSizes, Experts } from "./experts.ts";
import { type CpuRoute, type CpuStore, CpuTensor } from "./handles.ts";
import { collapse, expand, type HyperSources, headCoefficients, hyperCoefficients } from "./hyper-connections.ts";
import { type KernelSizes, kernelSizes } from "./kernel-sizes.ts";
import { instantiate, type Kernels, type KernelVariant } from "./kernels.ts";
import { product } from "./linear.ts";
import { Loader } from "./loader.ts";
import { type BankOptions, Banks } from "./memory.ts";
import { mixture, routeByScore, routeByToken } from "./mixture.ts";
import { type Profile, profileOf } from "./profile.ts";
import { bit, floatBits, int32, Recorder, tensor } from "./recorder.ts";
import { Rotations } from "./rotations.ts";
import { Runner } from "./runner.ts";
import { canShare } from "./sharing.ts";
import { Stores } from "./stores.ts";
import type { Trace } from "./trace.ts";
import { Value } from "./value.ts";
import { type CpuWeight, Weights } from "./weights.ts";

export interface CpuOptions extends BankOptions {
  /** Worker threads; default: what the machine has, at most one for every four megabytes of weights. */
  readonly threads?: number;
  /**
   * Memory for routed experts; if not all fit, they are read from the checkpoint when needed, which must then stay open. One step uses at
   * most a layer's experts at once: with room for fewer, a long step may fail (`engine/experts-do-not-fit`). Default: no limit.
   */
  readonly expertBytes?: number;
  /** Kernels without relaxed SIMD, for comparison. */
  readonly kernels?: KernelVariant;
}

/** Weights that are worth a thread: with less, threads wait for each other longer than they compute. */
const BYTES_PER_THREAD = 4e6;

/** The fast interpreter for CPUs: WebAssembly kernels on worker threads over one shared memory. Records what it is asked, runs it when numbers are read. */
export class Cpu implements Ops {
  readonly numerics: Numerics;
  readonly #p: Profile;
  readonly #options: CpuOptions;
  readonly #weights: Weights;
  readonly #banks: Banks;
  readonly #experts: Experts;
  readonly #loader: Loader;
  readonly #stores: Stores;
  readonly #rotations = new Rotations();
  #sizes!: KernelSizes;
  #runner!: Runner;
  #r!: Recorder;
  #crew: Crew | undefined;
  #weightBytes = 0;

  constructor(numerics: Numerics, options: CpuOptions = {}) {
    this.numerics = numerics;
    this.#p = profileOf(numerics);
    this.#options = options;
    this.#weights = new Weights(numerics);
    this.#banks = new Banks((bank) => this.#crew?.tell({ order: "bank", memory: bank.memory }), options);
    const onBank = new Map<number, Kernels>();
    this.#loader = new Loader(this.#banks, (bank) => {
      const kernels = onBank.get(bank) ?? instantiate(this.#sizes.module, this.#banks.list[bank]!.memory);
      onBank.set(bank, kernels);
      return kernels;
    });
    this.#experts = new Experts(this.#banks, this.#loader);
    this.#stores = new Stores(this.#banks, () => this.#r);
  }

  weight(source: WeightSource): Weight {
    return this.#weights.add(source);
  }

  async ready(onProgress?: (loadedBytes: number, totalBytes: number) => void): Promise<void> {
    this.#sizes = await kernelSizes(this.#options.kernels);
    if (!canShare() && this.#options.expertBytes !== undefined)
      throw new TandemError("engine/bad-option", {
        option: "expertBytes",
        value: this.#options.expertBytes,
        expected: "a cross-origin isolated page, whose threads can wait for files",
      });
    this.#weights.place(this.#banks, this.#experts, this.#options.expertBytes ?? Number.POSITIVE_INFINITY);
    this.#weightBytes = this.#banks.size;
    const worth = Math.max(1, Math.ceil(this.#weightBytes / BYTES_PER_THREAD));
    const threads = !canShare() ? 1 : (this.#options.threads ?? Math.min(worth, availableThreads()));
    this.#crew = new Crew(threads, this.#sizes.module, (use) => this.#experts.use(use));
    this.#runner = new Runner(this.#crew, this.#banks, this.#experts);
    this.#r = new Recorder(this.#p, this.#sizes, this.#runner, threads);
    if (this.#options.imagined) return;
    const loading = this.#weights.load(this.#loader, this.#banks, this.#experts, onProgress);
    const results = await Promise.allSettled([this.#crew.start(this.#banks.list), loading]);
    const failed = results.find((r) => r.status === "rejected");
    if (failed) {
      await this.close();
      throw failed.reason;
    }
    const { tables } = this.#experts;
    if (tables) this.#crew.tell({ order: "experts", tables });
  }

  get threads(): number {
    return this.#crew?.threads ?? 0;
  }

  /** Memory as it is now, in bytes (`arena`: of the largest step in one bank, `arenas`: set aside in all), the last program, and what streaming has cost. */
  get counts(): {
    weights: number;
    memory: number;
    banks: number;
    arena: number;
    arenas: number;
    barriers: number;
    commands: number;
    experts: ExpertSizes;
    streamed: boolean;
    streaming: StreamingCounts;
  } {
    const { arenaBytes: arena, arenas, barriers, commands } = this.#runner;
    return {
      ...{ weights: this.#weightBytes, memory: this.#banks.size, banks: this.#banks.list.length, arena, arenas, barriers, commands },
      ...{ experts: this.#experts.sizes, streamed: this.#experts.streamed, streaming: { ...this.#experts.counts } },
    };
  }

  /** Collects from now on where the time of programs goes; nothing any more after `undefined`. */
  trace(trace: Trace | undefined): void {
    this.#crew!.trace = trace;
  }

  settled(): Promise<void> {
    return this.#runner.settled();
  }

  read(x: Tensor, into: readonly (Float32Array | undefined)[] = []): Promise<Float32Array[]> {
    const rows = Array.from({ length: x.rows }, (_, row) => into[row] ?? new Float32Array(x.columns));
    return this.#runner.read(tensor(x).value, rows);
  }

  async close(): Promise<void> {
    await this.#crew?.close();
    await this.#experts.close();
  }

  store(spec: StoreSpec): Store {
    const packed = spec.holds === "indexer keys" && this.#packs(spec.columns);
    return this.#stores.create(spec, packed ? this.#sizes.packedFP4Bytes(spec.columns) : 4 * spec.columns);
  }

  /** Indexer keys and queries that are FP4 anyway are kept as FP4. */
  #packs(columns: number): boolean {
    return this.#p.indexer?.kind === "fp4" && this.#p.indexer.columns === 32 && columns % 32 === 0;
  }

  append(stores: readonly Store[], x: Tensor, where: Rows): void {
    if (where.segments.length === 0) return;
    let { value } = tensor(x);
    const { pitch } = stores[where.segments[0]!.sequence] as CpuStore;
    if (pitch !== 4 * x.columns) {
      value = new Value(pitch * x.rows);
      this.#r.do("pack", x.rows, [value], [tensor(x).value], [x.rows, pitch, x.columns]);
    }
    for (const s of where.segments) this.#stores.append(stores[s.sequence] as CpuStore, value, x.rows, s.row, s.count);
  }

  /** As if so many rows had been appended; only where nothing is computed (`imagined`). */
  skip(store: Store, rows: number): void {
    this.#stores.skip(store as CpuStore, rows);
  }

  truncate(store: Store, length: number): void {
    this.#stores.truncate(store as CpuStore, length);
  }

  clone(store: Store): Store {
    return this.#stores.clone(store as CpuStore);
  }

  free(store: Store): void {
    this.#stores.free(store as CpuStore);
  }

  embed(table: Weight, ids: Int32Array): Tensor {
    const { layout, data, bank } = table as CpuWeight;
    return this.#r.map(
      "embed",
      ids.length,
      layout.columns,
      [int32(ids)],
      [ids.length, data, layout.columns, 0, bit(layout.form === "bf16")],
      bank,
    );
  }

  take(x: Tensor, rows: Int32Array): Tensor {
    const out = new CpuTensor(rows.length, x.columns);
    this.#r.do("gather", -1, [out.value], [tensor(x).value, int32(rows)], [rows.length, 4 * x.columns]);
    return out;
  }

  reshape(x: Tensor, columns: number): Tensor {
    return new CpuTensor((x.rows * x.columns) / columns, columns, tensor(x).value);
  }

  repeat(x: Tensor, n: number): Tensor {
    return this.#r.map("repeat", x.rows, n * x.columns, [tensor(x).value], [x.rows, x.columns, n]);
  }

  add(a: Tensor, b: Tensor): Tensor {
    return this.#r.map("add", a.rows, a.columns, [tensor(a).value, tensor(b).value], [a.rows, a.columns, bit(this.#p.activations)]);
  }

  scale(x: Tensor, factor: number): Tensor {
    return this.#r.map("scale", x.rows, x.columns, [tensor(x).value], [x.rows, x.columns, floatBits(factor), bit(this.#p.activations)]);
  }

  rmsNorm(x: Tensor, weight: Weight | undefined, { eps, groups = 1 }: { readonly eps: number; readonly groups?: number }): Tensor {
    const w = weight as CpuWeight | undefined;
    const scalars = [
      x.rows,
      w?.data ?? 0,
      groups,
      x.columns / groups,
      floatBits(eps),
      bit(this.#p.activations),
      bit(!w && this.#p.queryNorm),
    ];
    return this.#r.map("norm", x.rows, x.columns, [tensor(x).value], scalars, w?.bank);
  }

  linear(x: Tensor, w: Weight, kind: LinearKind): Tensor {
    return product(this.#r, tensor(x), w as CpuWeight, 1, kind);
  }

  groupedLinear(x: Tensor, w: Weight, groups: number, kind: LinearKind): Tensor {
    return product(this.#r, tensor(x), w as CpuWeight, groups, kind);
  }

  rope(
    x: Tensor,
    positions: Int32Array,
    frequencies: Float32Array,
    { heads, inverse = false }: { readonly heads: number; readonly inverse?: boolean },
  ): Tensor {
    const table = this.#rotations.of(positions, frequencies);
    const scalars = [x.rows, x.columns, heads, frequencies.length, bit(inverse), bit(this.#p.activations)];
    return this.#r.map("rope", x.rows, x.columns, [tensor(x).value, table], scalars);
  }

  hadamard(x: Tensor, heads: number): Tensor {
    return this.#r.map("hadamard", x.rows, x.columns, [tensor(x).value], [x.rows, heads, x.columns / heads, bit(this.#p.activations)]);
  }

  round(x: Tensor, site: RoundingSite, { heads, columns }: { readonly heads: number; readonly columns: number }): Tensor {
    const rounding = site === "kv" ? this.#p.kv : this.#p.indexer;
    if (!rounding) return x;
    const scalars = [x.rows, heads, x.columns / heads, columns, rounding.columns, bit(rounding.kind === "fp4")];
    return this.#r.map("round", x.rows, x.columns, [tensor(x).value], scalars);
  }

  swiglu(gate: Tensor, up: Tensor, limit: number): Tensor {
    const scalars = [gate.rows, gate.columns, floatBits(limit), bit(this.#p.activations)];
    return this.#r.map("swiglu", gate.rows, gate.columns, [tensor(gate).value, tensor(up).value], scalars);
  }

  hyperCoefficients(x: Tensor, weights: HyperSources, o: HyperOptions): HyperCoefficients {
    return hyperCoefficients(this.#r, tensor(x), weights, o);
  }

  headCoefficients(x: Tensor, weights: HyperSources, o: HyperOptions): Tensor {
    return headCoefficients(this.#r, tensor(x), weights, o);
  }

  collapse(streams: Tensor, pre: Tensor): Tensor {
    return collapse(this.#r, tensor(streams), tensor(pre));
  }

  expand(streams: Tensor, y: Tensor, post: Tensor, mix: Tensor): Tensor {
    return expand(this.#r, tensor(streams), tensor(y), tensor(post), tensor(mix));
  }

  pool(
    values: readonly Store[],
    scores: readonly Store[],
    windows: Rows,
    o: { readonly ratio: number; readonly overlap: boolean },
  ): Tensor {
    return pool(this.#r, this.#stores, values, scores, windows, o);
  }

  addByPhase(x: Tensor, table: Weight, positions: Int32Array): Tensor {
    const { data, layout, bank } = table as CpuWeight;
    if (layout.form !== "f32" && layout.form !== "f32-expanded")
      throw new TandemError("internal", { reason: "an offset table is not float32" });
    return this.#r.map("phase", x.rows, x.columns, [tensor(x).value, int32(positions)], [x.rows, data, x.columns, layout.rows], bank);
  }

  selectEntries(
    queries: Tensor,
    weights: Tensor,
    keys: readonly Store[],
    where: Rows,
    o: { readonly heads: number; readonly ratio: number; readonly topK: number },
  ): Selection {
    return selectEntries(this.#r, this.#stores, tensor(queries), tensor(weights), keys, where, o);
  }

  attend(queries: Tensor, where: Rows, o: AttendOptions): Tensor {
    return attend(this.#r, this.#stores, tensor(queries), where, o);
  }

  routeByScore(logits: Tensor, bias: Weight, o: RouteOptions): Route {
    return routeByScore(this.#r, tensor(logits), bias, o);
  }

  routeByToken(logits: Tensor, table: Weight, tokens: Int32Array, o: RouteOptions): Route {
    return routeByToken(this.#r, this.#banks, tensor(logits), table, tokens, o);
  }

  experts(x: Tensor, route: Route, experts: readonly ExpertWeights[], limit: number): Tensor {
    return mixture(this.#r, this.#experts, tensor(x), route as CpuRoute, experts, limit);
  }
}

function availableThreads(): number {
  return Math.min(16, globalThis.navigator?.hardwareConcurrency ?? 1);
}
