import { round, roundTrip } from "../../formats/index.ts";
import {
  type AttendOptions,
  type ExpertWeights,
  type Format,
  type HyperCoefficients,
  type HyperOptions,
  type LinearKind,
  type Numerics,
  type Ops,
  type RoundingSite,
  type Route,
  type RouteOptions,
  type Rows,
  reencoding,
  type Selection,
  type Store,
  type StoreSpec,
  type Tensor,
  type Weight,
} from "../../ops/index.ts";
import { readIndices, readWeight, rowsAndColumns, type WeightSource, weightBytes } from "../../tensor/index.ts";
import { attend, selectEntries } from "./attention.ts";
import { pool } from "./compressor.ts";
import { hadamard, rmsNorm, rope, swiglu } from "./elementwise.ts";
import { experts } from "./experts.ts";
import { collapse, expand, headCoefficients, hyperCoefficients } from "./hyper-connections.ts";
import { matmul } from "./linear.ts";
import { routeByScore, routeByToken } from "./router.ts";
import { LoadedWeight, type Routing, RowStore, Values } from "./values.ts";

type Rounder = (v: number) => number;
const exact: Rounder = (v) => v;
const rounder = (format: Format): Rounder => (format === "exact" ? exact : round(format));

interface HyperSources {
  readonly fn: Weight;
  readonly base: Weight;
  readonly scale: Weight;
}
type HyperLoaded = { readonly fn: LoadedWeight; readonly base: LoadedWeight; readonly scale: LoadedWeight };

/**
 * The reference interpreter: every operation in plain TypeScript over float64 arrays, rounding exactly where the
 * numerics profile says and nowhere else. Slow; the truth the other interpreters are tested against.
 */
export class Reference implements Ops {
  readonly numerics: Numerics;
  readonly #pending: { source: WeightSource; weight: LoadedWeight }[] = [];
  readonly #activation: Rounder;
  readonly #probability: Rounder;
  readonly #indexScore: Rounder;
  readonly #queryNorm: Rounder | undefined;

  constructor(numerics: Numerics) {
    this.numerics = numerics;
    this.#activation = rounder(numerics.activations);
    this.#probability = rounder(numerics.probabilities);
    this.#indexScore = rounder(numerics.indexScores);
    this.#queryNorm = numerics.queryNorm === "exact" ? undefined : rounder(numerics.queryNorm);
  }

  weight(source: WeightSource): Weight {
    const weight = new LoadedWeight(source.shape, source.quantised !== undefined);
    this.#pending.push({ source, weight });
    return weight;
  }

  async ready(onProgress?: (loadedBytes: number, totalBytes: number) => void): Promise<void> {
    const total = this.#pending.reduce((sum, { source }) => sum + weightBytes(source), 0);
    let loaded = 0;
    for (const { source, weight } of this.#pending.splice(0)) {
      if (source.format === "I64" || source.format === "I32") weight.indices = await readIndices(source);
      else weight.data = await this.#read(source);
      loaded += weightBytes(source);
      onProgress?.(loaded, total);
    }
  }

  async #read(source: WeightSource): Promise<Float32Array> {
    const data = await readWeight(source);
    const to = reencoding(this.numerics, source);
    if (to) roundTrip(to, data, ...rowsAndColumns(source.shape));
    return data;
  }

  store(spec: StoreSpec): Store {
    return new RowStore(spec);
  }

  append(stores: readonly Store[], rows: Tensor, where: Rows): void {
    for (const s of where.segments) (stores[s.sequence] as RowStore).append(rows as Values, s.row, s.count);
  }

  truncate(store: Store, length: number): void {
    (store as RowStore).truncate(length);
  }

  clone(store: Store): Store {
    return (store as RowStore).clone();
  }

  /** Applies a format to a fresh result, in place. */
  #rounded(x: Values, by: Rounder = this.#activation): Values {
    if (by !== exact) for (let i = 0; i < x.data.length; i++) x.data[i] = by(x.data[i]!);
    return x;
  }

  embed(table: Weight, ids: Int32Array): Tensor {
    const columns = table.shape[1]!;
    const out = new Values(ids.length, columns);
    for (const [i, id] of ids.entries()) out.data.set((table as LoadedWeight).data.subarray(id * columns, (id + 1) * columns), i * columns);
    return out;
  }

  take(x: Tensor, rows: Int32Array): Tensor {
    const out = new Values(rows.length, x.columns);
    for (const [i, row] of rows.entries()) out.data.set((x as Values).data.subarray(row * x.columns, (row + 1) * x.columns), i * x.columns);
    return out;
  }

  reshape(x: Tensor, columns: number): Tensor {
    return new Values((x.rows * x.columns) / columns, columns, (x as Values).data);
  }

  repeat(x: Tensor, n: number): Tensor {
    const out = new Values(x.rows, n * x.columns);
    for (let i = 0; i < x.rows * n; i++) {
      const row = Math.floor(i / n);
      out.data.set((x as Values).data.subarray(row * x.columns, (row + 1) * x.columns), i * x.columns);
    }
    return out;
  }

  add(a: Tensor, b: Tensor): Tensor {
    return this.#rounded(
      new Values(
        a.rows,
        a.columns,
        (a as Values).data.map((v, i) => v + (b as Values).data[i]!),
      ),
    );
  }

  scale(x: Tensor, factor: number): Tensor {
    return this.#rounded(
      new Values(
        x.rows,
        x.columns,
        (x as Values).data.map((v) => v * factor),
      ),
    );
  }

  rmsNorm(x: Tensor, weight: Weight | undefined, options: { readonly eps: number; readonly groups?: number }): Tensor {
    const step = weight ? undefined : this.#queryNorm;
    return this.#rounded(rmsNorm(x as Values, (weight as LoadedWeight | undefined)?.data, options.eps, options.groups ?? 1, step));
  }

  linear(x: Tensor, w: Weight, kind: LinearKind): Tensor {
    return this.groupedLinear(x, w, 1, kind);
  }

  groupedLinear(x: Tensor, w: Weight, groups: number, kind: LinearKind): Tensor {
    const weight = w as LoadedWeight;
    const { input, output } = this.numerics.linear[kind];
    let values = x as Values;
    if (input !== "exact" && weight.blockScaled) {
      values = new Values(x.rows, x.columns, values.data.slice());
      roundTrip(input, values.data, x.rows, x.columns);
    }
    const [outputs, inputs] = weight.shape as [number, number];
    const y = new Values(x.rows, outputs);
    for (let g = 0; g < groups; g++)
      matmul(y, values, weight.data, inputs, (g * outputs) / groups, ((g + 1) * outputs) / groups, g * inputs);
    return this.#rounded(y, rounder(output));
  }

  rope(
    x: Tensor,
    positions: Int32Array,
    frequencies: Float32Array,
    options: { readonly heads: number; readonly inverse?: boolean },
  ): Tensor {
    return this.#rounded(rope(x as Values, positions, frequencies, options.heads, options.inverse ?? false));
  }

  hadamard(x: Tensor, heads: number): Tensor {
    return this.#rounded(hadamard(x as Values, heads));
  }

  round(x: Tensor, site: RoundingSite, options: { readonly heads: number; readonly columns: number }): Tensor {
    const format = this.numerics.sites[site];
    if (format === "exact") return x;
    const out = new Values(x.rows, x.columns, (x as Values).data.slice());
    const width = x.columns / options.heads;
    for (let at = 0; at < out.data.length; at += width) roundTrip(format, out.data.subarray(at, at + options.columns), 1, options.columns);
    return out;
  }

  swiglu(gate: Tensor, up: Tensor, limit: number): Tensor {
    return this.#rounded(swiglu(gate as Values, up as Values, limit));
  }

  hyperCoefficients(streams: Tensor, weights: HyperSources, options: HyperOptions): HyperCoefficients {
    return hyperCoefficients(streams as Values, weights as HyperLoaded, options);
  }

  headCoefficients(streams: Tensor, weights: HyperSources, options: HyperOptions): Tensor {
    return headCoefficients(streams as Values, weights as HyperLoaded, options);
  }

  collapse(streams: Tensor, pre: Tensor): Tensor {
    return this.#rounded(collapse(streams as Values, pre as Values));
  }

  expand(streams: Tensor, y: Tensor, post: Tensor, mix: Tensor): Tensor {
    return this.#rounded(expand(streams as Values, y as Values, post as Values, mix as Values));
  }

  pool(
    values: readonly Store[],
    scores: readonly Store[],
    windows: Rows,
    options: { readonly ratio: number; readonly overlap: boolean },
  ): Tensor {
    return this.#rounded(pool(values as RowStore[], scores as RowStore[], windows, options.ratio, options.overlap));
  }

  addByPhase(x: Tensor, table: Weight, positions: Int32Array): Tensor {
    const [period, columns] = table.shape as [number, number];
    const offsets = (table as LoadedWeight).data;
    return new Values(
      x.rows,
      columns,
      (x as Values).data.map((v, i) => v + offsets[(positions[Math.floor(i / columns)]! % period) * columns + (i % columns)]!),
    );
  }

  selectEntries(
    queries: Tensor,
    weights: Tensor,
    keys: readonly Store[],
    where: Rows,
    options: { readonly heads: number; readonly ratio: number; readonly topK: number },
  ): Selection {
    return selectEntries(queries as Values, weights as Values, keys as RowStore[], where, options, this.#indexScore);
  }

  attend(queries: Tensor, where: Rows, options: AttendOptions): Tensor {
    return this.#rounded(attend(queries as Values, where, options, this.#probability));
  }

  routeByScore(logits: Tensor, bias: Weight, options: RouteOptions): Route {
    return routeByScore(logits as Values, (bias as LoadedWeight).data, options);
  }

  routeByToken(logits: Tensor, table: Weight, tokens: Int32Array, options: RouteOptions): Route {
    return routeByToken(logits as Values, (table as LoadedWeight).indices, tokens, options);
  }

  experts(x: Tensor, route: Route, weights: readonly ExpertWeights[], limit: number): Tensor {
    const linear = (input: Values, w: LoadedWeight, kind: LinearKind) => this.linear(input, w, kind) as Values;
    return experts(x as Values, route as Routing, weights, limit, linear, this.#activation);
  }

  /** The garbage collector does it. */
  free(): void {}

  async settled(): Promise<void> {}

  async close(): Promise<void> {}

  async read(x: Tensor, into: readonly (Float32Array | undefined)[] = []): Promise<Float32Array[]> {
    const { data } = x as Values;
    return Array.from({ length: x.rows }, (_, row) => {
      const numbers = into[row] ?? new Float32Array(x.columns);
      numbers.set(data.subarray(row * x.columns, (row + 1) * x.columns));
      return numbers;
    });
  }
}
