// An identity as one encrypted file, to be kept or carried to another machine. The header says how the key is made from the
// passphrase, and is bound to the content: whoever changes it gets nothing.
//
//   {"type":"puffo_identity_export","version":1,
//    "kdf":{"name":"scrypt","log2_n":17,"r":8,"p":1,"salt":"…"},"nonce":"…","ciphertext":"…"}
import { type ScryptOptions, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import {
  concatBytes,
  decodeBase64url,
  decodeUtf8,
  encodeBase64url,
  encodeUtf8,
  isJsonObject,
  type JsonObject,
  type Random,
} from '@puffo/base';
import {
  aeadOpen,
  aeadSeal,
  decodeJsonObject,
  formatIdentityFile,
  type IdentityKeys,
  parseIdentityFile,
  ProtocolError,
} from '@puffo/protocol';
import { CliError } from '../cli-error.ts';

export const MIN_PASSPHRASE_CHARACTERS = 8;
export const MAX_EXPORT_CHARACTERS = 256 * 1024;

const TYPE = 'puffo_identity_export';
const VERSION = 1;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
/** 128 MiB and about half a second. */
const COST: Cost = { log2N: 17, r: 8, p: 1 };
/** What a reader is ready to spend: a file from outside must not fill the memory. */
const MAX_COST: Cost = { log2N: 20, r: 8, p: 4 };
const MIN_COST: Cost = { log2N: 14, r: 8, p: 1 };

interface Cost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

export interface Header extends Cost {
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
}

export interface ExportToSeal {
  readonly passphrase: string;
  readonly random: Random;
}

/** The text of the file. */
export async function sealExport(keys: IdentityKeys, { passphrase, random }: ExportToSeal): Promise<string> {
  const header: Header = { ...COST, salt: random.bytes(SALT_BYTES), nonce: random.bytes(NONCE_BYTES) };
  const key = await deriveKey(passphrase, header);
  const input = { key, nonce: header.nonce, aad: headerAad(header) };
  const ciphertext = aeadSeal(input, encodeUtf8(formatIdentityFile(keys)));
  return `${JSON.stringify({ ...headerMembers(header), ciphertext: encodeBase64url(ciphertext) }, null, 2)}\n`;
}

export interface SealedExport {
  readonly header: Header;
  readonly ciphertext: Uint8Array;
}

/** Fails for what is none of ours, before anybody is asked for a passphrase. */
export function parseExport(text: string): SealedExport {
  const object = readObject(text);
  const header = object === undefined ? undefined : readHeader(object);
  const ciphertext = object === undefined ? undefined : readBytes(object, 'ciphertext');
  if (header === undefined || ciphertext === undefined) throw notAnExport();
  return { header, ciphertext };
}

/** Fails for a wrong passphrase or a damaged file. */
export async function openExport({ header, ciphertext }: SealedExport, passphrase: string): Promise<IdentityKeys> {
  const key = await deriveKey(passphrase, header);
  const opened = aeadOpen({ key, nonce: header.nonce, aad: headerAad(header) }, ciphertext);
  const plaintext = opened === undefined ? undefined : decodeUtf8(opened);
  if (plaintext === undefined) {
    throw new CliError('failed', 'Cannot open the export: the passphrase is wrong, or the file was changed');
  }
  return parseIdentityFile(plaintext);
}

function headerMembers({ log2N, r, p, salt, nonce }: Header): JsonObject {
  const kdf = { name: 'scrypt', log2_n: log2N, r, p, salt: encodeBase64url(salt) };
  return { type: TYPE, version: VERSION, kdf, nonce: encodeBase64url(nonce) };
}

/** What the reader has understood, in one order, and not the text that it came in. */
function headerAad(header: Header): Uint8Array {
  return concatBytes(encodeUtf8(TYPE), Uint8Array.of(0), encodeUtf8(JSON.stringify(headerMembers(header))));
}

async function deriveKey(passphrase: string, { log2N, r, p, salt }: Header): Promise<Uint8Array> {
  const N = 2 ** log2N;
  const derive = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt);
  // The same passphrase may be typed composed or decomposed, depending on the keyboard.
  return derive(passphrase.normalize('NFKC'), salt, KEY_BYTES, { N, r, p, maxmem: 128 * N * r * p + 64 * 1024 * 1024 });
}

function readObject(text: string): JsonObject | undefined {
  try {
    return decodeJsonObject(text, { what: 'identity export', maxLength: MAX_EXPORT_CHARACTERS });
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function readHeader(object: JsonObject): Header | undefined {
  if (object['type'] !== TYPE) return undefined;
  if (object['version'] !== VERSION) {
    throw new CliError('failed', 'Cannot open the export: a newer puffo-cli wrote it, use that version');
  }
  const kdf = object['kdf'];
  if (!isJsonObject(kdf) || kdf['name'] !== 'scrypt') return undefined;
  const log2N = readCost(kdf['log2_n'], 'log2N');
  const r = readCost(kdf['r'], 'r');
  const p = readCost(kdf['p'], 'p');
  const salt = readBytes(kdf, 'salt');
  const nonce = readBytes(object, 'nonce');
  if (log2N === undefined || r === undefined || p === undefined) return undefined;
  if (salt?.length !== SALT_BYTES || nonce?.length !== NONCE_BYTES) return undefined;
  return { log2N, r, p, salt, nonce };
}

function readCost(value: unknown, name: keyof Cost): number | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
  return value >= MIN_COST[name] && value <= MAX_COST[name] ? value : undefined;
}

function readBytes(object: JsonObject, name: string): Uint8Array | undefined {
  const value = object[name];
  return typeof value === 'string' ? decodeBase64url(value) : undefined;
}

function notAnExport(): CliError {
  return new CliError('failed', 'Cannot open the export: the file is not one that puffo-cli identity export wrote');
}
