/**
 * Rotary frequencies. V4 rotates interleaved pairs; layers that read compressed entries use YaRN with a larger base,
 * the others plain RoPE: choosing one table for the whole model is the commonest bug in ports ("fine below 200 tokens,
 * then repetition"). YaRN's magnitude factor is not applied anywhere in V4. Source: v4-architecture section 2.0.
 */
export interface Yarn {
  readonly factor: number;
  readonly original: number;
  readonly betaFast: number;
  readonly betaSlow: number;
}

/** width/2 angles per position, fp32; the angle itself is the fp32 product position · frequency. */
export function rotaryFrequencies(width: number, theta: number, yarn?: Yarn): Float32Array {
  const f = new Float32Array(width / 2);
  for (let i = 0; i < f.length; i++) f[i] = theta ** ((-2 * i) / width);
  if (!yarn) return f;
  const turns = (beta: number) => (width * Math.log(yarn.original / (2 * Math.PI * beta))) / (2 * Math.log(theta));
  const low = Math.max(Math.floor(turns(yarn.betaFast)), 0);
  let high = Math.min(Math.ceil(turns(yarn.betaSlow)), width - 1);
  if (low === high) high += 0.001;
  return f.map((value, i) => {
    const ramp = Math.min(Math.max((i - low) / (high - low), 0), 1);
    return (value / yarn.factor) * ramp + value * (1 - ramp);
  });
}
