import { describe, expect, test } from 'vitest';
import { defaultDataDir } from './default-data-dir.ts';
import { findUnknownVariables, readSettings } from './read-settings.ts';

const PLACE = { env: {}, home: '/h', platform: 'linux' };

describe('readSettings', () => {
  test('knows what holds when nothing was chosen', () => {
    expect(readSettings({}, PLACE)).toMatchObject({
      host: '127.0.0.1',
      port: 8787,
      dataDir: '/h/.local/share/puffo-server',
      postgresUrl: undefined,
      blobStore: { kind: 'disk', folder: '/h/.local/share/puffo-server/blobs' },
      signup: 'invite',
      corsOrigins: [],
      trustProxy: false,
      limits: { perIdentity: 6000, perAddress: 600, newPeersPerHour: 20 },
      retention: { messages: 30, blobs: 90 },
      logLevel: 'info',
    });
  });

  test('puts a password into the address of the database, whatever it is made of', () => {
    const env = { PUFFO_SERVER_DATABASE: 'postgres://ada@db/x', PUFFO_SERVER_DATABASE_PASSWORD: 'a@b/c:%41#?' };
    const { postgresUrl = '' } = readSettings({}, { ...PLACE, env });
    expect(decodeURIComponent(new URL(postgresUrl).password)).toBe('a@b/c:%41#?');
    expect(new URL(postgresUrl).hostname).toBe('db');
  });

  test.each([
    ['s3://bucket?endpoint=http://127.0.0.1:9000&region=eu-1', 'http://127.0.0.1:9000', 'eu-1'],
    ['s3://bucket?region=eu-1', 'https://s3.eu-1.amazonaws.com', 'eu-1'],
    ['s3://bucket', 'https://s3.us-east-1.amazonaws.com', 'us-east-1'],
  ])('reads %s', (address, endpoint, region) => {
    const env = { PUFFO_SERVER_S3_ACCESS_KEY_ID: 'id', PUFFO_SERVER_S3_SECRET_ACCESS_KEY: 'key' };
    expect(readSettings({ 'blob-store': address }, { ...PLACE, env }).blobStore).toEqual({
      kind: 's3',
      bucket: 'bucket',
      endpoint,
      region,
      accessKeyId: 'id',
      secretAccessKey: 'key',
    });
  });

  test.each([
    ['yes', true],
    ['1', true],
    ['FALSE', false],
    ['off', false],
  ])('takes %s for a switch', (text, trustProxy) => {
    expect(readSettings({}, { ...PLACE, env: { PUFFO_SERVER_TRUST_PROXY: text } })).toMatchObject({ trustProxy });
  });

  test('reads several origins and a public address', () => {
    const flags = {
      'cors-origins': 'https://a.example, http://localhost:5173',
      'public-url': 'https://x.example/relay/',
    };
    expect(readSettings(flags, PLACE)).toMatchObject({
      corsOrigins: ['https://a.example', 'http://localhost:5173'],
      publicUrl: 'https://x.example/relay',
    });
  });
});

test.each([
  ['linux', {}, '/h/.local/share/puffo-server'],
  ['linux', { XDG_DATA_HOME: '/data' }, '/data/puffo-server'],
  ['linux', { XDG_DATA_HOME: 'relative' }, '/h/.local/share/puffo-server'],
  ['darwin', { XDG_DATA_HOME: '/data' }, '/h/Library/Application Support/puffo-server'],
  ['win32', {}, '/h/AppData/Local/puffo-server'],
])('on %s with %j the data is in %s', (platform, env, folder) => {
  expect(defaultDataDir({ platform, env, home: '/h' }).replaceAll('\\', '/')).toBe(folder);
});

test('variables that look like ours and are not are found', () => {
  const env = { PUFFO_SERVER_PROT: '1', PUFFO_SERVER_PORT: '1', PUFFO_TEST_POSTGRES: 'x', PATH: '/bin' };
  expect(findUnknownVariables(env)).toEqual(['PUFFO_SERVER_PROT']);
});
