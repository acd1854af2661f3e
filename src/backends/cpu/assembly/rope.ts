import { activation } from "./bf16";
import { madd, storeLeft } from "./floats";

/**
 * Rotates pairs (a, b) of the last 2 · `pairs` columns of each head to (a cos − b sin, a sin + b cos), or back if `inverse`, in rows
 * [begin, end). Row n of `table` holds cos and sin of each pair in turn. Other columns are copied.
 */
export function rope(
  y: usize, x: usize, table: usize, begin: i32, end: i32, columns: i32, heads: i32, pairs: i32, inverse: bool, bf16: bool,
): void {
  const width = columns / heads;
  const plain = width - 2 * pairs;
  const signs = v128.xor(i32x4(0x80000000, 0, 0x80000000, 0), i32x4.splat(inverse ? 0x80000000 : 0));
  for (let n = begin; n < end; n++) {
    const turns = table + <usize>n * pairs * 8;
    for (let h = 0; h < heads; h++) {
      const at = (<usize>n * columns + h * width) * 4;
      for (let c = 0; c < plain; c += 4) storeLeft(y + at + c * 4, activation(v128.load(x + at + c * 4), bf16), plain - c);
      for (let c = 0; c < 2 * pairs; c += 4) {
        const v = v128.load(x + at + (plain + c) * 4);
        const turn = v128.load(turns + c * 4);
        const cos = v128.shuffle<f32>(turn, turn, 0, 0, 2, 2);
        const sin = v128.xor(v128.shuffle<f32>(turn, turn, 1, 1, 3, 3), signs);
        const turned = madd(v128.shuffle<f32>(v, v, 1, 0, 3, 2), sin, f32x4.mul(v, cos));
        storeLeft(y + at + (plain + c) * 4, activation(turned, bf16), 2 * pairs - c);
      }
    }
  }
}
