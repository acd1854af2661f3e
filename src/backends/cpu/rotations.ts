import { Value } from "./value.ts";

/** Cosines and sines of fp32 angles, computed in float64 as the reference does; one table for all layers of a step that rotate alike. */
export class Rotations {
  readonly #tables = new WeakMap<Int32Array, WeakMap<Float32Array, Value>>();

  /** [positions, 2 · frequencies] float32: cos, sin, cos, sin, … */
  of(positions: Int32Array, frequencies: Float32Array): Value {
    let known = this.#tables.get(positions);
    if (!known) this.#tables.set(positions, (known = new WeakMap()));
    let table = known.get(frequencies);
    if (!table) known.set(frequencies, (table = tableOf(positions, frequencies)));
    return table;
  }
}

function tableOf(positions: Int32Array, frequencies: Float32Array): Value {
  const n = frequencies.length;
  const values = new Float32Array(2 * n * positions.length);
  for (const [row, position] of positions.entries())
    for (let i = 0; i < n; i++) {
      const angle = Math.fround(position * frequencies[i]!);
      values[2 * (row * n + i)] = Math.cos(angle);
      values[2 * (row * n + i) + 1] = Math.sin(angle);
    }
  return new Value(values.byteLength, { constant: new Uint8Array(values.buffer) });
}
