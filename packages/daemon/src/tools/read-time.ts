// Times as tools show and take them. spec: mcp-tools 4.6

const LAST_TIME_MS = 253_402_300_799_999;
const ISO = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2}))$/;
const MILLISECONDS = /^\d{10,15}$/;

/** Empty for what is no time. */
export function showTime(timeMs: number): string {
  if (!(timeMs > 0 && timeMs <= LAST_TIME_MS)) return '';
  return `${new Date(timeMs).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}+00:00`;
}

/** ISO 8601 with a zone, or milliseconds. `undefined`: it is neither. */
export function readTime(text: string): number | undefined {
  if (MILLISECONDS.test(text)) return Number(text);
  if (!ISO.test(text)) return undefined;
  const time = Date.parse(text.replace(' ', 'T'));
  return Number.isNaN(time) ? undefined : time;
}
