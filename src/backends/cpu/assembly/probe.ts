/** Sums `bytes` bytes (a multiple of 64) as 32-bit lanes: the fastest this memory can be read, which is what kernels are measured against. */
export function readAll(at: usize, bytes: usize): i32 {
  let a = i32x4.splat(0), b = a, c = a, d = a;
  const end = at + bytes;
  for (; at < end; at += 64) {
    a = i32x4.add(a, v128.load(at));
    b = i32x4.add(b, v128.load(at, 16));
    c = i32x4.add(c, v128.load(at, 32));
    d = i32x4.add(d, v128.load(at, 48));
  }
  const s = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
  return i32x4.extract_lane(s, 0) + i32x4.extract_lane(s, 1) + i32x4.extract_lane(s, 2) + i32x4.extract_lane(s, 3);
}

/** Loads `bytes` (a multiple of 64) again and again for `rounds`, one dot product per 16 bytes: the most multiply-adds a thread can do on cached data. */
export function dotAll(at: usize, bytes: usize, rounds: i32): i32 {
  let a = i32x4.splat(0), b = a, c = a, d = a;
  const x = i8x16.splat(3);
  for (let r = 0; r < rounds; r++) {
    const end = at + bytes;
    for (let p = at; p < end; p += 64) {
      if (ASC_FEATURE_RELAXED_SIMD) {
        a = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(p), x, a);
        b = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(p, 16), x, b);
        c = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(p, 32), x, c);
        d = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(p, 48), x, d);
      } else {
        a = i32x4.add(a, i32x4.extadd_pairwise_i16x8_s(v128.load(p)));
      }
    }
  }
  const s = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
  return i32x4.extract_lane(s, 0) + i32x4.extract_lane(s, 1) + i32x4.extract_lane(s, 2) + i32x4.extract_lane(s, 3);
}
