/** `ENOENT` and the like; `undefined` when it is no error of the system. */
export function errorCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** For messages: the system's code, which people can look up and which holds nothing of a file. */
export function reasonOf(error: unknown): string {
  return errorCodeOf(error) ?? 'unknown reason';
}
