// OpenAI Responses, the answer as numbered events in the order of the real API.
// spec: runtimes 10.6
import type { JsonObject } from '@puffo/base';
import { splitText } from '../fake-reply.ts';
import { stringAt } from '../json-access.ts';
import type { AnswerContext, AnsweredCall, StreamWriter } from './dialect.ts';
import { writeCall, writeEnd, writeHead, writeMessage, writePart, writeUsage } from './responses-objects.ts';
import { EVENT_STREAM, malformedEvent, namedEvent } from './server-sent-event.ts';

type TextKind = 'text' | 'refusal' | 'thinking';

/** `onFinished` gets what was said, when it is complete. */
export function openResponsesStream(
  context: AnswerContext,
  onFinished: (output: readonly JsonObject[], responseId: string) => void,
): StreamWriter {
  const head = writeHead(context);
  const events = createEvents();
  let open: TextItem | undefined;

  function enter(kind: TextKind): TextItem {
    open ??= openTextItem(kind, { events, id: context.createId(kind === 'thinking' ? 'rs_' : 'msg_') });
    return open;
  }
  function leave(): string {
    const closed = open?.close() ?? '';
    open = undefined;
    return closed;
  }

  return {
    contentType: EVENT_STREAM,
    start: () =>
      events.event('response.created', { response: head }) + events.event('response.in_progress', { response: head }),
    delta(kind, chunk) {
      const closed = open?.kind === kind ? '' : leave();
      return closed + enter(kind).add(chunk);
    },
    toolCall: (call) => leave() + writeCallEvents(context, events, call),
    error({ body }) {
      const response = { ...head, status: 'failed', error: body['error'] ?? null };
      return events.event('response.failed', { response });
    },
    malformed: malformedEvent,
    finish() {
      const closed = leave();
      const { output } = events;
      onFinished(output, stringAt(head, 'id') ?? '');
      const response = { ...head, ...writeEnd(context), output, usage: writeUsage(context) };
      const type = context.finish === 'length' ? 'response.incomplete' : 'response.completed';
      return closed + events.event(type, { response });
    },
  };
}

interface Events {
  /** Items that are complete. */
  readonly output: readonly JsonObject[];
  event(type: string, data: JsonObject): string;
  addItem(item: JsonObject): string;
  finishItem(item: JsonObject): string;
}

function createEvents(): Events {
  const output: JsonObject[] = [];
  let sequence = 0;

  function event(type: string, data: JsonObject): string {
    return namedEvent(type, { type, sequence_number: sequence++, ...data });
  }

  return {
    output,
    event,
    addItem: (item) => event('response.output_item.added', { output_index: output.length, item }),
    finishItem(item) {
      const done = event('response.output_item.done', { output_index: output.length, item });
      output.push(item);
      return done;
    },
  };
}

/** An item of text that grows. What it does is returned as events. */
interface TextItem {
  readonly kind: TextKind;
  add(chunk: string): string;
  close(): string;
}

/** What a growing text is called on the wire. */
const NAMES = {
  text: { text: 'response.output_text', part: 'response.content_part', index: 'content_index' },
  refusal: { text: 'response.refusal', part: 'response.content_part', index: 'content_index' },
  thinking: {
    text: 'response.reasoning_summary_text',
    part: 'response.reasoning_summary_part',
    index: 'summary_index',
  },
} as const;

function openTextItem(kind: TextKind, { events, id }: { readonly events: Events; readonly id: string }): TextItem {
  const names = NAMES[kind];
  const place = { item_id: id, output_index: events.output.length, [names.index]: 0 };
  const more = kind === 'text' ? { logprobs: [] } : {};
  let whole = '';
  let isOpen = false;

  return {
    kind,
    add(chunk) {
      const opening = isOpen
        ? ''
        : events.addItem(writeTextItem(kind, id)) +
          events.event(`${names.part}.added`, { ...place, part: writeTextPart(kind, '') });
      isOpen = true;
      whole += chunk;
      return opening + events.event(`${names.text}.delta`, { ...place, delta: chunk, ...more });
    },
    close() {
      const member = kind === 'refusal' ? 'refusal' : 'text';
      return [
        events.event(`${names.text}.done`, { ...place, [member]: whole, ...more }),
        events.event(`${names.part}.done`, { ...place, part: writeTextPart(kind, whole) }),
        events.finishItem(writeTextItem(kind, id, writeTextPart(kind, whole))),
      ].join('');
    },
  };
}

function writeTextPart(kind: TextKind, text: string): JsonObject {
  return kind === 'thinking' ? { type: 'summary_text', text } : writePart(kind, text);
}

/** Without its part: as it is when it begins. */
function writeTextItem(kind: TextKind, id: string, part?: JsonObject): JsonObject {
  const parts = part === undefined ? [] : [part];
  if (kind === 'thinking') return { id, type: 'reasoning', summary: parts };
  return writeMessage(id, part === undefined ? 'in_progress' : 'completed', parts);
}

function writeCallEvents(context: AnswerContext, events: Events, call: AnsweredCall): string {
  const item = writeCall(context, call);
  const [name, member] =
    item['type'] === 'custom_tool_call'
      ? (['response.custom_tool_call_input', 'input'] as const)
      : (['response.function_call_arguments', 'arguments'] as const);
  const text = stringAt(item, member) ?? '';
  const place = { item_id: item['id'] ?? '', output_index: events.output.length };
  return [
    events.addItem({ ...item, status: 'in_progress', [member]: '' }),
    ...splitText(text).map((delta) => events.event(`${name}.delta`, { ...place, delta })),
    events.event(`${name}.done`, { ...place, [member]: text }),
    events.finishItem(item),
  ].join('');
}
