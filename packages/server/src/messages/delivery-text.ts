/** JSON text of an envelope whose last member is an empty `recipients`. */
export interface StoredEnvelope {
  readonly envelope: string;
}

/**
 * JSON text of the envelope as one device gets it: with its own recipient entry and no other. Text is joined, because
 * reading and writing JSON once per device would be most of the work of a delivery. spec: wire-protocol 6.6
 */
export function deliveryText({ envelope }: StoredEnvelope, entry: string): string {
  return `${envelope.slice(0, -2)}${entry}]}`;
}
