// Content as text of one column: what is text stays text, whatever it looks like. spec: daemon-and-cli 6.3, D-43
import { type JsonValue, safeParseJson } from '@puffo/base';

/** What later versions of the reference put before JSON. */
const JSON_MARKER = '\u001ePUFFO_CONTENT_JSON_V1:';
const LIMITS = { maxLength: 16 * 1024 * 1024, maxDepth: 64, integers: 'any' } as const;

/**
 * Text of a structured type is written as JSON too, so that it is read back as text. 0.7.2 reads everything that is written
 * here as it was meant, but for text that looks like JSON.
 */
export function encodeHistoryContent(content: JsonValue, contentType: string): string {
  return typeof content === 'string' && !isStructured(contentType) ? content : JSON.stringify(content);
}

export function decodeHistoryContent(text: string, contentType: string): JsonValue {
  const isMarked = text.startsWith(JSON_MARKER);
  if (!isMarked && !isStructured(contentType)) return text;
  const result = safeParseJson(isMarked ? text.slice(JSON_MARKER.length) : text, LIMITS);
  // 0.7.2 wrote text of a structured type as it was.
  return result.kind === 'value' ? result.value : text;
}

function isStructured(contentType: string): boolean {
  const [type = ''] = contentType.toLowerCase().split(';');
  const name = type.trim();
  return name === 'application/json' || name.endsWith('+json') || name.startsWith('puffo/message+attachments/');
}
