// The structured way to say nothing; the marker in a text still works. spec: runtimes 2.7
import { optionalText } from '../fields.ts';
import { defineTool } from '../tool-definition.ts';

export const NO_REPLY = defineTool({
  name: 'no_reply',
  kind: 'self',
  description: 'End this turn without saying anything: you were not asked, or there is nothing to add. Nobody is told.',
  isIdempotent: true,
  input: { reason: optionalText({ description: 'for the log of your operator; people do not see it' }) },
  run(_input, { turn }) {
    if (turn === undefined) return Promise.resolve({ text: 'noted; no turn runs, so nobody waits for a reply' });
    turn.declined = true;
    return Promise.resolve({ text: 'noted; nothing is posted for this turn, and what you write besides is not shown' });
  },
});
