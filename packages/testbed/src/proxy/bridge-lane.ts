// One direction of a bridged WebSocket: frames come in, and leave in order, unless a fault comes in between.
import type { Duplex } from 'node:stream';
import { createAsyncQueue, isJsonObject, safeParseJson } from '@puffo/base';
import { WebSocket } from 'ws';
import { MAX_FRAME_BYTES } from './connect-upstream.ts';
import { type ClientFrameFault, type FaultKind, findCloseCode, type ServerFrameFault } from './fault-kind.ts';
import type { ChosenFault } from './fault-plan.ts';
import { encodeHalfFrame } from './partial-frame.ts';
import { delay, type ProxyCore } from './proxy-core.ts';

export interface Lane {
  add(item: Passing): void;
  /** Resolves when nothing passes any more. */
  readonly done: Promise<void>;
}

export interface Frame {
  readonly kind: 'frame';
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** What comes out of one socket; `close` comes last. */
export type Passing = Frame | { readonly kind: 'close'; readonly code: number; readonly reason: Buffer };

/** What both directions share. */
export interface Bridge {
  readonly core: ProxyCore;
  /** Aborted when both sockets are closed. */
  readonly ended: AbortSignal;
  /** Absent: it flows. */
  readonly whenFlowing: () => Promise<void> | undefined;
  readonly stall: () => void;
}

export interface LaneOptions {
  readonly bridge: Bridge;
  readonly stage: 'server-frame' | 'client-frame';
  readonly from: WebSocket;
  readonly to: WebSocket;
  /** Under `to`. */
  readonly rawTo: Duplex;
}

/** Far more than a server sends without an acknowledgement. A lane that is full ends its connection. */
const MAX_WAITING = 100_000;
/** A socket that was closed without a code, and one that broke: neither can be sent. */
const NO_CODE = 1005;
const BROKEN = 1006;
const FRAME_JSON = { maxLength: MAX_FRAME_BYTES, maxDepth: 256, integers: 'any' } as const;

export function createLane(options: LaneOptions): Lane {
  const queue = createAsyncQueue<Passing>(MAX_WAITING);
  return {
    done: pump(queue, options),
    add(item) {
      if (!queue.add(item)) options.from.terminate();
      if (item.kind === 'close') queue.end();
    },
  };
}

async function pump(queue: AsyncIterable<Passing>, options: LaneOptions): Promise<void> {
  const { bridge, stage, to } = options;
  const holder = createHolder(options);
  for await (const item of queue) {
    await bridge.whenFlowing();
    if (item.kind === 'close') {
      holder.release();
      passClose(to, item);
      return;
    }
    const fault = bridge.core.plan.choose(stage, { frameType: frameTypeOf(item) });
    const happening = to.readyState === WebSocket.OPEN ? fault : undefined;
    if (happening?.kind === 'reorder-frames' && holder.hold(item)) continue;
    if ((await pass(item, happening, options)) === 'ended') return;
    holder.notePassed(item);
  }
}

interface Holder {
  /** `false`: there is one already. */
  hold(frame: Frame): boolean;
  /** Lets go of what waits for a frame like this one. */
  notePassed(frame: Frame): void;
  release(): void;
}

/** Keeps at most one frame back, for the next one of its type to go first; not for long, since that may never come. */
function createHolder({ bridge: { core, ended }, to }: LaneOptions): Holder {
  let held: { readonly frame: Frame; readonly timer: NodeJS.Timeout } | undefined;

  function release(): void {
    if (held === undefined) return;
    clearTimeout(held.timer);
    send(to, held.frame);
    held = undefined;
  }

  ended.addEventListener('abort', () => clearTimeout(held?.timer), { once: true });
  return {
    hold(frame) {
      if (held !== undefined) return false;
      held = { frame, timer: setTimeout(release, core.settings.holdMs) };
      return true;
    },
    notePassed(frame) {
      if (held === undefined || frameTypeOf(held.frame) !== frameTypeOf(frame)) return;
      core.plan.count('reorder-frames');
      release();
    },
    release,
  };
}

async function pass(
  frame: Frame,
  fault: ChosenFault<ServerFrameFault | ClientFrameFault> | undefined,
  options: LaneOptions,
): Promise<'passed' | 'ended'> {
  const { bridge, to } = options;
  if (fault !== undefined && fault.kind !== 'reorder-frames') {
    bridge.core.plan.count(fault.kind);
    if (endConnection(frame, fault.kind, options)) return 'ended';
    await holdUp(fault, bridge);
    if (fault.kind === 'duplicate-frame') send(to, frame);
  }
  send(to, frame);
  return 'passed';
}

/** `false`: faults of this kind do not end it. */
function endConnection(
  { data, isBinary }: Frame,
  kind: ServerFrameFault | ClientFrameFault,
  { from, to, rawTo }: LaneOptions,
): boolean {
  const closeCode = findCloseCode(kind);
  if (closeCode !== undefined) {
    to.close(closeCode);
  } else if (kind === 'cut-server-frame' || kind === 'cut-client-frame') {
    const isMasked = kind === 'cut-client-frame';
    rawTo.end(encodeHalfFrame({ data, isBinary, isMasked }), () => rawTo.destroy());
  } else {
    return false;
  }
  from.terminate();
  return true;
}

async function holdUp({ kind, size }: ChosenFault<FaultKind>, bridge: Bridge): Promise<void> {
  if (kind === 'stall-socket') bridge.stall();
  await bridge.whenFlowing();
  if (kind === 'delay-server-frame' || kind === 'delay-client-frame') await delay(bridge.core, size);
}

/** A socket that has ended takes nothing, and its peer will learn that it has. */
function send(to: WebSocket, { data, isBinary }: Frame): void {
  if (to.readyState === WebSocket.OPEN) to.send(data, { binary: isBinary });
}

function passClose(to: WebSocket, { code, reason }: Extract<Passing, { kind: 'close' }>): void {
  if (code === BROKEN) to.terminate();
  else if (code === NO_CODE) to.close();
  else to.close(code, reason);
}

function frameTypeOf({ data, isBinary }: Frame): string | undefined {
  if (isBinary) return undefined;
  const parsed = safeParseJson(data.toString(), FRAME_JSON);
  if (parsed.kind !== 'value' || !isJsonObject(parsed.value)) return undefined;
  const { type } = parsed.value;
  return typeof type === 'string' ? type : undefined;
}
