import { madd } from "./floats";

/**
 * e^x = 2^n · e^r with n = round(x / ln 2), so that |r| <= ln 2 / 2, and the Taylor series for e^r. ln 2 is split in two: n times the
 * first part is exact. 2^n is multiplied in two halves, which alone can reach infinity and, rounding once, the subnormals.
 */

/** Four floats at once, relative error below 2e-7 above 2^-126. */
@inline
export function exp(x: v128): v128 {
  // pmin and pmax keep their first operand if it is NaN.
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-105));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.4426950408889634)));
  let r = madd(n, f32x4.splat(-0.693115234375), x);
  r = madd(n, f32x4.splat(-3.1946184945309417e-5), r);
  let e = madd(f32x4.splat(1.0 / 5040), r, f32x4.splat(1.0 / 720));
  e = madd(e, r, f32x4.splat(1.0 / 120));
  e = madd(e, r, f32x4.splat(1.0 / 24));
  e = madd(e, r, f32x4.splat(1.0 / 6));
  e = madd(e, r, f32x4.splat(0.5));
  e = madd(e, r, f32x4.splat(1));
  e = madd(e, r, f32x4.splat(1));
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(e, power(half)), power(i32x4.sub(whole, half)));
}

@inline
function power(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** One double, within two units in the last place. */
export function exp64(x: f64): f64 {
  if (x != x) return x;
  x = max(min(x, 710.0), -746.0);
  const n = nearest(x * 1.4426950408889634);
  const r = x - n * 0.6931471803691238 - n * 1.9082149292705877e-10;
  let e = (1.0 / 6227020800) * r + 1.0 / 479001600;
  e = e * r + 1.0 / 39916800;
  e = e * r + 1.0 / 3628800;
  e = e * r + 1.0 / 362880;
  e = e * r + 1.0 / 40320;
  e = e * r + 1.0 / 5040;
  e = e * r + 1.0 / 720;
  e = e * r + 1.0 / 120;
  e = e * r + 1.0 / 24;
  e = e * r + 1.0 / 6;
  e = e * r + 0.5;
  e = e * r + 1;
  e = e * r + 1;
  const whole = <i64>n;
  const half = whole >> 1;
  return e * reinterpret<f64>((half + 1023) << 52) * reinterpret<f64>((whole - half + 1023) << 52);
}

/** ln(1 + e^x). For t = e^-|x| in (0, 1], ln(1 + t) = 2 artanh(t / (2 + t)), whose argument is at most 1/3: terms up to s^33 reach 1e-17. */
export function softplus(x: f64): f64 {
  const t = exp64(-abs(x));
  const s = t / (2 + t);
  const z = s * s;
  let sum = (1.0 / 33) * z + 1.0 / 31;
  sum = sum * z + 1.0 / 29;
  sum = sum * z + 1.0 / 27;
  sum = sum * z + 1.0 / 25;
  sum = sum * z + 1.0 / 23;
  sum = sum * z + 1.0 / 21;
  sum = sum * z + 1.0 / 19;
  sum = sum * z + 1.0 / 17;
  sum = sum * z + 1.0 / 15;
  sum = sum * z + 1.0 / 13;
  sum = sum * z + 1.0 / 11;
  sum = sum * z + 1.0 / 9;
  sum = sum * z + 1.0 / 7;
  sum = sum * z + 1.0 / 5;
  sum = sum * z + 1.0 / 3;
  sum = sum * z + 1;
  return max(x, 0) + 2 * s * sum;
}
