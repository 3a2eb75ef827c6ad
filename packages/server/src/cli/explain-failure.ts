// What a failure means for the administrator: one sentence, or the admission that it is ours.
import { AppError } from '@puffo/base';
import { SqlError } from '@puffo/sql';
import type { Settings } from '../config/settings.ts';

export interface Explanation {
  readonly text: string;
  /** Nothing that an administrator could repair: the text is a stack. */
  readonly isDefect: boolean;
}

interface Failure {
  readonly code: string;
  readonly syscall: string;
  readonly path: string;
  readonly message: string;
}

const NETWORK: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it, stop that program or choose another --port',
  EACCES: 'this user may not use ports below 1024, choose a higher --port',
  EADDRNOTAVAIL: 'this machine has no such address, choose another --host',
  ENOTFOUND: 'there is no host of that name, choose another --host',
  EAI_AGAIN: 'the name cannot be looked up, choose an address with --host',
};

const FILES: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there, change its owner or choose another folder',
  EPERM: 'this user may not write there, change its owner or choose another folder',
  EROFS: 'the disk is read-only, choose another folder',
  ENOTDIR: 'a part of this path is a file, choose another folder',
  EEXIST: 'it exists already and is no folder, choose another place',
  EISDIR: 'it is a folder, choose another place',
  ENOENT: 'there is no such file or folder, check the path',
  ENOSPC: 'the disk is full, make room',
  EDQUOT: 'the disk quota is used up, make room',
};

const POSTGRES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there, start PostgreSQL or correct --database',
  ENOTFOUND: 'there is no host of that name, correct --database',
  EAI_AGAIN: 'the name of the host cannot be looked up, correct --database',
  ETIMEDOUT: 'it does not answer, check the network or correct --database',
  '28P01': 'the password is wrong, correct PUFFO_SERVER_DATABASE_PASSWORD or --database',
  '28000': 'this user may not connect, correct --database or the rules of PostgreSQL',
  '3D000': 'there is no database of that name, create it or correct --database',
};

/** `settings`: when they could be read. */
export function explainFailure(error: unknown, settings?: Settings): Explanation {
  const text = explainSql(error, settings) ?? explainSystem(error, settings);
  if (text !== undefined) return { text, isDefect: false };
  if (error instanceof AppError) return { text: error.message, isDefect: false };
  return { text: error instanceof Error ? (error.stack ?? error.message) : 'Unknown failure', isDefect: true };
}

function explainSql(error: unknown, settings: Settings | undefined): string | undefined {
  if (!(error instanceof SqlError)) return undefined;
  const cause = readFailure(error.cause);
  if (error.code === 'migration_failed' && cause.message.startsWith('corrupted migrations')) {
    return 'Cannot use the database: a newer version of puffo-server made it, run that version';
  }
  if (error.code === 'database_in_use') {
    const where = settings === undefined ? 'this data folder' : settings.dataDir;
    return `Cannot start: another puffo-server runs on ${where}, stop it or choose another --data-dir`;
  }
  if (error.code !== 'database_unreachable' || settings?.postgresUrl === undefined) return error.message;
  const why = POSTGRES[cause.code] ?? `${cause.message || 'unknown reason'}, correct --database`;
  return `Cannot reach the database ${withoutSecrets(settings.postgresUrl)}: ${why}`;
}

function explainSystem(error: unknown, settings: Settings | undefined): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall, path } = readFailure(error);
  if (syscall === 'listen' || syscall === 'getaddrinfo') {
    const why = NETWORK[code];
    const where = settings === undefined ? 'the address' : `${settings.host}:${settings.port}`;
    return why === undefined ? undefined : `Cannot listen on ${where}: ${why}`;
  }
  const why = FILES[code];
  return why === undefined ? undefined : `Cannot use ${path === '' ? 'the data folder' : path}: ${why}`;
}

/** An address without password and parameters. */
export function withoutSecrets(address: string): string {
  if (!URL.canParse(address)) return 'named by --database';
  const url = new URL(address);
  url.password = '';
  url.search = '';
  return url.href;
}

/** The members that system errors have, and those of PostgreSQL. Several failed attempts come as one. */
function readFailure(error: unknown): Failure {
  const source: unknown = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  return {
    code: memberOf(source, 'code'),
    syscall: memberOf(source, 'syscall'),
    path: memberOf(source, 'path'),
    message: memberOf(source, 'message'),
  };
}

function memberOf(source: unknown, name: string): string {
  const value: unknown = typeof source === 'object' && source !== null ? Reflect.get(source, name) : undefined;
  return typeof value === 'string' ? value : '';
}
