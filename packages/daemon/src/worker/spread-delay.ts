import type { Random } from '@puffo/base';

/** At random in between, so that many agents that began together do not act together. */
export function spreadDelay(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  random: Random,
): number {
  const [high = 0, low = 0] = random.bytes(2);
  return Math.round(fromMs + ((high * 256 + low) / 65_536) * (toMs - fromMs));
}
