import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { once } from 'node:events';
import { type Logger, seededRandom, silentLogger } from '@puffo/base';
import { describe, expect, test } from 'vitest';
import { type DataService, startDataService } from '../../src/data-service/start-data-service.ts';
import { openHistoryStore } from '../../src/store/history-store.ts';
import { copyFixtureHome, makeTemporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';
import { CHANNEL, DIRECT, historyOf, NOW, SPACE } from '../store/kit.ts';

const AGENT = 'helper-9a7c';

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

interface Ask {
  readonly method?: string;
  readonly host?: string | undefined;
  /** By default the agent's own. */
  readonly token?: string | undefined;
  readonly authorization?: string;
}

interface TestService extends AsyncDisposable {
  readonly temporary: TemporaryHome;
  readonly service: DataService;
  readonly lines: readonly string[];
  /** `path` goes out as it is: nothing resolves `..`. */
  ask(path: string, ask?: Ask): Promise<Reply>;
}

async function openService({ fixture = false, port = 0 } = {}): Promise<TestService> {
  const temporary = fixture ? await copyFixtureHome() : await makeTemporaryHome();
  const lines: string[] = [];
  const service = await startDataService({
    home: temporary.home,
    bindHost: '127.0.0.1',
    port,
    random: seededRandom(1),
    logger: loggerInto(lines),
  });
  return {
    temporary,
    service,
    lines,
    ask: (path, { method = 'GET', host = `127.0.0.1:${service.port}`, ...rest } = {}) => {
      // Always there, so that a refused one is refused for itself.
      const own = service.issueToken(AGENT);
      const token = 'token' in rest ? rest.token : own;
      const authorization = rest.authorization ?? (token === undefined ? undefined : `Bearer ${token}`);
      const headers = { host, ...(authorization === undefined ? {} : { authorization }) };
      return send({ port: service.port, path, method, headers });
    },
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

function loggerInto(lines: string[]): Logger {
  const log = (event: string, fields = {}) => void lines.push(`${event} ${JSON.stringify(fields)}`);
  return { ...silentLogger, info: log, warn: log, error: log };
}

interface Outgoing {
  readonly port: number;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

function send({ port, path, method, headers }: Outgoing): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

const read = ({ status, text }: Reply) => ({ status, body: JSON.parse(text) as unknown });
const idsOf = ({ text }: Reply) =>
  (JSON.parse(text) as { messages: { envelope_id: string }[] }).messages.map((message) => message.envelope_id);

async function fill(temporary: TemporaryHome, count: number, prefix = 'msg'): Promise<void> {
  await using history = await openHistoryStore(temporary.home.agent(AGENT).databaseFile, { clock: () => NOW });
  await history.add(
    Array.from({ length: count }, (_, at) => historyOf(`${prefix}_${at}`, { sentAt: NOW + at, content: '123' })),
  );
}

const RECENT = `/v1/data/${AGENT}/messages/recent`;

describe('statement 75: the data service', () => {
  test('answers from the file of 0.7.2', async () => {
    await using test = await openService({ fixture: true });
    const channel = 'ch_9b5aabe9-1ce4-497e-930f-bac3583e371e';
    expect(read(await test.ask(`/v1/data/${AGENT}/channels/${channel}/space`))).toEqual({
      status: 200,
      body: { space_id: 'sp_9ae7a91d-7284-4514-af2d-3b35ec73c3db' },
    });
    expect(idsOf(await test.ask(`${RECENT}?channel=${channel}`))).toEqual(
      [0, 2, 4].map((at) => `msg_0000000${at}-0000-4000-8000-000000000000`),
    );
    expect(read(await test.ask(`/v1/data/${AGENT}/messages/msg_00000001-0000-4000-8000-000000000000`))).toEqual({
      status: 200,
      body: {
        message: {
          envelope_id: 'msg_00000001-0000-4000-8000-000000000000',
          envelope_kind: 'dm',
          sender_slug: 'alice-3d3d',
          channel_id: null,
          space_id: null,
          recipient_slug: 'helper-9a7c',
          content_type: 'text/plain',
          content: '123',
          sent_at: 1_778_400_001_000,
          received_at: 1_778_400_001_500,
          thread_root_id: null,
          reply_to_id: null,
        },
      },
    });
  });

  test.each([
    ['', 20],
    ['&limit=5', 5],
    ['&limit=0', 1],
    ['&limit=-7', 1],
    ['&limit=200', 200],
    ['&limit=1000', 200],
    ['&limit=%205%20', 5],
  ])('lists the newest ones, oldest first, as many as the limit says: %s', async (limit, count) => {
    await using test = await openService();
    await fill(test.temporary, 250);
    const ids = idsOf(await test.ask(`${RECENT}?channel=${CHANNEL}${limit}`));
    expect(ids).toEqual(Array.from({ length: count }, (_, at) => `msg_${250 - count + at}`));
  });

  test.each([
    [RECENT, 400, 'channel query param required'],
    [`${RECENT}?channel=`, 400, 'channel query param required'],
    [`${RECENT}?channel=a&limit=`, 400, 'limit must be an integer'],
    [`${RECENT}?channel=a&limit=1.5`, 400, 'limit must be an integer'],
    [`${RECENT}?channel=a&limit=many`, 400, 'limit must be an integer'],
    [`${RECENT}?channel=a`, 404, 'agent db not found'],
    [`/v1/data/${AGENT}/messages/msg_1`, 404, 'agent db not found'],
    [`/v1/data/${AGENT}/channels/a/space`, 404, 'agent db not found'],
  ])('refuses %s of an agent without a history with %i', async (path, status, error) => {
    await using test = await openService();
    expect(read(await test.ask(path))).toEqual({ status, body: { error } });
  });

  test.each([
    [`/v1/data/${AGENT}/messages/msg_none`, 404, { error: 'message not found' }],
    [`/v1/data/${AGENT}/channels/ch_none/space`, 404, { error: 'channel unknown' }],
    [`${RECENT}?channel=ch_none`, 200, { messages: [] }],
  ])('says of %s that there is nothing', async (path, status, body) => {
    await using test = await openService();
    await fill(test.temporary, 1);
    expect(read(await test.ask(path))).toEqual({ status, body });
  });

  test.each([
    ['POST', RECENT, 405],
    ['DELETE', `/v1/data/${AGENT}/messages/msg_1`, 405],
    ['GET', '/', 404],
    ['GET', `/v1/data/${AGENT}`, 404],
    ['GET', `/v1/data/${AGENT}/messages/`, 404],
    ['GET', `/v1/data/${AGENT}/messages/a/b`, 404],
    ['GET', `/v1/data/${AGENT}/channels/a/members`, 404],
    ['GET', `/v1/data/${AGENT}/messages/%zz`, 404],
    ['GET', `/v1/data/${AGENT}/messages/${'x'.repeat(300)}`, 404],
  ])('answers %s %s in plain text with %i', async (method, path, status) => {
    await using test = await openService();
    await fill(test.temporary, 1);
    const reply = await test.ask(path, { method });
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toContain('text/plain');
    expect(reply.headers['allow']).toBe(status === 405 ? 'GET,HEAD' : undefined);
  });

  test('answers HEAD as GET, without the body', async () => {
    await using test = await openService();
    await fill(test.temporary, 3);
    const path = `${RECENT}?channel=${CHANNEL}`;
    const [head, get] = [await test.ask(path, { method: 'HEAD' }), await test.ask(path)];
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers['content-length']).toBe(String(Buffer.byteLength(get.text)));
  });

  test('takes ids apart after splitting, so that an encoded slash stays in its id', async () => {
    await using test = await openService();
    await using history = await openHistoryStore(test.temporary.home.agent(AGENT).databaseFile, { clock: () => NOW });
    await history.add([historyOf('msg_a/b ü')]);
    const reply = await test.ask(`/v1/data/${AGENT}/messages/${encodeURIComponent('msg_a/b ü')}`);
    expect(read(reply)).toMatchObject({ status: 200, body: { message: { envelope_id: 'msg_a/b ü' } } });
  });

  test('gives the newest ones of all channels for __all__, and no direct messages', async () => {
    await using test = await openService();
    await using history = await openHistoryStore(test.temporary.home.agent(AGENT).databaseFile, { clock: () => NOW });
    await history.add([historyOf('msg_1'), historyOf('msg_2', { channelId: 'ch_other' }), historyOf('msg_3', DIRECT)]);
    expect(idsOf(await test.ask(`${RECENT}?channel=__all__`))).toEqual(['msg_1', 'msg_2']);
  });

  test('says that it cannot read, instead of that there is nothing', async () => {
    await using test = await openService();
    const { folder, databaseFile } = test.temporary.home.agent(AGENT);
    await fill(test.temporary, 1);
    await rm(folder, { recursive: true });
    await mkdir(folder, { recursive: true });
    // A database without the table.
    await writeFile(databaseFile, '');
    expect(read(await test.ask(`${RECENT}?channel=${CHANNEL}`))).toEqual({
      status: 500,
      body: { error: 'history fetch failed: the database cannot be read' },
    });
    expect(read(await test.ask(`/v1/data/${AGENT}/messages/msg_1`))).toEqual({
      status: 500,
      body: { error: 'lookup failed: the database cannot be read' },
    });
    await rm(databaseFile);
    await writeFile(databaseFile, 'This is no database. '.repeat(500));
    expect(read(await test.ask(`/v1/data/${AGENT}/messages/msg_1`))).toEqual({
      status: 404,
      body: { error: 'agent db not found' },
    });
  });

  test('answers many at once', async () => {
    await using test = await openService();
    await fill(test.temporary, 30);
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, at) => test.ask(`/v1/data/${AGENT}/messages/msg_${at}`)),
    );
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, (_, at) => (at < 30 ? 200 : 404)));
  });
});

describe('statement 76: the data service shows nothing', () => {
  const path = `${RECENT}?channel=${CHANNEL}`;

  test.each<[string, Ask]>([
    ['without a token', { token: undefined }],
    ['with an empty token', { authorization: 'Bearer ' }],
    ['with a wrong token', { token: 'x'.repeat(43) }],
    ['with another scheme', { authorization: 'Basic aGk6aGk=' }],
  ])('%s', async (_, ask) => {
    await using test = await openService();
    await fill(test.temporary, 1);
    const reply = await test.ask(path, ask);
    expect(read(reply)).toEqual({ status: 401, body: { error: 'unauthorized' } });
    expect(reply.headers['www-authenticate']).toBe('Bearer');
  });

  test('with the token of another agent', async () => {
    await using test = await openService();
    await fill(test.temporary, 1);
    const token = test.service.issueToken('other-1111');
    expect(token).not.toBe(test.service.issueToken(AGENT));
    expect((await test.ask(path, { token })).status).toBe(401);
  });

  test('to whoever leaves the name of this machine out', async () => {
    await using test = await openService();
    await fill(test.temporary, 1);
    const token = test.service.issueToken(AGENT);
    const socket = connect(test.service.port, '127.0.0.1');
    socket.end(`GET ${path} HTTP/1.1\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
    expect(text).not.toContain('msg_');
  });

  test.each(['evil.example', 'evil.example:63386', '127.0.0.1.evil.example', 'localhost@evil.example'])(
    'to whoever calls this machine %s',
    async (host) => {
      await using test = await openService();
      await fill(test.temporary, 1);
      expect(read(await test.ask(path, { host }))).toEqual({ status: 403, body: { error: 'host not allowed' } });
    },
  );

  test.each(['localhost', 'LOCALHOST:63386', '[::1]:63386', 'host.docker.internal:63386'])(
    'but to those who call it %s',
    async (host) => {
      await using test = await openService();
      await fill(test.temporary, 1);
      expect((await test.ask(path, { host })).status).toBe(200);
    },
  );

  test.each(['..%2Farchived%2Fold-1', '..%2fagents%2fhelper-9a7c', '..', '.', '%2e%2e', 'helper-9a7c%00'])(
    'for %s in place of an agent, whoever holds a token for it',
    async (agentId) => {
      await using test = await openService();
      await fill(test.temporary, 1);
      await using archived = await openHistoryStore(`${test.temporary.home.archivedFolder}/old-1/messages.db`, {
        clock: () => NOW,
      });
      await archived.add([historyOf('msg_secret')]);
      const target = `/v1/data/${agentId}/messages/recent?channel=${CHANNEL}`;
      const replies = [
        await test.ask(target),
        await test.ask(target, { token: test.service.issueToken(decodeURIComponent(agentId)) }),
      ];
      expect(replies.map(({ status }) => status)).toEqual([401, 404]);
      expect(replies.map(({ text }) => text).join()).not.toContain('msg_');
    },
  );

  test('in its log of what it answered', async () => {
    await using test = await openService();
    await fill(test.temporary, 1);
    await test.ask(path);
    const token = test.service.issueToken(AGENT);
    expect(test.lines).toEqual([expect.stringContaining('data-service-request')]);
    expect(test.lines[0]).toContain('"status":200');
    expect(test.lines.join()).not.toContain(token);
  });
});

describe('an agent that goes', () => {
  test('and comes back under its name has its own history', async () => {
    await using test = await openService();
    const { folder } = test.temporary.home.agent(AGENT);
    const path = `${RECENT}?channel=${CHANNEL}`;
    await fill(test.temporary, 1, 'old');
    expect(idsOf(await test.ask(path))).toEqual(['old_0']);
    await rename(folder, `${test.temporary.folder}/archived`);
    expect(read(await test.ask(path))).toEqual({ status: 404, body: { error: 'agent db not found' } });
    await fill(test.temporary, 1, 'new');
    expect(idsOf(await test.ask(path))).toEqual(['new_0']);
    await rm(folder, { recursive: true });
    await fill(test.temporary, 1, 'newer');
    expect(idsOf(await test.ask(path))).toEqual(['newer_0']);
  });

  test('takes its token with it', async () => {
    await using test = await openService();
    await fill(test.temporary, 1);
    const token = test.service.issueToken(AGENT);
    const path = `/v1/data/${AGENT}/channels/${CHANNEL}/space`;
    expect(read(await test.ask(path, { token }))).toEqual({ status: 200, body: { space_id: SPACE } });
    await test.service.forget(AGENT);
    expect((await test.ask(path, { token })).status).toBe(401);
    expect((await test.ask(path)).status).toBe(200);
  });
});

describe('a data service', () => {
  test('whose port is taken uses a free one, and says so', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    await using test = await openService({ port });
    expect(test.service.port).not.toBe(port);
    expect(test.service.url).toBe(`http://127.0.0.1:${test.service.port}`);
    expect(test.lines).toEqual([expect.stringContaining('data-service-port-taken')]);
    await fill(test.temporary, 1);
    expect((await test.ask(`${RECENT}?channel=${CHANNEL}`)).status).toBe(200);
    holder.close();
    await once(holder, 'close');
  });

  test.each(['0.0.0.0', '::', '192.0.2.1'])('does not start on %s', async (bindHost) => {
    await using temporary = await makeTemporaryHome();
    const starting = startDataService({
      home: temporary.home,
      bindHost,
      port: 0,
      random: seededRandom(1),
      logger: silentLogger,
    });
    await expect(starting).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  test('can be closed twice, and answers nobody afterwards', async () => {
    await using test = await openService();
    await test.service[Symbol.asyncDispose]();
    await test.service[Symbol.asyncDispose]();
    await expect(test.ask(RECENT)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
