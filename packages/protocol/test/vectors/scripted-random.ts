import type { Random } from '@puffo/base';

/** Gives out the listed byte strings in order, and fails when another length or one more is asked for. */
export function scriptedRandom(values: readonly Uint8Array[]): Random {
  let next = 0;
  return {
    bytes(length) {
      const value = values[next++];
      if (value?.length !== length) throw new Error(`no ${length} random bytes were scripted at call ${next}`);
      return Uint8Array.from(value);
    },
  };
}
