import { Value } from "./value.ts";

/** Cosines and sines of fp32 angles, computed in float64 as the reference does; one table for all layers of a step that rotate alike. */
export class Rotations {
  /** Those of the step being written down: the next one has other positions. */
  #positions: Int32Array | undefined;
  #tables: { readonly frequencies: Float32Array; readonly table: Value }[] = [];

  /** [positions, 2 · frequencies] float32: cos, sin, cos, sin, … */
  of(positions: Int32Array, frequencies: Float32Array): Value {
    if (positions !== this.#positions) {
      this.#positions = positions;
      this.#tables = [];
    }
    const known = this.#tables.find((t) => t.frequencies === frequencies);
    if (known) return known.table;
    const table = tableOf(positions, frequencies);
    this.#tables.push({ frequencies, table });
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
