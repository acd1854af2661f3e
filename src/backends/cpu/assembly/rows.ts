import { activation } from "./bf16";
import { storeLeft } from "./floats";

/** Rows [begin, end), each `times` times side by side. */
export function copyRepeat(y: usize, x: usize, begin: i32, end: i32, columns: i32, times: i32): void {
  const bytes = <usize>columns * 4;
  for (let n = begin; n < end; n++)
    for (let k = 0; k < times; k++) memory.copy(y + (<usize>n * times + k) * bytes, x + n * bytes, bytes);
}

/** Row i of y = row indices[i] of x, for i in [begin, end); indices are int32, rows any bytes. */
export function gatherRows(y: usize, x: usize, indices: usize, begin: i32, end: i32, rowBytes: usize): void {
  for (let i = begin; i < end; i++) memory.copy(y + i * rowBytes, x + load<u32>(indices + i * 4) * rowBytes, rowBytes);
}

/** Rows ids[begin … end) of a float32 table; ids are int32. */
export function embedF32(y: usize, table: usize, ids: usize, begin: i32, end: i32, columns: i32, bf16: bool): void {
  for (let n = begin; n < end; n++) {
    const from = table + <usize>load<u32>(ids + n * 4) * columns * 4;
    const to = y + <usize>n * columns * 4;
    for (let c = 0; c < columns; c += 4) storeLeft(to + c * 4, activation(v128.load(from + c * 4), bf16), columns - c);
  }
}

/** The same of a BF16 table, whose numbers need no rounding. */
export function embedBF16(y: usize, table: usize, ids: usize, begin: i32, end: i32, columns: i32): void {
  for (let n = begin; n < end; n++) {
    const from = table + <usize>load<u32>(ids + n * 4) * columns * 2;
    const to = y + <usize>n * columns * 4;
    for (let c = 0; c < columns; c += 4) storeLeft(to + c * 4, i32x4.shl(v128.load16x4_u(from + c * 2), 16), columns - c);
  }
}
