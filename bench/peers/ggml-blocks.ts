/** The block types of ggml that stand nearest to a V4 checkpoint's own formats. Each block covers 32 columns of one row. */
import { format } from "../../src/formats/index.ts";

const BLOCK = 32;
const f16 = format("F16");

/**
 * Packed FP4 with one E8M0 scale per 32 columns, as MXFP4: the same 4-bit codes and the same scale byte, so nothing is lost.
 * A block is its scale, then 16 bytes that hold element j in the low and element j + 16 in the high nibble; the checkpoint pairs neighbours.
 */
export function mxfp4FromPacked(packed: Uint8Array, scales: Uint8Array): Uint8Array {
  const out = new Uint8Array(scales.length * 17);
  for (let b = 0; b < scales.length; b++) {
    out[17 * b] = scales[b]!;
    const from = 16 * b;
    const to = 17 * b + 1;
    for (let j = 0; j < 8; j++) {
      const low = packed[from + j]!;
      const high = packed[from + j + 8]!;
      out[to + 2 * j] = (low & 15) | ((high & 15) << 4);
      out[to + 2 * j + 1] = (low >> 4) | (high & 240);
    }
  }
  return out;
}

/** One F16 scale, amax/127, and 32 signed bytes: 34 bytes. */
export function encodeQ8(values: Float32Array): Uint8Array {
  const blocks = values.length / BLOCK;
  const out = new Uint8Array(blocks * 34);
  const view = new DataView(out.buffer);
  for (let b = 0; b < blocks; b++) {
    let amax = 0;
    for (let i = b * BLOCK; i < (b + 1) * BLOCK; i++) amax = Math.max(amax, Math.abs(values[i]!));
    const scale = amax / 127;
    view.setUint16(34 * b, f16.encode(scale), true);
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = 0; i < BLOCK; i++) out[34 * b + 2 + i] = Math.round(values[b * BLOCK + i]! * inverse);
  }
  return out;
}

/** One F16 scale, the value of largest magnitude / −8, and 32 codes of 4 bits with offset 8, paired as in MXFP4: 18 bytes. */
export function encodeQ4(values: Float32Array): Uint8Array {
  const blocks = values.length / BLOCK;
  const out = new Uint8Array(blocks * 18);
  const view = new DataView(out.buffer);
  for (let b = 0; b < blocks; b++) {
    let widest = 0;
    for (let i = b * BLOCK; i < (b + 1) * BLOCK; i++) if (Math.abs(values[i]!) > Math.abs(widest)) widest = values[i]!;
    const scale = widest / -8;
    view.setUint16(18 * b, f16.encode(scale), true);
    const inverse = scale === 0 ? 0 : 1 / scale;
    const code = (i: number): number => Math.min(15, Math.round(values[b * BLOCK + i]! * inverse) + 8);
    for (let j = 0; j < 16; j++) out[18 * b + 2 + j] = code(j) | (code(j + 16) << 4);
  }
  return out;
}
