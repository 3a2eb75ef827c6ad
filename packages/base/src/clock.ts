/** Where time comes from: milliseconds since the epoch. Passed in, so that tests can turn it. */
export type Clock = () => number;

export function systemClock(): number {
  return Date.now();
}
