import { largest, magnitude } from "./fixed-block";
import { kept, powerOfTwo } from "./lanes";
import { E4M3, firstEight, four, lastEight, lowerTable, upperFix, upperTable } from "./matmul-decode";

/**
 * Rows [begin, end) of E4M3 weights with scales as INT8 blocks of one row and `outBlockColumns` columns, float32 scales beside them: scale =
 * largest magnitude / 127, code = value / scale to nearest even. A block with a NaN or an infinity gets a NaN scale and zeros.
 * To the bit what `quantise` makes of the dequantised matrix. `out` may be `w`.
 */
export function encodeINT8(
  out: usize, scaleOut: usize, w: usize, scale: usize, columns: i32, begin: i32, end: i32, blockRows: i32, blockColumns: i32, scaleF32: bool,
  outBlockColumns: i32,
): void {
  const nibble = kept(i8x16.splat(15), columns), seven = kept(i8x16.splat(127), columns);
  const upper = kept(upperTable<E4M3>(), columns), fix = kept(upperFix(), columns), lower = kept(lowerTable<E4M3>(), columns);
  const across = (columns + blockColumns - 1) / blockColumns, outAcross = (columns + outBlockColumns - 1) / outBlockColumns;
  for (let o = begin; o < end; o++) {
    const from = w + o * columns, to = out + o * columns;
    const scales = scale + ((o / blockRows) * across) * (scaleF32 ? 4 : 1);
    for (let b = 0; b < outAcross; b++) {
      const first = b * outBlockColumns, last = min(first + outBlockColumns, columns);
      let most = i32x4.splat(0);
      for (let c = first; c < last; ) {
        const block = c / blockColumns, width = min(16, min(last, (block + 1) * blockColumns) - c), s = scaleOf(scales, block, scaleF32);
        const code = width == 16 ? v128.load(from + c) : v128.and(v128.load(from + c), below(width));
        const low = firstEight<E4M3>(0, code, nibble, seven, upper, fix, lower), high = lastEight<E4M3>(0, code, nibble, seven, upper, fix, lower);
        most = magnitude(magnitude(most, f32x4.mul(four<E4M3>(0, low, 0), s)), f32x4.mul(four<E4M3>(0, low, 1), s));
        most = magnitude(magnitude(most, f32x4.mul(four<E4M3>(0, high, 2), s)), f32x4.mul(four<E4M3>(0, high, 3), s));
        c += width;
      }
      const amax = largest(most), step: f32 = amax < Infinity ? amax / 127 : reinterpret<f32>(0x7fc00000);
      f32.store(scaleOut + 4 * (o * outAcross + b), step);
      if (!(step > 0)) {
        memory.fill(to + first, 0, last - first);
        continue;
      }
      const by = f32x4.splat(step);
      for (let c = first; c < last; ) {
        const block = c / blockColumns, width = min(16, min(last, (block + 1) * blockColumns) - c), s = scaleOf(scales, block, scaleF32);
        const code = v128.load(from + c);
        const low = firstEight<E4M3>(0, code, nibble, seven, upper, fix, lower), high = lastEight<E4M3>(0, code, nibble, seven, upper, fix, lower);
        const bytes = i8x16.narrow_i16x8_s(
          i16x8.narrow_i32x4_s(quotient(four<E4M3>(0, low, 0), s, by), quotient(four<E4M3>(0, low, 1), s, by)),
          i16x8.narrow_i32x4_s(quotient(four<E4M3>(0, high, 2), s, by), quotient(four<E4M3>(0, high, 3), s, by)),
        );
        if (width == 16) v128.store(to + c, bytes);
        else storeBytes(to + c, bytes, width);
        c += width;
      }
    }
  }
}

/** All ones in the first `width` bytes. */
function below(width: i32): v128 {
  return i8x16.lt_s(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>width));
}

@inline
function scaleOf(scales: usize, block: i32, scaleF32: bool): v128 {
  return f32x4.splat(scaleF32 ? f32.load(scales + 4 * block) : powerOfTwo(load<u8>(scales + block)));
}

/** w · s / step to the nearest even integer, rounded to float32 after each step as `quantise` does. */
@inline
function quotient(w: v128, s: v128, step: v128): v128 {
  const nearest = f32x4.nearest(f32x4.div(f32x4.mul(w, s), step));
  return ASC_FEATURE_RELAXED_SIMD ? i32x4.relaxed_trunc_f32x4_s(nearest) : i32x4.trunc_sat_f32x4_s(nearest);
}

function storeBytes(to: usize, v: v128, count: i32): void {
  for (let i = 0; i < count; i++) {
    store<u8>(to + i, <u8>i8x16.extract_lane_u(v, 0));
    v = v128.shuffle<u8>(v, v, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0);
  }
}
