// Text that people and agents write by hand: one wrong byte, or too many, do not keep an agent from starting.
// spec: daemon-and-cli D-36, runtimes 9
import type { Logger } from '@puffo/base';
import type { BoundedFile } from './read-bounded.ts';

export interface AgentTextOptions {
  /** For the log. */
  readonly path: string;
  readonly logger: Logger;
}

/** What is no UTF-8 becomes U+FFFD, and what is cut off ends before a character. Both are a warning that names the file. */
export function readAgentText({ bytes, isCut }: BoundedFile, { path, logger }: AgentTextOptions): string {
  if (isCut) logger.warn('text-cut', { path, keptBytes: bytes.length });
  // As a stream that goes on, a character that is cut in two is left out.
  const end = { stream: isCut };
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, end);
  } catch {
    // The fatal decoder has one failure: malformed input.
    logger.warn('text-not-utf8', { path });
    return new TextDecoder('utf-8').decode(bytes, end);
  }
}
