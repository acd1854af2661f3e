import type { Numerics, Weight } from "../../ops/index.ts";
import { type WeightSource, weightBytes } from "../../tensor/index.ts";
import { type Expert, type Experts, inTurns } from "./experts.ts";
import { isSmall, layoutOf, type MatrixLayout } from "./layout.ts";
import type { Loader } from "./loader.ts";
import { aligned, type Banks, blockBytes } from "./memory.ts";

export class CpuWeight implements Weight {
  readonly shape: readonly number[];
  readonly source: WeightSource;
  readonly layout: MatrixLayout;
  /** Undefined: in every bank, at the same address. */
  bank: number | undefined;
  data = 0;
  scale = 0;
  /** Holds no NaN, as far as anyone has looked: FP8 is looked through when it is loaded. */
  regular = true;
  /** Number of the expert it is a part of. */
  expert = -1;

  constructor(source: WeightSource, numerics: Numerics) {
    this.shape = source.shape;
    this.source = source;
    this.layout = layoutOf(source, numerics);
  }

  get bytes(): number {
    return aligned(this.layout.dataBytes + 64) + aligned(this.layout.scaleBytes + 64);
  }
}

/** `layers.7` of `layers.7.attn.wq_a.weight`: what is kept in one bank, so that values rarely move between banks. */
const blockOf = (name: string): string => /^.*?\.\d+(?=\.)/.exec(name)?.[0] ?? name;

/** Places and loads all weights of a model. */
export class Weights {
  readonly #all: CpuWeight[] = [];
  readonly #numerics: Numerics;
  #commons = { at: 0, bytes: 0 };

  constructor(numerics: Numerics) {
    this.#numerics = numerics;
  }

  add(source: WeightSource): CpuWeight {
    const weight = new CpuWeight(source, this.#numerics);
    this.#all.push(weight);
    return weight;
  }

  /** Gives every weight its place; experts as far as `expertBytes` go. */
  place(banks: Banks, experts: Experts, expertBytes: number): void {
    const dense = this.#all.filter((w) => !w.source.expert);
    const commons = dense.filter((w) => isSmall(w.source));
    const bytes = commons.reduce((sum, w) => sum + w.bytes, 0);
    this.#commons = { at: banks.reserve(bytes), bytes };
    let next = this.#commons.at;
    for (const w of commons) {
      w.data = next;
      w.scale = next + aligned(w.layout.dataBytes + 64);
      next += w.bytes;
    }
    const blocks = Map.groupBy(
      dense.filter((w) => !isSmall(w.source)),
      (w) => blockOf(w.source.name),
    );
    for (const block of blocks.values()) {
      let left = block.reduce((sum, w) => sum + blockBytes(w.bytes), 0);
      for (const w of block) {
        const place = banks.forWeights(w.bytes, left);
        left -= blockBytes(w.bytes);
        w.bank = place.bank;
        w.data = place.at;
        w.scale = place.at + aligned(w.layout.dataBytes + 64);
      }
    }
    const groups = Map.groupBy(
      this.#all.filter((w) => w.source.expert),
      (w) => w.source.expert!.of,
    );
    for (const parts of groups.values()) {
      const number = experts.add(Object.fromEntries(parts.map((w) => [w.source.expert!.part, w])) as unknown as Expert);
      for (const w of parts) w.expert = number;
    }
    experts.place(expertBytes);
  }

  async load(loader: Loader, banks: Banks, experts: Experts, onProgress?: (loaded: number, total: number) => void): Promise<void> {
    const now = this.#all.filter((w) => !(w.source.expert && experts.streamed));
    const total = now.reduce((sum, w) => sum + weightBytes(w.source), 0);
    let loaded = 0;
    const progress = (bytes: number) => {
      loaded += bytes;
      onProgress?.(loaded, total);
    };
    const dense = now.filter((w) => !w.source.expert);
    await inTurns(dense.length, 4, async (i) => {
      const w = dense[i]!;
      await loader.load(w.source, w.layout, w.bank ?? 0, w.data, w.scale);
      w.regular = loader.isRegular(w.layout, w.bank ?? 0, w.data);
      progress(weightBytes(w.source));
    });
    await experts.loadAll(progress);
    banks.spread();
    this.#all.length = 0;
  }
}
