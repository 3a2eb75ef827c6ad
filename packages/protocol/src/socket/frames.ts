// The frames of `/subscribe`, both directions. A known frame that is malformed is an error; a type this version does not
// know is reported as `unknown` and passed over. spec: wire-protocol 10.1, 10.3, 10.5, 14.1
import { isJsonObject } from '@puffo/base';
import * as z from 'zod';
import { absentable } from '../api/answer-fields.ts';
import { certEntry } from '../api/certs.ts';
import {
  channelIdField,
  jsonObjectField,
  opaqueField,
  requestNonceField,
  seqField,
  sessionIdField,
  signatureField,
  slugField,
  spaceIdField,
  subkeyIdField,
  timeField,
} from '../api/fields.ts';
import { acknowledgedIds } from '../api/messages.ts';
import { parseSchema } from '../api/parse-schema.ts';
import { ProtocolError } from '../errors.ts';

/** A type longer than this is cut in `UnknownFrame`: it goes to logs only. */
const UNKNOWN_TYPE_CHARACTERS = 64;

const spaceChange = { space_id: spaceIdField };
const channelChange = { space_id: absentable(spaceIdField), channel_id: channelIdField };
const changedNames = {
  name: absentable(z.string()),
  description: absentable(z.string()),
  avatar_url: absentable(z.string()),
};

const SERVER_FRAMES = {
  connected: z.object({ type: z.literal('connected'), session_id: sessionIdField }),
  /** Older servers leave `seq` out. */
  message: z.object({ type: z.literal('message'), seq: absentable(seqField), envelope: jsonObjectField }),
  /** `scope` is the space whose log the event belongs to. */
  event: z.object({ type: z.literal('event'), scope: opaqueField, event: jsonObjectField }),
  cert_update: z.object({ type: z.literal('cert_update'), entry: certEntry }),
  ping: z.object({ type: z.literal('ping') }),
  error: z.object({ type: z.literal('error'), error: z.string(), message: absentable(z.string()) }),
  // Hints to read again what they name; the tables of the server are the truth.
  space_membership_changed: z.object({ type: z.literal('space_membership_changed'), ...spaceChange }),
  space_update: z.object({ type: z.literal('space_update'), ...spaceChange, ...changedNames }),
  channel_update: z.object({ type: z.literal('channel_update'), ...channelChange, ...changedNames }),
  space_delete: z.object({ type: z.literal('space_delete'), ...spaceChange }),
  channel_delete: z.object({ type: z.literal('channel_delete'), ...channelChange }),
} as const;

const CLIENT_FRAMES = {
  connect: z.object({
    type: z.literal('connect'),
    slug: slugField,
    subkey_id: subkeyIdField,
    nonce: requestNonceField,
    timestamp: timeField,
    signature: signatureField,
  }),
  ack: z.object({ type: z.literal('ack'), envelope_ids: acknowledgedIds }),
  pong: z.object({ type: z.literal('pong') }),
} as const;

export interface UnknownFrame {
  readonly type: 'unknown';
  /** What the frame calls itself, cut to 64 characters. */
  readonly frameType: string;
}

type ServerFrames = typeof SERVER_FRAMES;
type ClientFrames = typeof CLIENT_FRAMES;

/** A frame as read. */
export type ServerFrame = z.output<ServerFrames[keyof ServerFrames]> | UnknownFrame;
export type ClientFrame = z.output<ClientFrames[keyof ClientFrames]> | UnknownFrame;

/** A frame as written. */
export type ServerFrameInput = z.input<ServerFrames[keyof ServerFrames]>;
export type ClientFrameInput = z.input<ClientFrames[keyof ClientFrames]>;

/** Reads a parsed frame from a server. */
export function decodeServerFrame(value: unknown): ServerFrame {
  const type = typeOf(value);
  if (!isKeyOf(SERVER_FRAMES, type)) return unknownFrame(type);
  return parseSchema(SERVER_FRAMES[type], value, `frame ${type}`);
}

/** Reads a parsed frame from a client. That `connect` comes first and once is the session's to check. */
export function decodeClientFrame(value: unknown): ClientFrame {
  const type = typeOf(value);
  if (!isKeyOf(CLIENT_FRAMES, type)) return unknownFrame(type);
  return parseSchema(CLIENT_FRAMES[type], value, `frame ${type}`);
}

function typeOf(value: unknown): string {
  if (!isJsonObject(value)) throw new ProtocolError('not_object', 'Cannot read frame: it is no JSON object');
  const type = Object.hasOwn(value, 'type') ? value['type'] : undefined;
  if (typeof type === 'string') return type;
  const state = type === undefined ? 'is missing' : 'is no string';
  throw new ProtocolError('schema_mismatch', `Cannot read frame: member 'type' ${state}`, { field: 'type' });
}

function isKeyOf<Table extends object>(table: Table, name: PropertyKey): name is keyof Table {
  return Object.hasOwn(table, name);
}

function unknownFrame(type: string): UnknownFrame {
  return { type: 'unknown', frameType: type.slice(0, UNKNOWN_TYPE_CHARACTERS) };
}
