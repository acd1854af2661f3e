import { activation } from "./bf16";
import { storeLeft } from "./floats";

/** The sign bit. */
const MINUS: i32 = 0x80000000;

/**
 * Walsh–Hadamard transform in Sylvester order, divided by √width, of parts [begin, end) of `width` floats; any power of two.
 * Strides 1 and 2 stay inside a vector, also when it holds several parts.
 */
export function hadamard(y: usize, x: usize, begin: i32, end: i32, width: i32, bf16: bool): void {
  const first = begin * width;
  const last = end * width;
  for (let i = first; i < last; i += 4) {
    let v = v128.load(x + <usize>i * 4);
    if (width > 1) v = f32x4.add(v128.shuffle<f32>(v, v, 0, 0, 2, 2), v128.xor(v128.shuffle<f32>(v, v, 1, 1, 3, 3), i32x4(0, MINUS, 0, MINUS)));
    if (width > 2) v = f32x4.add(v128.shuffle<f32>(v, v, 0, 1, 0, 1), v128.xor(v128.shuffle<f32>(v, v, 2, 3, 2, 3), i32x4(0, 0, MINUS, MINUS)));
    storeLeft(y + <usize>i * 4, v, last - i);
  }
  for (let stride = 4; stride < width; stride *= 2)
    for (let i = first; i < last; i += 2 * stride)
      for (let j = i; j < i + stride; j += 4) {
        const at = y + <usize>j * 4;
        const a = v128.load(at);
        const b = v128.load(at + stride * 4);
        v128.store(at, f32x4.add(a, b));
        v128.store(at + stride * 4, f32x4.sub(a, b));
      }
  const norm = f32x4.splat(<f32>(1 / Math.sqrt(<f64>width)));
  for (let i = first; i < last; i += 4)
    storeLeft(y + <usize>i * 4, activation(f32x4.mul(v128.load(y + <usize>i * 4), norm), bf16), last - i);
}
