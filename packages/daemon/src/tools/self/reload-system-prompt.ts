// spec: mcp-tools 7.1
import { defineTool } from '../tool-definition.ts';

export const RELOAD_SYSTEM_PROMPT = defineTool({
  name: 'reload_system_prompt',
  kind: 'self',
  description: 'Read your role and your memory again, before your next turn. Your conversation stays.',
  isIdempotent: true,
  input: {},
  run(_input, { parts }) {
    parts.requests.request({ reload: true });
    return Promise.resolve({
      text: 'reload requested: before your next turn, your role, your memory and the primer are read again and your engine starts anew; this turn goes on as it is',
    });
  },
});
