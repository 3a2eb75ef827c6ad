// One message for very many devices does not fit into one request: it is posted several times under its id, with other
// recipients each time. spec: wire-protocol 9.22, 13.3
import { isJsonArray, type JsonObject, type JsonValue } from '@puffo/base';

/** Each at most `maxBytes` long as JSON, except that one recipient is always in it. An envelope holds ASCII only. */
export function splitEnvelope(envelope: JsonObject, maxBytes: number): readonly JsonObject[] {
  const recipients = recipientsOf(envelope);
  const around = JSON.stringify({ ...envelope, recipients: [] }).length;
  const parts: JsonObject[] = [];
  let part: JsonValue[] = [];
  let length = around;
  for (const recipient of recipients) {
    const added = JSON.stringify(recipient).length + 1;
    if (part.length > 0 && length + added > maxBytes) {
      parts.push({ ...envelope, recipients: part });
      part = [];
      length = around;
    }
    part.push(recipient);
    length += added;
  }
  parts.push({ ...envelope, recipients: part });
  return parts;
}

export function recipientsOf(envelope: JsonObject): readonly JsonValue[] {
  const recipients = envelope['recipients'] ?? [];
  return isJsonArray(recipients) ? recipients : [];
}

export function withRecipients(envelope: JsonObject, recipients: readonly JsonValue[]): JsonObject {
  return { ...envelope, recipients };
}
