import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "../../src/eval/index.ts";
import { wilson } from "../../src/eval/score.ts";
import { halves, pairBelongs } from "../../src/eval/split.ts";
import { fitsSchema } from "../../src/eval/tools/fits-schema.ts";
import { apply, workOut } from "../../src/eval/working/arithmetic.ts";
import { addOnPaper, multiplyOnPaper, subtractOnPaper } from "../../src/eval/working/columns.ts";
import { castOutNines } from "../../src/eval/working/nines.ts";
import { Notes } from "../../src/eval/working/notes.ts";

const lastValue = (notes: Notes) => Number(/=(-?\d+)(?!.*=-?\d)/s.exec(notes.text)![1]);

test("on paper every sum, difference and product comes out as it is", () => {
  for (let a = 0; a < 1000; a += 7)
    for (let b = 0; b < 1000; b += 11) {
      for (const [work, result] of [
        [addOnPaper, a + b],
        [subtractOnPaper, a - b],
      ] as const) {
        const notes = new Notes();
        assert.equal(work(notes, a, b), result);
        assert.equal(lastValue(notes), result);
        assert.equal(notes.slips.length, 0);
      }
    }
  for (let a = 0; a < 100; a++)
    for (let b = 0; b < 100; b++) {
      const notes = new Notes();
      assert.equal(multiplyOnPaper(notes, a, b), a * b);
      assert.equal(lastValue(notes), a * b, notes.text);
    }
});

test("a slip is one wrong digit; the check finds it, and the second attempt is right", () => {
  let slipped = 0;
  for (let i = 0; i < 3000; i++) {
    const random = randomFor("slips", i);
    const op = (["+", "-", "*"] as const)[i % 3]!;
    const most = op === "*" ? 99 : 999;
    const [a, b] = [Math.floor(random() * most), Math.floor(random() * most)];
    const notes = new Notes();
    workOut(notes, i % 2 ? "max" : "high", random, op, a, b);
    const { text, slips } = notes;
    assert.equal(slips.length > 0, /^again$/m.test(text), text);
    assert.equal(slips.length > 0, / wrong$/m.test(text), text);
    assert.ok(text.endsWith(`\nso ${apply(op, a, b)}`), text);
    if (slips.length === 0) continue;
    slipped++;
    assert.equal(slips.length, 1);
    const [[start, end]] = slips as [[number, number]];
    assert.match(text.slice(start, end), /^\d$/);
    assert.ok(start < text.indexOf("check"));
    const again = text.slice(text.indexOf("again\n") + 6).split(/\n(?:check more|so)/)[0]!;
    assert.equal(Number(/=(-?\d+)$/.exec(again)![1]), apply(op, a, b), text);
  }
  assert.ok(slipped > 200 && slipped < 600, `${slipped}`);
});

test("casting out nines agrees with what is right, and finds a wrong digit", () => {
  for (let a = 0; a < 300; a += 3)
    for (let b = 0; b < 300; b += 7) {
      assert.match(castOutNines(a, "+", b, a + b).at(-1)!, / right$/);
      assert.match(castOutNines(a, "+", b, a + b + 1).at(-1)!, / wrong$/);
      assert.match(castOutNines(a, "*", b, a * b).at(-1)!, / right$/);
    }
});

test("what is held out is what Minnow's first training held out", () => {
  // By `held_out` of models/minnow/training/data.py.
  const held = "0,5 0,17 0,23 0,25 0,27 0,29 1,5 1,17 2,2 3,14 3,23 3,25";
  const found: string[] = [];
  for (let a = 0; a < 30; a++)
    for (let b = a; b < 30; b++) {
      assert.equal(pairBelongs(a, b, "test"), pairBelongs(b, a, "test"));
      if (pairBelongs(a, b, "test")) found.push(`${a},${b}`);
    }
  assert.equal(found.length, 42);
  assert.equal(found.slice(0, 12).join(" "), held);
});

test("a list with an entry in both halves is refused", () => {
  assert.throws(() => halves("a|b", "c|b"), /"b" is in both halves/);
  assert.deepEqual(halves("a|\n b", "c"), { train: ["a", "b"], test: ["c"] });
});

test("intervals are Wilson's", () => {
  const rounded = (right: number, asked: number) => wilson(right, asked).map((p) => Number(p.toFixed(4)));
  // From R's prop.test(…, correct = FALSE), and by hand for the ends: 1.96² / (n + 1.96²).
  assert.deepEqual(rounded(50, 100), [0.4038, 0.5962]);
  assert.deepEqual(rounded(0, 10), [0, 0.2775]);
  assert.deepEqual(rounded(10, 10), [0.7225, 1]);
  assert.deepEqual(wilson(0, 0), [0, 1]);
});

test("a value fits the schema it was made for and no other", () => {
  const schema = {
    type: "object",
    properties: { a: { type: "integer" }, b: { type: "array", items: { type: "string" } }, c: { type: "string", enum: ["x", "y"] } },
    required: ["a"],
    additionalProperties: false,
  };
  for (const good of [{ a: 1 }, { a: 0, b: [], c: "y" }, { a: 2, b: ["q"] }]) assert.ok(fitsSchema(good, schema), JSON.stringify(good));
  for (const bad of [{}, { a: 1.5 }, { a: "1" }, { a: 1, b: [1] }, { a: 1, c: "z" }, { a: 1, d: 2 }, [], null, 3])
    assert.ok(!fitsSchema(bad, schema), JSON.stringify(bad));
});
