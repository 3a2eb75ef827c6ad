// Speed and memory of the server: `npm run bench -- server`. Each figure stands beside the limit measured in the same run,
// a bare server that does the least that could be done. Servers run in processes of their own.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultSettings, type Settings } from '@puffo/server';
import { download, openReceivers, sendPosts } from './load.ts';
import { connectFrame, createPost, type Population, populate, signAs } from './population.ts';
import type { Order, Report } from './server-child.ts';

const CHILD = fileURLToPath(new URL('server-child.js', import.meta.url));
const ROUNDS = 5;
const POSTS: readonly (readonly [number, number])[] = [
  [1, 1500],
  [10, 1000],
  [100, 400],
];
const FAN_OUTS: readonly (readonly [number, number])[] = [
  [100, 40],
  [1000, 10],
];
const CATCH_UP = 10_000;
const MEMBERS = 1000;
const CHANNEL_SIZES = [1, 2, 10, 100, MEMBERS];

const folder = await mkdtemp(join(tmpdir(), 'puffo-bench-'));
try {
  await main();
} finally {
  await rm(folder, { recursive: true, force: true });
}

interface Child {
  readonly process: ChildProcess;
  readonly url: string;
}

async function main(): Promise<void> {
  const settings = benchSettings(folder);
  console.log('filling a database …');
  const population = await populate(settings, CHANNEL_SIZES);
  const ours = await startChild({ kind: 'start-ours', settings });
  const publicKey = population.members[0]?.subkey.verifyKey.publicKey ?? '';
  const bare = await startChild({ kind: 'start-bare', dataDir: folder, publicKey, download: 0 });
  try {
    const maxPerSecond = await measurePosts({ population, ours, bare });
    await measureDelay({ population, ours, maxPerSecond });
    await measureSockets(bare);
    await measureCatchUp({ population, ours, publicKey });
  } finally {
    ours.process.kill();
    bare.process.kill();
  }
}

/** On a server of their own, where nothing is pending: what waits for a device is read from the table first. */
async function measureSockets(bare: Child): Promise<void> {
  const settings = benchSettings(join(folder, 'sockets'));
  const population = await populate(settings, CHANNEL_SIZES);
  const ours = await startChild({ kind: 'start-ours', settings });
  try {
    await measureMemory({ population, ours });
    await measureFanOut({ population, ours, bare });
  } finally {
    ours.process.kill();
  }
}

interface Setting {
  readonly population: Population;
  readonly ours: Child;
  readonly bare: Child;
}

/** Returns how many messages for one device are taken per second. */
async function measurePosts({ population, ours, bare }: Setting): Promise<number> {
  heading('signed POST /messages');
  let singleRate = NaN;
  for (const [devices, count] of POSTS) {
    const rounds: { readonly ours: number; readonly bare: number }[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const posts = () => Array.from({ length: count }, () => createPost(population, devices));
      const limit = await sendPosts(bare.url, posts());
      const own = await sendPosts(ours.url, posts());
      if (own.failures + limit.failures > 0) throw new Error(`${own.failures} posts failed`);
      if (round >= 0) rounds.push({ ours: own.perSecond, bare: limit.perSecond });
    }
    const rate = median(rounds.map((round) => round.ours));
    if (devices === 1) singleRate = rate;
    const ratio = median(rounds.map((round) => round.ours / round.bare));
    const limit = median(rounds.map((round) => round.bare)).toFixed(0);
    row(`for ${devices} ${devices === 1 ? 'device' : 'devices'}`, `${rate.toFixed(0)}/s, limit ${limit}/s`, {
      value: ratio,
      least: 0.5,
    });
  }
  return singleRate;
}

async function measureDelay(setting: Omit<Setting, 'bare'> & { readonly maxPerSecond: number }): Promise<void> {
  const { population, ours } = setting;
  const perSecond = setting.maxPerSecond * 0.8;
  const posts = Array.from({ length: Math.round(perSecond * 5) }, () => createPost(population, 1));
  await order(ours, { kind: 'watch-delay' });
  await sendPosts(ours.url, posts, perSecond);
  const { delayP99Ms = NaN } = await order(ours, { kind: 'read-delay' });
  row('event loop delay p99 at 80 % load', `${perSecond.toFixed(0)}/s`, { value: delayP99Ms, most: 20, unit: 'ms' });
}

async function measureMemory({ population, ours }: Omit<Setting, 'bare'>): Promise<void> {
  heading('sockets');
  const { bytes: before = 0 } = await order(ours, { kind: 'memory' });
  const receivers = await openReceivers(ours.url, population.members.map(connectFrame));
  const { bytes: after = 0 } = await order(ours, { kind: 'memory' });
  receivers.close();
  const perSocket = (after - before) / MEMBERS / 1024;
  row('memory per idle socket', `${MEMBERS} sockets`, { value: perSocket, most: 12, unit: 'KiB' });
}

async function measureFanOut({ population, ours, bare }: Setting): Promise<void> {
  for (const [sockets, messages] of FAN_OUTS) {
    const members = population.members.slice(0, sockets);
    const own = await openReceivers(ours.url, members.map(connectFrame));
    const limit = await openReceivers(
      bare.url,
      members.map(() => ''),
    );
    const posts = Array.from({ length: messages * (ROUNDS + 1) }, () => createPost(population, sockets));
    const text = `{"type":"message","seq":1,"envelope":${'x'.repeat(1500)}}`;
    const ratios: number[] = [];
    const rates: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const limitMs = await timeOf(async () => {
        const received = limit.receive(messages);
        for (let message = 0; message < messages; message++) await order(bare, { kind: 'broadcast', text });
        await received;
      });
      const batch = posts.splice(0, messages);
      const ownMs = await timeOf(async () => {
        const received = own.receive(messages);
        await sendPosts(ours.url, batch);
        await received;
      });
      if (round < 0) continue;
      rates.push((sockets * messages * 1000) / ownMs);
      ratios.push(limitMs / ownMs);
    }
    own.close();
    limit.close();
    row(`deliveries to ${sockets} sockets`, `${median(rates).toFixed(0)}/s`, { value: median(ratios), least: 0.6 });
  }
}

async function measureCatchUp({
  population,
  ours,
  publicKey,
}: Omit<Setting, 'bare'> & { publicKey: string }): Promise<void> {
  heading('catch-up');
  const reader = population.members[1];
  if (reader === undefined) throw new Error('nobody reads');
  const target = '/messages/pending';
  const read = () => download(ours.url + target, signAs(reader, { method: 'GET', target, body: new Uint8Array(0) }));
  for (let sent = 0; sent < CATCH_UP; sent += 1000) {
    await sendPosts(
      ours.url,
      Array.from({ length: 1000 }, () => createPost(population, 2)),
    );
  }
  const own = await read();
  const bare = await startChild({
    kind: 'start-bare',
    dataDir: await mkdtemp(join(folder, 'bare-')),
    publicKey,
    download: own.bytes,
  });
  const limit = await download(bare.url, {});
  bare.process.kill();
  const what = `${(own.bytes / 2 ** 20).toFixed(1)} MiB in ${own.ms.toFixed(0)} ms`;
  row(`${CATCH_UP} messages over HTTP`, what, { value: limit.ms / own.ms });
}

async function startChild(start: Order): Promise<Child> {
  const child = fork(CHILD, [], { execArgv: ['--expose-gc'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { url = '' } = await order({ process: child, url: '' }, start);
  return { process: child, url };
}

async function order({ process: child }: Child, message: Order): Promise<Report> {
  child.send(message);
  const [report] = (await once(child, 'message')) as [Report];
  return report;
}

async function timeOf(job: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await job();
  return performance.now() - startedAt;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN;
}

function heading(text: string): void {
  console.log(`\n${text}`);
}

interface Figure {
  readonly value: number;
  readonly least?: number;
  readonly most?: number;
  readonly unit?: string;
}

function row(name: string, what: string, { value, least, most, unit = 'of the limit' }: Figure): void {
  const isMet = (least === undefined || value >= least) && (most === undefined || value <= most);
  const target = least !== undefined ? `(>= ${least})` : most !== undefined ? `(<= ${most})` : '';
  const mark = target === '' ? '' : isMet ? 'met' : 'MISSED';
  console.log(`  ${name.padEnd(34)}${what.padStart(28)}${value.toFixed(2).padStart(9)} ${unit} ${target} ${mark}`);
}

function benchSettings(dataDir: string): Settings {
  return {
    ...defaultSettings(dataDir),
    port: 0,
    signup: 'open',
    limits: { perIdentity: 1e9, perAddress: 1e9, newPeersPerHour: 1e9 },
    logLevel: 'silent',
  };
}
