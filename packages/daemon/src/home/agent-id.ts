// spec: daemon-and-cli 2.5, D-19

/** Letters, digits, `_` and `-`, the first one a letter or digit, 64 at most; nothing before or behind. */
const AGENT_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export function isAgentId(text: string): boolean {
  // `$` lets no line break pass in JavaScript without the flag `m`.
  return AGENT_ID.test(text);
}
