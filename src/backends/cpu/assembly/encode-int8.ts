import { powerOfTwo } from "./lanes";
import { codes, E4M3, floatsHigh, floatsLow, lower, upper } from "./matmul-decode";

/**
 * Rows [begin, end) of E4M3 weights with scales as INT8 blocks of one row and `outBlockColumns` columns, float32 scales beside them: scale =
 * largest magnitude / 127, code = value / scale to nearest even. A block with a NaN or an infinity gets a NaN scale and zeros.
 * To the bit what `quantise` makes of the dequantised matrix.
 */
export function encodeINT8(
  out: usize, scaleOut: usize, w: usize, scale: usize, columns: i32, begin: i32, end: i32, blockRows: i32, blockColumns: i32, scaleF32: bool,
  outBlockColumns: i32,
): void {
  const across = (columns + blockColumns - 1) / blockColumns, outAcross = (columns + outBlockColumns - 1) / outBlockColumns;
  for (let o = begin; o < end; o++) {
    const from = w + o * columns, to = out + o * columns;
    const scales = scale + ((o / blockRows) * across) * (scaleF32 ? 4 : 1);
    for (let b = 0; b < outAcross; b++) {
      const first = b * outBlockColumns, last = min(first + outBlockColumns, columns);
      let most = f32x4.splat(0);
      for (let c = first; c < last; ) {
        const width = run(c, last, blockColumns), s = scaleOf(scales, c / blockColumns, scaleF32);
        most = f32x4.max(most, largest(from + c, s, width));
        c += width;
      }
      const amax = max(max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)), max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)));
      const step: f32 = amax < Infinity ? amax / 127 : reinterpret<f32>(0x7fc00000);
      f32.store(scaleOut + 4 * (o * outAcross + b), step);
      if (!(step > 0)) {
        memory.fill(to + first, 0, last - first);
        continue;
      }
      for (let c = first; c < last; ) {
        const width = run(c, last, blockColumns), s = scaleOf(scales, c / blockColumns, scaleF32);
        const code = encode16(from + c, s, step);
        if (width == 16) v128.store(to + c, code);
        else storeBytes(to + c, code, width);
        c += width;
      }
    }
  }
}

/** Columns from c on, sixteen at most, that end neither the block nor the block of their own scale. */
@inline
function run(c: i32, last: i32, blockColumns: i32): i32 {
  return min(16, min(last, (c / blockColumns + 1) * blockColumns) - c);
}

@inline
function scaleOf(scales: usize, block: i32, scaleF32: bool): v128 {
  return f32x4.splat(scaleF32 ? f32.load(scales + 4 * block) : powerOfTwo(load<u8>(scales + block)));
}

/** Four lanes with the largest magnitudes of `width` scaled weights, NaN if one is; codes after them count as zeros. */
@inline
function largest(w: usize, s: v128, width: i32): v128 {
  const index = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const code = v128.and(codes<E4M3>(w), i8x16.lt_s(index, i8x16.splat(<i8>width)));
  const l = lower<E4M3>(w, code), u = upper<E4M3>(w, code);
  const a = f32x4.max(magnitude(floatsLow<E4M3>(l), s), magnitude(floatsHigh<E4M3>(l), s));
  return f32x4.max(a, f32x4.max(magnitude(floatsLow<E4M3>(u), s), magnitude(floatsHigh<E4M3>(u), s)));
}

@inline
function magnitude(w: v128, s: v128): v128 {
  return f32x4.abs(f32x4.mul(w, s));
}

@inline
function encode16(w: usize, s: v128, step: f32): v128 {
  const code = codes<E4M3>(w), by = f32x4.splat(step);
  const l = lower<E4M3>(w, code), u = upper<E4M3>(w, code);
  const first = i16x8.narrow_i32x4_s(rounded(floatsLow<E4M3>(l), s, by), rounded(floatsHigh<E4M3>(l), s, by));
  const second = i16x8.narrow_i32x4_s(rounded(floatsLow<E4M3>(u), s, by), rounded(floatsHigh<E4M3>(u), s, by));
  return i8x16.narrow_i16x8_s(first, second);
}

@inline
function rounded(w: v128, s: v128, step: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.div(f32x4.mul(w, s), step)));
}

function storeBytes(to: usize, v: v128, count: i32): void {
  for (let i = 0; i < count; i++) {
    store<u8>(to + i, <u8>i8x16.extract_lane_u(v, 0));
    v = v128.shuffle<u8>(v, v, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0);
  }
}
