// What one pass over some messages took.

export interface Run {
  readonly ms: number;
  /** From the bytes of a frame to its row on disk, for each message. */
  readonly latenciesMs: readonly number[];
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that a part of them does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? NaN;
}
