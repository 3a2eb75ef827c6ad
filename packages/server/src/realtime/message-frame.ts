/**
 * Text of a `message` frame. `envelope`: JSON text with one recipient, so that the frame stays below 1 MiB: bodies of
 * `POST /messages` are at most 768 KiB. spec: wire-protocol 10.2, 10.5
 */
export function messageFrame(seq: number, envelope: string): string {
  return `{"type":"message","seq":${seq},"envelope":${envelope}}`;
}
