import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { rowsOf } from "../../src/cli/chat/rows.ts";
import { nearest } from "../../src/cli/nearest.ts";
import { progressBar } from "../../src/cli/progress.ts";
import { bytes, flops, grouped, parameters, percent, plural, table } from "../../src/cli/text.ts";
import { Terminal } from "./terminal.ts";

test("amounts", () => {
  assert.deepEqual([0, 999, 1000, 152_394, 999_499, 999_500, 159_609_485_896, 1e18].map(bytes), [
    "0 B",
    "999 B",
    "1.00 kB",
    "152 kB",
    "999 kB",
    "1.00 MB",
    "160 GB",
    "1000 PB",
  ]);
  assert.deepEqual([parameters(290_944_616_402), parameters(12), flops(26.5e9)], ["291 B", "12", "26.5 GFLOP"]);
  assert.deepEqual(
    [grouped(1234567), percent(0.073), percent(0.27), plural(1, "file"), plural(2, "file")],
    ["1,234,567", "7.3 %", "27 %", "1 file", "2 files"],
  );
});

test("tables are aligned and have no trailing blanks", () => {
  assert.deepEqual(
    table(
      [
        ["a", "1", ""],
        ["long", "100", "x"],
      ],
      "lrl",
    ),
    ["  a       1", "  long  100  x"],
  );
});

test("the nearest word, unless none is near", () => {
  const words = ["chat", "inspect", "tokenize", "render"];
  for (const [typed, meant] of [
    ["chta", "chat"],
    ["cht", "chat"],
    ["inspekt", "inspect"],
    ["tokenise", "tokenize"],
    ["rendr", "render"],
  ])
    assert.equal(nearest(typed!, words), meant);
  for (const typed of ["", "xyz", "serve", "x".repeat(10_000)]) assert.equal(nearest(typed, words), undefined);
});

test("rows on a terminal: wrapping, wide characters, marks, tabs, empty lines", () => {
  const cases: [string, number, number][] = [
    ["", 10, 1],
    ["1234567890", 10, 1],
    ["12345678901", 10, 2],
    ["a\n\nb", 10, 3],
    ["你好你好你", 10, 1],
    ["你好你好你好", 10, 2],
    ["e\u0301".repeat(10), 10, 1],
    ["\t\t", 16, 1],
    ["\t\tx", 16, 2],
    ["🙂".repeat(6), 10, 2],
  ];
  for (const [text, columns, rows] of cases) assert.equal(rowsOf(text, columns), rows, JSON.stringify(text));
});

test("a progress bar appears after two seconds, only in a terminal, and goes away", async () => {
  let now = 0;
  mock.method(performance, "now", () => now);
  try {
    const written = async (tty: boolean) => {
      const terminal = new Terminal({ tty, columns: 60 });
      now = 0;
      const bar = progressBar(terminal, "loading", bytes);
      for (; now <= 1900; now += 100) bar.update(now * 1000, 10_000_000);
      await new Promise((r) => setImmediate(r));
      assert.equal(terminal.err, "");
      now = 2500;
      bar.update(2_500_000, 10_000_000);
      bar.update(2_600_000, 10_000_000);
      bar.end();
      bar.end();
      await new Promise((r) => setImmediate(r));
      return terminal.err;
    };
    const line = `loading ${"█".repeat(6)}${"░".repeat(18)} 2.50 MB of 10.0 MB, 8 s left`;
    assert.equal(await written(true), `\r${line.slice(0, 59)}\u001b[K\r\u001b[K`);
    assert.equal(await written(false), "");
  } finally {
    mock.restoreAll();
  }
});
