/** How a series grows, by the straight line with the least squares. */
export interface Growth {
  /** From each sample to the next. */
  readonly perSample: number;
  /** With 95 in 100, the true one is no further from it than this. Less for more samples, and for quieter ones. */
  readonly uncertainty: number;
}

export type Verdict = 'no leak' | 'a leak' | 'unclear';

/** @param values at least three, taken at equal distances */
export function growthOf(values: readonly number[]): Growth {
  const count = values.length;
  if (count < 3) throw new Error('three samples at least');
  const middle = (count - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const sumOf = (term: (value: number, offset: number) => number) =>
    values.reduce((sum, value, index) => sum + term(value, index - middle), 0);
  const variance = sumOf((_value, offset) => offset ** 2);
  const perSample = sumOf((value, offset) => offset * (value - mean)) / variance;
  const residue = sumOf((value, offset) => (value - mean - perSample * offset) ** 2);
  const error = Math.sqrt(residue / (count - 2) / variance);
  return { perSample, uncertainty: studentT(count - 2) * error };
}

/** Only what is sure: samples in which the truth could be on either side of the bound are too few. */
export function judgeGrowth({ perSample, uncertainty }: Growth, maxPerSample: number): Verdict {
  if (perSample + uncertainty <= maxPerSample) return 'no leak';
  return perSample - uncertainty > maxPerSample ? 'a leak' : 'unclear';
}

/** Two-sided, for 95 in 100; close enough to the tables from 3 degrees of freedom on (3.18, 2.31 with 8, 1.96 at last). */
function studentT(degrees: number): number {
  return degrees === 1 ? 12.71 : degrees === 2 ? 4.3 : 1.96 + 2.4 / (degrees - 1);
}
