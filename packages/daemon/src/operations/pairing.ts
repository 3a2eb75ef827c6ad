// spec: daemon-and-cli 4.18, 4.19
import { readDaemonFile } from '../home/daemon-file.ts';
import { type PairingRecord, readPairing, removePairing } from '../home/pairing-record.ts';
import { isDaemonAlive, type OperationContext } from './context.ts';

/** `undefined`: not paired. */
export async function showPairing({ home }: OperationContext): Promise<PairingRecord | undefined> {
  return readPairing(home);
}

/** What it was; `undefined`: there was nothing to undo. */
export async function unpair({ home }: OperationContext): Promise<PairingRecord | undefined> {
  return removePairing(home);
}

export interface ApiStatus {
  readonly isEnabled: boolean;
  readonly address: string;
  readonly allowedOrigins: readonly string[];
  readonly pairing: PairingRecord | undefined;
  readonly isDaemonAlive: boolean;
}

/** What is configured, not whether somebody listens. */
export async function apiStatus(context: OperationContext): Promise<ApiStatus> {
  const { home, warn } = context;
  const { config, warnings } = await readDaemonFile(home);
  for (const warning of warnings) warn(warning);
  const { enabled, bindHost, port, allowedOrigins } = config.bridge;
  return {
    isEnabled: enabled,
    address: `http://${bindHost.includes(':') ? `[${bindHost}]` : bindHost}:${port}`,
    allowedOrigins,
    pairing: await readPairing(home),
    isDaemonAlive: await isDaemonAlive(context),
  };
}
