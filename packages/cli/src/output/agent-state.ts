// How agents are, as one dot each. spec: wire-protocol 11.1
import type { AgentStatus } from '@puffo/protocol';
import { cleanName } from './clean-text.ts';
import type { Paint } from './paint.ts';

type State = AgentStatus['status'];

/** Of the colour and, for those who see none, of the form that says the state. */
export function statusDot(state: State, paint: Paint): string {
  if (state === 'idle') return paint.green('●');
  if (state === 'busy') return paint.yellow('◐');
  if (state === 'error') return paint.red('✖');
  return paint.dim('○');
}

export function describeState(state: State): string {
  return state === 'busy' ? 'working' : cleanName(state);
}
