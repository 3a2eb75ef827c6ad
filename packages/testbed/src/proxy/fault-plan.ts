// Decides which fault befalls the next request or frame, and counts what happened. Each stage draws from a stream of its own,
// so that the nth request of a run meets the same fault as the nth request of the next run with this seed.
import { type Random, seededRandom } from '@puffo/base';
import {
  CLIENT_FRAME_FAULTS,
  type ClientFrameFault,
  type CountedFault,
  type FaultKind,
  REQUEST_FAULTS,
  type RequestFault,
  SERVER_FRAME_FAULTS,
  type ServerFrameFault,
  UPGRADE_FAULTS,
} from './fault-kind.ts';

/** Probabilities between 0 and 1; absent: 0. Those of one stage add up to 1 at most. */
export type FaultRates = { readonly [Kind in FaultKind]?: number };

export type FaultCounts = Readonly<Record<CountedFault, number>>;

/** Where a fault that was asked for may happen; absent: anywhere. */
export interface FaultFilter {
  /** How often. Default: once. */
  readonly times?: number;
  readonly method?: string;
  /** What the target of the request begins with, such as `/messages`. */
  readonly path?: string;
  /** Of the request: name in lower case, and value. */
  readonly header?: readonly [name: string, value: string];
  /** `type` of the frame. */
  readonly frameType?: string;
}

/** A request or a frame that a fault may befall. */
export interface Occasion {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly frameType?: string | undefined;
}

interface FaultsOfStage {
  readonly request: RequestFault;
  readonly upgrade: (typeof UPGRADE_FAULTS)[number];
  readonly 'server-frame': ServerFrameFault;
  readonly 'client-frame': ClientFrameFault;
}

type Stage = keyof FaultsOfStage;

export interface ChosenFault<Kind extends FaultKind> {
  readonly kind: Kind;
  /** In [0, 1): how long, for what has a length. */
  readonly size: number;
}

export interface FaultPlan {
  readonly counts: FaultCounts;
  choose<Name extends Stage>(stage: Name, occasion: Occasion): ChosenFault<FaultsOfStage[Name]> | undefined;
  count(kind: CountedFault): void;
  inject(kind: FaultKind, filter: FaultFilter): void;
  setRates(rates: FaultRates): void;
  /** No rates and nothing asked for any more. */
  clear(): void;
}

const KINDS: { readonly [Name in Stage]: readonly FaultsOfStage[Name][] } = {
  request: REQUEST_FAULTS,
  upgrade: UPGRADE_FAULTS,
  'server-frame': SERVER_FRAME_FAULTS,
  'client-frame': CLIENT_FRAME_FAULTS,
};

/** By rate these befall messages only: the rest of the protocol has nothing that comes twice or in another order. */
const MESSAGE_FAULTS: readonly FaultKind[] = ['duplicate-frame', 'reorder-frames'];

export function createFaultPlan({ seed, rates }: { readonly seed: number; readonly rates: FaultRates }): FaultPlan {
  const streams = createStreams(seed);
  const counts = createCounts();
  let wanted: { readonly kind: FaultKind; readonly filter: FaultFilter; left: number }[] = [];
  let current = checkRates(rates);

  function takeWanted<Kind extends FaultKind>(kinds: readonly Kind[], occasion: Occasion): Kind | undefined {
    const found = wanted.find(({ kind, filter }) => isOneOf(kinds, kind) && fits(occasion, filter));
    if (found === undefined) return undefined;
    found.left--;
    if (found.left === 0) wanted = wanted.filter((each) => each !== found);
    return kinds.find((kind) => kind === found.kind);
  }

  function draw<Kind extends FaultKind>(kinds: readonly Kind[], occasion: Occasion, at: number): Kind | undefined {
    let bound = 0;
    for (const kind of kinds) {
      bound += current[kind] ?? 0;
      if (at < bound) return MESSAGE_FAULTS.includes(kind) && occasion.frameType !== 'message' ? undefined : kind;
    }
    return undefined;
  }

  return {
    get counts() {
      return { ...counts };
    },
    choose<Name extends Stage>(stage: Name, occasion: Occasion) {
      // Both are drawn every time, so that what is asked for does not shift what comes after.
      const at = fraction(streams[stage]);
      const size = fraction(streams[stage]);
      const kinds: readonly FaultsOfStage[Name][] = KINDS[stage];
      const kind = takeWanted(kinds, occasion) ?? draw(kinds, occasion, at);
      return kind === undefined ? undefined : { kind, size };
    },
    count(kind) {
      counts[kind]++;
    },
    inject(kind, filter) {
      const { times = 1 } = filter;
      if (!Number.isSafeInteger(times) || times < 1) throw new TypeError(`Cannot inject ${kind}: ${times} is no count`);
      wanted.push({ kind, filter, left: times });
    },
    setRates(next) {
      current = checkRates(next);
    },
    clear() {
      wanted = [];
      current = {};
    },
  };
}

function createStreams(seed: number): Readonly<Record<Stage, Random>> {
  function stream(number: number): Random {
    return seededRandom(Math.imul(seed, 0x9e3779b1) + number);
  }
  return { request: stream(1), upgrade: stream(2), 'server-frame': stream(3), 'client-frame': stream(4) };
}

function createCounts(): Record<CountedFault, number> {
  const kinds = [...REQUEST_FAULTS, ...SERVER_FRAME_FAULTS, ...CLIENT_FRAME_FAULTS, 'cut-connection'];
  return Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<CountedFault, number>;
}

function checkRates(rates: FaultRates): FaultRates {
  for (const [stage, kinds] of Object.entries(KINDS)) {
    const all = kinds.map((kind) => rates[kind] ?? 0);
    const sum = all.reduce((total, rate) => total + rate, 0);
    if (all.every((rate) => rate >= 0) && sum <= 1) continue;
    throw new TypeError(`Cannot set rates of ${stage}: they are below 0, or above 1 together`);
  }
  return rates;
}

function fits(occasion: Occasion, { method, path, header, frameType }: FaultFilter): boolean {
  if (method !== undefined && occasion.method !== method) return false;
  if (path !== undefined && occasion.path?.startsWith(path) !== true) return false;
  if (header !== undefined && occasion.headers?.[header[0]] !== header[1]) return false;
  return frameType === undefined || occasion.frameType === frameType;
}

function isOneOf(kinds: readonly FaultKind[], kind: FaultKind): boolean {
  return kinds.includes(kind);
}

/** In [0, 1). */
function fraction(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  return (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) / 2 ** 32;
}
