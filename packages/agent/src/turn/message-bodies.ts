// The other direction of `renderTurn`: what people wrote, out of the text that a model receives. For engines that answer
// without a model. spec: runtimes 2.4
import { closingMarker, CONTEXT_HEADING, readOpeningMarker, TURN_HEADING } from './message-block.ts';

/** Of the messages that make the turn, oldest first; those that are shown for context are left out. */
export function readMessageBodies(text: string): readonly string[] {
  const lines = text.split('\n');
  const bodies: string[] = [];
  let isContext = false;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line === TURN_HEADING) isContext = false;
    if (line.startsWith(CONTEXT_HEADING)) isContext = true;
    const token = readOpeningMarker(line);
    if (token === undefined) continue;
    const end = lines.indexOf(closingMarker(token), index + 1);
    if (end === -1) return bodies;
    if (!isContext) bodies.push(lines.slice(index + 1, end).join('\n'));
    index = end;
  }
  return bodies;
}
