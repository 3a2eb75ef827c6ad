// Speed of the protocol library: `npm run bench -- protocol`. Each figure stands beside the limit measured in the same
// run (limits.ts) and beside the pure JavaScript build, which a second process measures with `--conditions=browser`.
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { createWrapPool } from '@puffo/protocol';
import { hpkeOpenLimit, hpkeSealLimit, openLimit, sealContent, sealLimit, signLimit, verifyLimit } from './limits.ts';
import { type Measurement, measure, median, rateOf } from './measure.ts';
import { createSingleThreadPool, createWork, DOCUMENT, type Work } from './work.ts';

const DEVICE_COUNTS = [1, 10, 100, 1000];
const MAX_DEVICES = 1000;
const DOCUMENT_TEXT = JSON.stringify(DOCUMENT);
const DOCUMENT_BYTES = Buffer.from(DOCUMENT_TEXT);
const PURE_FLAG = '--pure';
const NAME_WIDTH = 24;

type Rates = Record<string, number>;

if (process.argv.includes(PURE_FLAG)) {
  process.stdout.write(JSON.stringify(await measurePure()));
} else {
  await main();
}

async function main(): Promise<void> {
  const work = await createWork(MAX_DEVICES);
  console.log(
    `Node ${process.version}, ${availableParallelism()} processors. Ratios: median of pairs, 1.00 = the limit.\n`,
  );
  console.log('measuring the pure JavaScript build …');
  const pure = readPureRates();
  console.log('measuring against the limit …\n');
  const rows = await measureRows(work);
  printRows(rows, pure);
  printTargets(rows, await measureThreads(work));
}

interface Row {
  readonly name: string;
  readonly measurement: Measurement;
  readonly target?: number;
}

async function measureRows(work: Work): Promise<readonly Row[]> {
  const rows: Row[] = [];
  async function add(row: Omit<Row, 'measurement'>, candidate: Parameters<typeof measure>[0]): Promise<void> {
    rows.push({ ...row, measurement: await measure(candidate) });
  }
  const content = sealContent(DOCUMENT_BYTES);
  const signature = content.signature;
  await add({ name: 'HPKE seal', target: 0.8 }, { run: work.hpkeSeal, limit: hpkeSealLimit, callsPerRound: 200 });
  await add({ name: 'HPKE open', target: 0.8 }, { run: work.hpkeOpen, limit: hpkeOpenLimit, callsPerRound: 300 });
  await using alone = createSingleThreadPool();
  for (const devices of DEVICE_COUNTS) {
    const callsPerRound = Math.max(1, Math.round(100 / devices));
    const limit = () => sealLimit(DOCUMENT_BYTES, devices);
    await add({ name: sealName(devices) }, { run: () => work.seal(devices, alone), limit, callsPerRound });
  }
  for (const devices of DEVICE_COUNTS) {
    const { envelope } = await work.seal(devices, alone);
    const json = JSON.stringify(envelope.object);
    const callsPerRound = devices === MAX_DEVICES ? 20 : 100;
    await add(
      { name: openName(devices) },
      { run: () => work.open(json), limit: () => openLimit(content), callsPerRound },
    );
  }
  const stringify = () => JSON.stringify(DOCUMENT);
  await add({ name: 'canonical JSON, 1 KB' }, { run: work.canonicalize, limit: stringify, callsPerRound: 5000 });
  const signRun = { run: work.signRequest, limit: () => signLimit(DOCUMENT_BYTES), callsPerRound: 400 };
  await add({ name: 'request sign' }, signRun);
  const verifyRun = {
    run: work.verifyRequest,
    limit: () => verifyLimit(DOCUMENT_BYTES, signature),
    callsPerRound: 200,
  };
  await add({ name: 'request verify' }, verifyRun);
  return rows;
}

/** The same work, same names, where `#primitives` is the browser's. */
async function measurePure(): Promise<Rates> {
  const work = await createWork(MAX_DEVICES);
  await using pool = createWrapPool();
  const rates: Rates = {
    'HPKE seal': await rateOf(work.hpkeSeal, 5),
    'HPKE open': await rateOf(work.hpkeOpen, 10),
    'canonical JSON, 1 KB': await rateOf(work.canonicalize, 5000),
    'request sign': await rateOf(work.signRequest, 20),
    'request verify': await rateOf(work.verifyRequest, 10),
  };
  for (const devices of DEVICE_COUNTS) {
    rates[sealName(devices)] = await rateOf(() => work.seal(devices, pool), 1);
    const { envelope } = await work.seal(devices, pool);
    const json = JSON.stringify(envelope.object);
    rates[openName(devices)] = await rateOf(() => work.open(json), 5);
  }
  return rates;
}

function readPureRates(): Rates {
  const script = fileURLToPath(import.meta.url);
  const args = ['--conditions=browser', script, PURE_FLAG];
  // JSON.parse of our own child's output.
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Rates;
}

function printRows(rows: readonly Row[], pure: Rates): void {
  printCells(['per second', 'limit', 'of limit', 'pure JS', 'times pure'], 'job'.padEnd(NAME_WIDTH));
  for (const { name, measurement } of rows) {
    const { perSecond, limitPerSecond, ratio } = measurement;
    const pureRate = pure[name] ?? NaN;
    const cells = [rate(perSecond), rate(limitPerSecond), ratio.toFixed(2), rate(pureRate)];
    printCells([...cells, (perSecond / pureRate).toFixed(1)], name.padEnd(NAME_WIDTH));
  }
}

interface ThreadFigures {
  readonly ratio: number;
  readonly delayP99Ms: number;
}

/** Sealing with the threads of the machine against one thread alone, and what the event loop feels of it. */
async function measureThreads(work: Work): Promise<ThreadFigures> {
  await using pool = createWrapPool();
  await using alone = createSingleThreadPool();
  await work.seal(MAX_DEVICES, pool);
  printCells(['devices', 'one thread', 'all threads', 'ratio'], '\n');
  let lastRatio = NaN;
  for (const devices of [8, 16, 32, 64, 100, MAX_DEVICES]) {
    const callsPerRound = Math.max(1, Math.round(300 / devices));
    const run = () => work.seal(devices, pool);
    const limit = () => work.seal(devices, alone);
    const { perSecond, limitPerSecond, ratio } = await measure({ run, limit, callsPerRound });
    printCells([String(devices), rate(limitPerSecond), rate(perSecond), ratio.toFixed(2)]);
    lastRatio = ratio;
  }
  return { ratio: lastRatio, delayP99Ms: await eventLoopDelayWhile(() => work.seal(MAX_DEVICES, pool)) };
}

function printCells(cells: readonly string[], before = ''): void {
  console.log(before + cells.map((cell) => cell.padStart(12)).join(''));
}

/** p99 of the event loop's delay, the median of several runs. */
async function eventLoopDelayWhile(job: () => Promise<unknown>): Promise<number> {
  const p99s: number[] = [];
  for (let run = 0; run < 10; run++) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    for (let repeat = 0; repeat < 3; repeat++) await job();
    delay.disable();
    p99s.push(delay.percentile(99) / 1e6);
  }
  return median(p99s);
}

function printTargets(rows: readonly Row[], threads: ThreadFigures): void {
  console.log('\ntargets');
  for (const { name, measurement, target } of rows) {
    if (target !== undefined) printTarget(`${name}, of the limit`, { value: measurement.ratio, least: target });
  }
  printTarget(`seal ${MAX_DEVICES} devices, all threads against one`, { value: threads.ratio, least: 1.5 });
  printTarget(`event loop delay p99 meanwhile, ms`, { value: threads.delayP99Ms, most: 10 });
}

function printTarget(name: string, { value, least, most }: { value: number; least?: number; most?: number }): void {
  const isMet = (least === undefined || value >= least) && (most === undefined || value <= most);
  const bound = least === undefined ? `<= ${most}` : `>= ${least}`;
  console.log(`  ${isMet ? 'met   ' : 'MISSED'} ${name}: ${value.toFixed(2)} (${bound})`);
}

function rate(perSecond: number): string {
  return perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toPrecision(3);
}

function sealName(devices: number): string {
  return `seal for ${devices} ${devices === 1 ? 'device' : 'devices'}`;
}

function openName(devices: number): string {
  return `open, sealed for ${devices}`;
}
