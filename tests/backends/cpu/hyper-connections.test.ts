import { test } from "node:test";
import { collapse, expand, headCoefficients, hyperCoefficients } from "../../../src/backends/reference/hyper-connections.ts";
import { LoadedWeight } from "../../../src/backends/reference/values.ts";
import { Bank, VARIANTS } from "./kernels.ts";
import { andRounded, close, normal, same, shared, values } from "./numbers.ts";

const ROWS = 6;
const OPTIONS = { iterations: 20, eps: 1e-6, normEps: 1e-5 };

function loaded(data: Float32Array, rows = 1): LoadedWeight {
  const weight = new LoadedWeight([rows, data.length / rows], false);
  weight.data = data;
  return weight;
}

for (const variant of VARIANTS)
  for (const n of [4, 3]) {
    const columns = n * 10;
    const v = normal(ROWS * columns, n, 2);
    const squares = Float32Array.from({ length: ROWS }, (_, row) =>
      v.subarray(row * columns, (row + 1) * columns).reduce((s, x) => s + x * x, 0),
    );
    /** fn v as the matrix product would hand it over. */
    const project = (fn: Float32Array, count: number) =>
      Float32Array.from({ length: ROWS * count }, (_, i) => {
        const row = Math.floor(i / count);
        let sum = 0;
        for (let c = 0; c < columns; c++) sum += fn[(i % count) * columns + c]! * v[row * columns + c]!;
        return sum;
      });

    test(`${variant}: hyperCoefficients of ${n} streams, within 1e-6`, () => {
      const bank = new Bank(variant);
      const count = 2 * n + n * n;
      const [fn, base, scale] = [normal(count * columns, 2, 0.3), normal(count, 3), Float32Array.of(0.7, 1.3, 2)];
      const [m, s, b, f, scratch] = [
        bank.put(project(fn, count)),
        bank.put(squares),
        bank.put(base),
        bank.put(scale),
        bank.take(8 * n * n),
      ];
      const [pre, post, mix] = [bank.take(4 * ROWS * n), bank.take(4 * ROWS * n), bank.take(4 * ROWS * n * n)];
      const { iterations, eps, normEps } = OPTIONS;
      for (const [begin, end] of [
        [0, 2],
        [2, ROWS],
      ] as const)
        bank.kernels.hyperCoefficients!(pre, post, mix, m, s, b, f, begin, end, n, columns, iterations, eps, normEps, scratch);
      const expected = hyperCoefficients(
        values(ROWS, columns, v),
        { fn: loaded(fn, count), base: loaded(base), scale: loaded(scale) },
        { streams: n, ...OPTIONS },
      );
      close(bank.floats(pre, ROWS * n), expected.pre.data, 1e-6);
      close(bank.floats(post, ROWS * n), expected.post.data, 1e-6);
      close(bank.floats(mix, ROWS * n * n), expected.mix.data, 1e-6);
    });

    test(`${variant}: headCoefficients of ${n} streams, within 1e-6`, () => {
      const bank = new Bank(variant);
      const [fn, base, scale] = [normal(n * columns, 4), normal(n, 5), Float32Array.of(0.7)];
      const [m, s, b, f] = [bank.put(project(fn, n)), bank.put(squares), bank.put(base), bank.put(scale)];
      const { eps, normEps } = OPTIONS;
      const pre = shared(bank, ROWS * n, ROWS, (y, begin, end) =>
        bank.kernels.headCoefficients!(y, m, s, b, f, begin, end, n, columns, eps, normEps),
      );
      const weights = { fn: loaded(fn, n), base: loaded(base), scale: loaded(scale) };
      close(pre, headCoefficients(values(ROWS, columns, v), weights, { streams: n, ...OPTIONS }).data, 1e-6);
    });

    for (const width of [10, 64])
      test(`${variant}: collapse and expand of ${n} × ${width}, by rows and by columns, within 3e-7`, () => {
        const bank = new Bank(variant);
        const [x, y] = [normal(ROWS * n * width, 6), normal(ROWS * width, 7)];
        const [pre, mix] = [normal(ROWS * n, 8), normal(ROWS * n * n, 9)];
        const [xs, ys, a, b] = [bank.put(x), bank.put(y), bank.put(pre), bank.put(mix)];
        const { kernels } = bank;
        const X = values(ROWS, n * width, x);

        const collapsed = andRounded((bf16) =>
          shared(bank, ROWS * width, ROWS, (to, begin, end) => kernels.collapse!(to, xs, a, begin, end, 0, width, n, width, bf16)),
        );
        close(collapsed, collapse(X, values(ROWS, n, pre)).data, 3e-7);
        same(
          shared(bank, ROWS * width, width, (to, begin, end) => kernels.collapse!(to, xs, a, 0, ROWS, begin, end, n, width, 0)),
          collapsed,
        );

        const expanded = andRounded((bf16) =>
          shared(bank, x.length, ROWS, (to, begin, end) => kernels.expand!(to, xs, ys, a, b, begin, end, 0, width, n, width, bf16)),
        );
        close(expanded, expand(X, values(ROWS, width, y), values(ROWS, n, pre), values(ROWS, n * n, mix)).data, 3e-7);
        same(
          shared(bank, x.length, width, (to, begin, end) => kernels.expand!(to, xs, ys, a, b, 0, ROWS, begin, end, n, width, 0)),
          expanded,
        );
      });
  }
