// How figures are judged and printed: what was measured, beside its target.

export interface Figure {
  readonly value: number;
  readonly most?: number;
  readonly unit: string;
  /** Measured in the same run: what nobody can be faster than. */
  readonly limit?: string;
}

const NAME_WIDTH = 46;
const VALUE_WIDTH = 12;
const UNIT_WIDTH = 10;

export function heading(text: string): void {
  console.log(`\n${text}`);
}

export function row(name: string, { value, most, unit, limit }: Figure): void {
  const target = most === undefined ? '' : `(<= ${most}) ${value <= most ? 'met' : 'MISSED'}`;
  const cells = [
    name.padEnd(NAME_WIDTH),
    value.toFixed(2).padStart(VALUE_WIDTH),
    ` ${unit.padEnd(UNIT_WIDTH)}`,
    target.padEnd(16),
    limit === undefined ? '' : `limit ${limit}`,
  ];
  console.log(`  ${cells.join(' ').trimEnd()}`);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? NaN;
}
