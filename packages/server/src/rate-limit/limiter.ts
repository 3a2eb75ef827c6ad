export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
}

/** Counts per key and window; holds across nodes where several share a database. */
export interface Limiter {
  /** Takes one. `undefined`: allowed; else the seconds after which to try again. */
  take(key: string, rate: Rate): Promise<number | undefined>;
}
