// One name for one call, whatever an engine calls it. spec: mcp-tools 3.5
import { digestOf } from './digest.ts';

/** What `AgentStore.queueReply` takes. */
const PLAIN = /^[\w.:-]{1,100}$/;

export function callKeyOf(callId: string): string {
  return PLAIN.test(callId) ? callId : `sha-${digestOf(callId)}`;
}
