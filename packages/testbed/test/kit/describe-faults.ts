import type { FaultCounts } from '../../src/proxy/fault-plan.ts';

/** Which happened how often, the most frequent first. */
export function describeFaults(faults: FaultCounts): string {
  const happened = Object.entries(faults).filter(([, count]) => count > 0);
  const sum = happened.reduce((total, [, count]) => total + count, 0);
  const list = happened.toSorted(([, left], [, right]) => right - left).map(([kind, count]) => `${kind} ${count}`);
  return `${sum} faults: ${list.join(', ')}`;
}
