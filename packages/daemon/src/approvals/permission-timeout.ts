// How long a turn waits for the operator: `PUFFO_PERMISSION_TIMEOUT` in seconds. spec: runtimes 5.2, 5.9
const DEFAULT_MS = 300_000;
/** Below the silence after which a turn counts as dead. */
const MAX_SECONDS = 25 * 60;

export function permissionTimeoutMs(environment: Readonly<Record<string, string | undefined>>): number {
  const given = environment['PUFFO_PERMISSION_TIMEOUT']?.trim() ?? '';
  if (!/^\d{1,6}$/.test(given)) return DEFAULT_MS;
  const seconds = Number(given);
  return seconds === 0 ? DEFAULT_MS : Math.min(seconds, MAX_SECONDS) * 1000;
}
