import { CpuRoute, CpuSelection, CpuTensor } from "../../src/backends/cpu/handles.ts";
import type { Cpu } from "../../src/backends/cpu/index.ts";
import { Value } from "../../src/backends/cpu/value.ts";
import type { Reference } from "../../src/backends/reference/index.ts";
import { type Routing, SelectedEntries, type Values } from "../../src/backends/reference/values.ts";
import type {
  AttendOptions,
  ExpertWeights,
  HyperCoefficients,
  HyperOptions,
  LinearKind,
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
} from "../../src/ops/index.ts";
import type { WeightSource } from "../../src/tensor/index.ts";

/** What the two interpreters made of one operation with the same inputs. */
export interface Comparison {
  readonly operation: string;
  readonly expected: Float32Array;
  readonly actual: Promise<Float32Array>;
}

class Pair<T> {
  readonly ref: T;
  readonly cpu: T;
  constructor(ref: T, cpu: T) {
    this.ref = ref;
    this.cpu = cpu;
  }
}
class WeightPair extends Pair<Weight> implements Weight {
  get shape() {
    return this.ref.shape;
  }
}
class StorePair extends Pair<Store> implements Store {
  get columns() {
    return this.ref.columns;
  }
  get length() {
    return this.ref.length;
  }
}
class Shadowed implements Tensor {
  readonly values: Values;
  #uploaded: CpuTensor | undefined;
  constructor(values: Tensor) {
    this.values = values as Values;
  }
  get rows() {
    return this.values.rows;
  }
  get columns() {
    return this.values.columns;
  }
  /** The reference's numbers as an input of the other interpreter. */
  get cpu(): CpuTensor {
    this.#uploaded ??= new CpuTensor(this.rows, this.columns, constant(Float32Array.from(this.values.data)));
    return this.#uploaded;
  }
}

const constant = (data: Float32Array | Int32Array) => new Value(data.byteLength, { constant: new Uint8Array(data.buffer) });
const asFloats = (data: Int32Array) => new Float32Array(data.buffer, data.byteOffset, data.length);
const refs = (stores: readonly Store[]) => stores.map((s) => (s as StorePair).ref);
const cpus = (stores: readonly Store[]) => stores.map((s) => (s as StorePair).cpu);
const pair = (w: Weight) => w as WeightPair;
const shadowed = (x: Tensor) => x as Shadowed;

/**
 * Runs a model on the reference interpreter and, operation by operation on the reference's own inputs, on the CPU interpreter: differences
 * cannot add up, so each can be held to a bound of its own. Memory grows with the prompt: for short ones.
 */
export class Shadow implements Ops {
  readonly reference: Reference;
  readonly cpu: Cpu;
  readonly comparisons: Comparison[] = [];
  #label = "";

  constructor(reference: Reference, cpu: Cpu) {
    this.reference = reference;
    this.cpu = cpu;
  }

  #note(operation: string, expected: Float32Array, actual: Tensor): void {
    this.comparisons.push({ operation: operation + this.#label, expected, actual: this.#read(actual) });
  }

  async #read(x: Tensor): Promise<Float32Array> {
    const rows = await this.cpu.read(x);
    return Float32Array.from(rows.flatMap((row) => [...row]));
  }

  #compare(operation: string, run: (ops: Ops, side: "values" | "cpu") => Tensor): Tensor {
    const expected = new Shadowed(run(this.reference, "values"));
    this.#note(operation, Float32Array.from(expected.values.data), run(this.cpu, "cpu"));
    return expected;
  }

  weight(source: WeightSource): Weight {
    return new WeightPair(this.reference.weight(source), this.cpu.weight(source));
  }
  async ready(): Promise<void> {
    await this.reference.ready();
    await this.cpu.ready();
  }
  store(spec: StoreSpec): Store {
    return new StorePair(this.reference.store(spec), this.cpu.store(spec));
  }
  append(stores: readonly Store[], rows: Tensor, where: Rows): void {
    this.reference.append(refs(stores), shadowed(rows).values, where);
    this.cpu.append(cpus(stores), shadowed(rows).cpu, where);
  }
  truncate(store: Store, length: number): void {
    this.reference.truncate((store as StorePair).ref, length);
    this.cpu.truncate((store as StorePair).cpu, length);
  }
  clone(store: Store): Store {
    return new StorePair(this.reference.clone((store as StorePair).ref), this.cpu.clone((store as StorePair).cpu));
  }
  free(store: Store): void {
    this.cpu.free((store as StorePair).cpu);
  }
  embed(table: Weight, ids: Int32Array): Tensor {
    return this.#compare("embed", (ops, side) => ops.embed(side === "cpu" ? pair(table).cpu : pair(table).ref, ids));
  }
  take(x: Tensor, rows: Int32Array): Tensor {
    return this.#compare("take", (ops, side) => ops.take(shadowed(x)[side], rows));
  }
  reshape(x: Tensor, columns: number): Tensor {
    return new Shadowed(this.reference.reshape(shadowed(x).values, columns));
  }
  repeat(x: Tensor, n: number): Tensor {
    return this.#compare("repeat", (ops, side) => ops.repeat(shadowed(x)[side], n));
  }
  add(a: Tensor, b: Tensor): Tensor {
    return this.#compare("add", (ops, side) => ops.add(shadowed(a)[side], shadowed(b)[side]));
  }
  scale(x: Tensor, factor: number): Tensor {
    return this.#compare("scale", (ops, side) => ops.scale(shadowed(x)[side], factor));
  }
  rmsNorm(x: Tensor, w: Weight | undefined, o: { readonly eps: number; readonly groups?: number }): Tensor {
    return this.#compare(w ? "norm" : "query norm", (ops, side) => ops.rmsNorm(shadowed(x)[side], w && weightOf(w, side), o));
  }
  linear(x: Tensor, w: Weight, kind: LinearKind): Tensor {
    return this.#compare(`linear ${kind}`, (ops, side) => ops.linear(shadowed(x)[side], weightOf(w, side), kind));
  }
  groupedLinear(x: Tensor, w: Weight, groups: number, kind: LinearKind): Tensor {
    return this.#compare(`linear ${kind}`, (ops, side) => ops.groupedLinear(shadowed(x)[side], weightOf(w, side), groups, kind));
  }
  rope(x: Tensor, positions: Int32Array, f: Float32Array, o: { readonly heads: number; readonly inverse?: boolean }): Tensor {
    return this.#compare("rope", (ops, side) => ops.rope(shadowed(x)[side], positions, f, o));
  }
  hadamard(x: Tensor, heads: number): Tensor {
    return this.#compare("hadamard", (ops, side) => ops.hadamard(shadowed(x)[side], heads));
  }
  round(x: Tensor, site: RoundingSite, o: { readonly heads: number; readonly columns: number }): Tensor {
    return this.#compare(`round ${site}`, (ops, side) => ops.round(shadowed(x)[side], site, o));
  }
  swiglu(gate: Tensor, up: Tensor, limit: number): Tensor {
    return this.#compare("swiglu", (ops, side) => ops.swiglu(shadowed(gate)[side], shadowed(up)[side], limit));
  }
  hyperCoefficients(x: Tensor, w: Parameters<Ops["hyperCoefficients"]>[1], o: HyperOptions): HyperCoefficients {
    const run = (side: "values" | "cpu") => {
      const weights = { fn: weightOf(w.fn, side), base: weightOf(w.base, side), scale: weightOf(w.scale, side) };
      return (side === "cpu" ? this.cpu : this.reference).hyperCoefficients(shadowed(x)[side], weights, o);
    };
    const [expected, actual] = [run("values"), run("cpu")];
    const part = (name: "pre" | "post" | "mix") => {
      const values = new Shadowed(expected[name]);
      this.#note(`hyper ${name}`, Float32Array.from(values.values.data), actual[name]);
      return values;
    };
    return { pre: part("pre"), post: part("post"), mix: part("mix") };
  }
  headCoefficients(x: Tensor, w: Parameters<Ops["headCoefficients"]>[1], o: HyperOptions): Tensor {
    return this.#compare("head coefficients", (ops, side) =>
      ops.headCoefficients(
        shadowed(x)[side],
        { fn: weightOf(w.fn, side), base: weightOf(w.base, side), scale: weightOf(w.scale, side) },
        o,
      ),
    );
  }
  collapse(streams: Tensor, pre: Tensor): Tensor {
    return this.#compare("collapse", (ops, side) => ops.collapse(shadowed(streams)[side], shadowed(pre)[side]));
  }
  expand(streams: Tensor, y: Tensor, post: Tensor, mix: Tensor): Tensor {
    return this.#compare("expand", (ops, side) =>
      ops.expand(shadowed(streams)[side], shadowed(y)[side], shadowed(post)[side], shadowed(mix)[side]),
    );
  }
  pool(
    values: readonly Store[],
    scores: readonly Store[],
    windows: Rows,
    o: { readonly ratio: number; readonly overlap: boolean },
  ): Tensor {
    const expected = new Shadowed(this.reference.pool(refs(values), refs(scores), windows, o));
    this.#note("pool", Float32Array.from(expected.values.data), this.cpu.pool(cpus(values), cpus(scores), windows, o));
    return expected;
  }
  addByPhase(x: Tensor, table: Weight, positions: Int32Array): Tensor {
    return this.#compare("addByPhase", (ops, side) => ops.addByPhase(shadowed(x)[side], weightOf(table, side), positions));
  }
  selectEntries(
    q: Tensor,
    weights: Tensor,
    keys: readonly Store[],
    where: Rows,
    o: { readonly heads: number; readonly ratio: number; readonly topK: number },
  ): Selection {
    const expected = this.reference.selectEntries(shadowed(q).values, shadowed(weights).values, refs(keys), where, o) as SelectedEntries;
    const actual = this.cpu.selectEntries(shadowed(q).cpu, shadowed(weights).cpu, cpus(keys), where, o) as CpuSelection;
    const flat = new Int32Array(expected.rows * o.topK);
    for (const [row, list] of expected.entries.entries()) if (list) flat.set(list, row * o.topK);
    if (actual.indices) {
      const read = this.#read(new CpuTensor(expected.rows, o.topK, actual.indices));
      // Rows that read all entries are not written.
      const masked = read.then((got) => {
        const ids = new Int32Array(got.buffer, got.byteOffset, got.length);
        return Float32Array.from(ids, (id, i) => (expected.entries[Math.floor(i / o.topK)] ? id : 0));
      });
      this.comparisons.push({ operation: "selectEntries", expected: Float32Array.from(flat), actual: masked });
    }
    const uploaded = new CpuSelection(expected.rows, o.topK, actual.indices && constant(flat));
    return Object.assign(new SelectedEntries(expected.entries), { uploaded });
  }
  attend(queries: Tensor, where: Rows, o: AttendOptions): Tensor {
    const selection = o.selection as (SelectedEntries & { uploaded: CpuSelection }) | undefined;
    const side = (map: (s: readonly Store[]) => Store[], sink: Weight, chosen: Selection | undefined): AttendOptions => ({
      ...o,
      window: map(o.window),
      ...(o.entries && { entries: map(o.entries) }),
      ...(chosen && { selection: chosen }),
      sink,
    });
    const expected = new Shadowed(this.reference.attend(shadowed(queries).values, where, side(refs, pair(o.sink).ref, selection)));
    const actual = this.cpu.attend(shadowed(queries).cpu, where, side(cpus, pair(o.sink).cpu, selection?.uploaded));
    this.#note("attend", Float32Array.from(expected.values.data), actual);
    return expected;
  }
  routeByScore(logits: Tensor, bias: Weight, o: RouteOptions): Route {
    return this.#route(
      "routeByScore",
      this.reference.routeByScore(shadowed(logits).values, pair(bias).ref, o),
      this.cpu.routeByScore(shadowed(logits).cpu, pair(bias).cpu, o),
    );
  }
  routeByToken(logits: Tensor, table: Weight, tokens: Int32Array, o: RouteOptions): Route {
    return this.#route(
      "routeByToken",
      this.reference.routeByToken(shadowed(logits).values, pair(table).ref, tokens, o),
      this.cpu.routeByToken(shadowed(logits).cpu, pair(table).cpu, tokens, o),
    );
  }
  #route(name: string, expected: Route, actual: Route): Route {
    const [e, a] = [expected as Routing, actual as CpuRoute];
    this.#note(`${name} ids`, asFloats(e.ids), new CpuTensor(e.rows, e.perToken, a.ids));
    this.#note(`${name} weights`, Float32Array.from(e.weights), new CpuTensor(e.rows, e.perToken, a.weights));
    return expected;
  }
  experts(x: Tensor, route: Route, experts: readonly ExpertWeights[], limit: number): Tensor {
    const e = route as Routing;
    const uploaded = Object.assign(new CpuRoute(e.rows, e.perToken), {
      ids: constant(e.ids.slice()),
      weights: constant(Float32Array.from(e.weights)),
    });
    const of = (side: "values" | "cpu") =>
      experts.map(({ w1, w2, w3 }) => ({ w1: weightOf(w1, side), w2: weightOf(w2, side), w3: weightOf(w3, side) }));
    let lists = this.#expertLists.get(experts);
    if (!lists) this.#expertLists.set(experts, (lists = { values: of("values"), cpu: of("cpu") }));
    return this.#compare("experts", (ops, side) => ops.experts(shadowed(x)[side], side === "cpu" ? uploaded : route, lists[side], limit));
  }
  readonly #expertLists = new Map<readonly ExpertWeights[], { values: ExpertWeights[]; cpu: ExpertWeights[] }>();

  read(x: Tensor): Promise<Float32Array[]> {
    return this.reference.read(shadowed(x).values);
  }
  settled(): Promise<void> {
    return this.cpu.settled();
  }
  close(): Promise<void> {
    return this.cpu.close();
  }
}

const weightOf = (w: Weight, side: "values" | "cpu"): Weight => (side === "cpu" ? pair(w).cpu : pair(w).ref);
