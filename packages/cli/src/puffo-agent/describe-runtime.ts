// How an agent is, in a few words beside its state. spec: daemon-and-cli 4.5, 4.9, D-29
import type { RuntimeSummary } from '@puffo/daemon/status';
import { cleanName } from '../output/clean-text.ts';

const MAX_ERROR_CHARACTERS = 300;

/** Only what is worth a word; none for an agent of 0.7.2 that is well. */
export function describeRuntime(runtime: RuntimeSummary | undefined): readonly string[] {
  if (runtime === undefined) return [];
  const { phase, messagesWaiting = 0, messagesFailed = 0, tokensToday, error, status } = runtime;
  const parts: string[] = [];
  if (phase !== undefined) parts.push(cleanName(phase));
  if (messagesWaiting > 0) parts.push(`waiting=${messagesWaiting}`);
  if (messagesFailed > 0) parts.push(`failed=${messagesFailed}`);
  const tokens = describeTokens(tokensToday);
  if (tokens !== undefined) parts.push(`tokens today=${tokens}`);
  // Of one that was stopped it is over.
  if (error !== '' && status !== 'stopped') parts.push(`error: ${cleanName(error, MAX_ERROR_CHARACTERS)}`);
  return parts;
}

/** Read and written; `undefined`: none. */
export function describeTokens(tokens: RuntimeSummary['tokensToday']): string | undefined {
  if (tokens === undefined || tokens.input + tokens.output === 0) return undefined;
  return `${tokens.input} in, ${tokens.output} out`;
}
