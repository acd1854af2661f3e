import { COMMANDS, type CommandName } from "./commands.ts";
import { expertDown, expertGather, expertHidden, expertSum, expertUp, group } from "./expert-runners.ts";
import type { Lane } from "./lane.ts";
import { PREPARE, PREPARED, PRODUCTS, ROUNDINGS } from "./products.ts";

/** Carries out this thread's share of a command whose operands start at word `p`: addresses of results, then of inputs, then scalars. */
export type Runner = (l: Lane, p: number) => void;

/** Split by rows alone: an element-wise command on one row takes about as long as meeting twice, so one thread does it while others wait. */
const rowWise =
  (run: (l: Lane, w: Int32Array, p: number, begin: number, end: number) => void, rowsAt: number): Runner =>
  (l, p) => {
    if (l.share(l.words[p + rowsAt]!)) run(l, l.words, p, l.begin, l.end);
  };

const matmul: Runner = (l, p) => {
  const w = l.words;
  const [y, x, product, yPitch, xPitch, tokens] = [w[p]!, w[p + 1]!, PRODUCTS[w[p + 2]!]!, w[p + 3]!, w[p + 4]!, w[p + 5]!];
  const [data, scale, columns, outputs, groups, xGroup] = [w[p + 6]!, w[p + 7]!, w[p + 8]!, w[p + 9]!, w[p + 10]!, w[p + 11]!];
  const [bf16, blockRows, blockColumns, scaleF32, chunk] = [w[p + 12]!, w[p + 13]!, w[p + 14]!, w[p + 15]!, w[p + 16]!];
  const perGroup = outputs / groups;
  const run = l.k[product.kernel]!;
  while (l.claim(outputs, chunk)) {
    // A chunk may span two groups, which read different inputs.
    for (let o = l.begin; o < l.end; ) {
      const g = Math.floor(o / perGroup);
      const end = Math.min(l.end, (g + 1) * perGroup);
      product.call(run, y, yPitch, x + g * xGroup, xPitch, tokens, data, scale, columns, o, end, bf16, blockRows, blockColumns, scaleF32);
      o = end;
    }
  }
};

const attend: Runner = (l, p) => {
  const w = l.words;
  const [out, scratch, q, table, indices] = [w[p]!, w[p + 1]!, w[p + 2]!, w[p + 3]!, w[p + 4]!];
  const [rows, heads, width, topK, sink, factor] = [w[p + 5]!, w[p + 6]!, w[p + 7]!, w[p + 8]!, w[p + 9]!, l.floats[p + 10]!];
  const [bf16Probabilities, bf16, scratchBytes, together] = [w[p + 11]!, w[p + 12]!, w[p + 13]!, w[p + 14]!];
  const seen = l.int32(l.bank, table, 5 * rows);
  const perRow = Math.ceil(heads / together);
  const pitch = 4 * heads * width;
  while (l.claim(rows * perRow, 1)) {
    const row = Math.floor(l.begin / perRow);
    const head = (l.begin % perRow) * together;
    const t = 5 * row;
    const chosen = seen[t + 4] ? indices + 4 * topK * row : 0;
    l.k.attend!(
      ...[out + row * pitch, q + row * pitch, seen[t]!, seen[t + 1]!, seen[t + 2]!, seen[t + 3]!, chosen, sink, factor, width],
      ...[head, Math.min(head + together, heads), scratch + l.me * scratchBytes, bf16Probabilities, bf16],
    );
  }
};

/** Table rows: address of the keys, how many, where this row's scores begin (in floats). */
const scores: Runner = (l, p) => {
  const w = l.words;
  const [out, q, weights, table] = [w[p]!, w[p + 1]!, w[p + 2]!, w[p + 3]!];
  const [rows, heads, width, queryPitch, packed, bf16, chunk, units] = Array.from(w.subarray(p + 4, p + 12)) as number[];
  const seen = l.int32(l.bank, table, 4 * rows!);
  const run = (packed ? l.k.indexScoresFP4 : l.k.indexScores)!;
  while (l.claim(units!, 1)) {
    let row = 0;
    while (row + 1 < rows! && seen[4 * (row + 1) + 3]! <= l.begin) row++;
    const [keys, count, at, first] = [seen[4 * row]!, seen[4 * row + 1]!, seen[4 * row + 2]!, seen[4 * row + 3]!];
    const begin = (l.begin - first) * chunk!;
    run(
      out + 4 * at,
      q + row * queryPitch!,
      weights + 4 * row * heads!,
      keys,
      begin,
      Math.min(begin + chunk!, count),
      heads!,
      width!,
      bf16!,
    );
  }
};

const RUN: Record<CommandName, Runner> = {
  embed: rowWise((l, w, p, begin, end) => {
    const kernel = w[p + 6]! ? l.k.embedBF16! : l.k.embedF32!;
    kernel(w[p]!, w[p + 3]!, w[p + 1]!, begin, end, w[p + 4]!, w[p + 5]!);
  }, 2),
  gather: rowWise((l, w, p, begin, end) => l.k.gatherRows!(w[p]!, w[p + 1]!, w[p + 2]!, begin, end, w[p + 4]!), 3),
  repeat: rowWise((l, w, p, begin, end) => l.k.copyRepeat!(w[p]!, w[p + 1]!, begin, end, w[p + 3]!, w[p + 4]!), 2),
  add: rowWise((l, w, p, begin, end) => {
    const columns = w[p + 4]!;
    l.k.add!(w[p]!, w[p + 1]!, w[p + 2]!, begin * columns, end * columns, w[p + 5]!);
  }, 3),
  scale: rowWise((l, w, p, begin, end) => {
    const columns = w[p + 3]!;
    l.k.scale!(w[p]!, w[p + 1]!, l.floats[p + 4]!, begin * columns, end * columns, w[p + 5]!);
  }, 2),
  norm: rowWise((l, w, p, begin, end) => {
    const groups = w[p + 4]!;
    l.k.rmsNorm!(w[p]!, w[p + 1]!, w[p + 3]!, begin * groups, end * groups, w[p + 5]!, l.floats[p + 6]!, w[p + 7]!, w[p + 8]!);
  }, 2),
  round: rowWise((l, w, p, begin, end) => {
    const parts = w[p + 3]!;
    l.k[ROUNDINGS[w[p + 7]!]!]!(w[p]!, w[p + 1]!, begin * parts, end * parts, w[p + 4]!, w[p + 5]!, w[p + 6]!);
  }, 2),
  prepare: rowWise((l, w, p, begin, end) => {
    const [out, x, parts, pitch, columns] = [w[p]!, w[p + 1]!, w[p + 3]!, w[p + 4]!, w[p + 5]!];
    l.k[PREPARE[PREPARED[w[p + 6]!]!].kernel]!(
      out + begin * parts * pitch,
      pitch,
      x + 4 * begin * parts * columns,
      4 * columns,
      (end - begin) * parts,
      columns,
    );
  }, 2),
  matmul,
  rope: rowWise((l, w, p, begin, end) => {
    l.k.rope!(w[p]!, w[p + 1]!, w[p + 2]!, begin, end, w[p + 4]!, w[p + 5]!, w[p + 6]!, w[p + 7]!, w[p + 8]!);
  }, 3),
  hadamard: rowWise((l, w, p, begin, end) => l.k.hadamard!(w[p]!, w[p + 1]!, begin * w[p + 3]!, end * w[p + 3]!, w[p + 4]!, w[p + 5]!), 2),
  swiglu: rowWise((l, w, p, begin, end) => {
    const columns = w[p + 4]!;
    l.k.swiglu!(w[p]!, w[p + 1]!, w[p + 2]!, begin * columns, end * columns, l.floats[p + 5]!, w[p + 6]!);
  }, 3),
  phase: rowWise((l, w, p, begin, end) => l.k.addByPhase!(w[p]!, w[p + 1]!, w[p + 4]!, w[p + 2]!, begin, end, w[p + 5]!, w[p + 6]!), 3),
  squares: rowWise((l, w, p, begin, end) => l.k.sumSquares!(w[p]!, w[p + 1]!, begin, end, w[p + 3]!), 2),
  hyper: rowWise((l, w, p, begin, end) => {
    const [streams, columns, iterations, eps, normEps] = [w[p + 9]!, w[p + 10]!, w[p + 11]!, l.floats[p + 12]!, l.floats[p + 13]!];
    l.k.hyperCoefficients!(
      ...[w[p]!, w[p + 1]!, w[p + 2]!, w[p + 4]!, w[p + 5]!, w[p + 7]!, w[p + 8]!],
      ...[begin, end, streams, columns, iterations, eps, normEps, w[p + 3]! + l.me * w[p + 14]!],
    );
  }, 6),
  head: rowWise((l, w, p, begin, end) => {
    const [streams, columns, eps, normEps] = [w[p + 6]!, w[p + 7]!, l.floats[p + 8]!, l.floats[p + 9]!];
    l.k.headCoefficients!(w[p]!, w[p + 1]!, w[p + 2]!, w[p + 4]!, w[p + 5]!, begin, end, streams, columns, eps, normEps);
  }, 3),
  collapse: rowWise((l, w, p, begin, end) => {
    l.k.collapse!(w[p]!, w[p + 1]!, w[p + 2]!, begin, end, 0, w[p + 5]!, w[p + 4]!, w[p + 5]!, w[p + 6]!);
  }, 3),
  expand: rowWise((l, w, p, begin, end) => {
    l.k.expand!(w[p]!, w[p + 1]!, w[p + 2]!, w[p + 3]!, w[p + 4]!, begin, end, 0, w[p + 7]!, w[p + 6]!, w[p + 7]!, w[p + 8]!);
  }, 5),
  append: rowWise((l, w, p, begin, end) => {
    const [x, at, first, count, bytes] = [w[p + 1]!, w[p + 3]!, w[p + 4]!, w[p + 5]!, w[p + 6]!];
    const from = Math.max(begin, first);
    const to = Math.min(end, first + count);
    const target = (at >>> 0) + (from - first) * bytes;
    if (from < to) l.view(l.bank).copyWithin(target, (x >>> 0) + from * bytes, (x >>> 0) + to * bytes);
  }, 2),
  // One thread, and the same as for one row: ranges may overlap when a store is compacted.
  move: rowWise((l, w, p) => {
    const [to, fromBank, from, bytes] = [w[p + 2]! >>> 0, w[p + 3]!, w[p + 4]! >>> 0, w[p + 5]! >>> 0];
    if (fromBank === l.bank) l.view(l.bank).copyWithin(to, from, from + bytes);
    else l.view(l.bank).set(l.view(fromBank).subarray(from, from + bytes), to);
  }, 1),
  pack: rowWise((l, w, p, begin, end) => {
    const [out, x, pitch, width] = [w[p]!, w[p + 1]!, w[p + 3]!, w[p + 4]!];
    l.k.packFP4Rows!(out + begin * pitch, x + 4 * begin * width, 0, end - begin, width);
  }, 2),
  packQueries: rowWise((l, w, p, begin, end) => {
    const [out, x, pitch, heads, width] = [w[p]!, w[p + 1]!, w[p + 3]!, w[p + 4]!, w[p + 5]!];
    for (let row = begin; row < end; row++) l.k.packFP4Queries!(out + row * pitch, x + 4 * row * heads * width, 0, 1, heads, width);
  }, 2),
  // Table rows: address of the first value row, of the first score row, rows of the window before.
  pool: rowWise((l, w, p, begin, end) => {
    const [out, table, ratio, width, overlap, bf16] = [w[p]!, w[p + 1]!, w[p + 3]!, w[p + 4]!, w[p + 5]!, w[p + 6]!];
    const windows = l.int32(l.bank, table, 3 * end);
    for (let i = begin; i < end; i++) {
      const [values, from, before] = [windows[3 * i]!, windows[3 * i + 1]!, windows[3 * i + 2]!];
      l.k.pool!(out + 4 * width * i, values, from, before, ratio, width, 4 * width * (overlap ? 2 : 1), overlap, 0, width, bf16);
    }
  }, 2),
  scores,
  topK: rowWise((l, w, p, begin, end) => {
    const [indices, scratch, from, table, k, scratchBytes] = [w[p]!, w[p + 1]!, w[p + 2]!, w[p + 3]!, w[p + 5]!, w[p + 6]!];
    const seen = l.int32(l.bank, table, 4 * end);
    for (let row = begin; row < end; row++) {
      const [count, at] = [seen[4 * row + 1]!, seen[4 * row + 2]!];
      if (count > 0) l.k.topK!(indices + 4 * k * row, from + 4 * at, count, k, scratch + l.me * scratchBytes);
    }
  }, 4),
  attend,
  routeByScore: rowWise((l, w, p, begin, end) => {
    const [experts, perToken, bias, factor, scratchBytes] = [w[p + 5]!, w[p + 6]!, w[p + 7]!, l.floats[p + 8]!, w[p + 9]!];
    l.k.routeByScore!(w[p]!, w[p + 1]!, w[p + 3]!, bias, begin, end, experts, perToken, factor, w[p + 2]! + l.me * scratchBytes);
  }, 4),
  routeByToken: rowWise((l, w, p, begin, end) => {
    const [experts, perToken, table, factor] = [w[p + 5]!, w[p + 6]!, w[p + 7]!, l.floats[p + 8]!];
    l.k.routeByToken!(w[p]!, w[p + 1]!, w[p + 2]!, table, w[p + 3]!, begin, end, experts, perToken, factor);
  }, 4),
  group,
  expertGather,
  expertUp,
  expertHidden,
  expertDown,
  expertSum,
  transfer: (l, p) => {
    const w = l.words;
    const [to, from, bytes] = [w[p]! >>> 0, w[p + 2]!, w[p + 3]!];
    const source = (w[p]! >>> 0) - l.arenas[l.bank]! + l.arenas[from]!;
    if (!l.share(bytes)) return;
    l.view(l.bank).set(l.view(from).subarray(source + l.begin, source + l.end), to + l.begin);
  },
};

/** By command code. */
export const RUNNERS: readonly Runner[] = COMMANDS.map((name) => RUN[name]);
