// The start and the end of runs, each report one transaction. `run_id` makes every report repeatable.
// spec: wire-protocol 11.3
import type { EnvelopeId, RunId, Slug } from '@puffo/protocol';
import type { Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import { findPostedTo } from '../messages/posting-store.ts';
import { closeRun, findExisting, findRuns, insertRun, type RunRow } from './run-store.ts';
import { writeRunStatus } from './status-store.ts';

export interface RunStart {
  readonly runId: RunId;
  readonly messageId: EnvelopeId;
}

export interface RunEnd extends RunStart {
  readonly hasSucceeded: boolean;
  readonly errorText: string | null;
}

/** Who reports, and when. */
export interface Reporter {
  readonly slug: Slug;
  readonly now: number;
}

export async function startRun(
  transaction: Transaction<ServerSchema>,
  { start, slug, now }: Reporter & { readonly start: RunStart },
): Promise<void> {
  const { messageId } = start;
  await checkAudience(transaction, { slug, messageIds: [messageId] });
  const row = { ...newRun(start, { slug, now }), ended_at: null, succeeded: null, error_text: null };
  if (!(await insertRun(transaction, row))) return checkRepetitions(transaction, { slug, reports: [start] });
  await writeRunStatus(transaction, {
    slug,
    status: 'busy',
    current_message_id: messageId,
    error_text: null,
    last_write_at: now,
  });
}

/** A run whose start was lost is created closed. The last of them that changes anything decides about the status. */
export async function endRuns(
  transaction: Transaction<ServerSchema>,
  { ends, slug, now }: Reporter & { readonly ends: readonly RunEnd[] },
): Promise<void> {
  if (ends.length === 0) return;
  await checkAudience(transaction, { slug, messageIds: ends.map((end) => end.messageId) });
  await checkRepetitions(transaction, { slug, reports: ends });
  let last: RunEnd | undefined;
  for (const end of ends) {
    if (await endRun(transaction, { end, slug, now })) last = end;
  }
  await checkRepetitions(transaction, { slug, reports: ends });
  if (last === undefined) return;
  await writeRunStatus(transaction, {
    slug,
    status: last.hasSucceeded ? 'idle' : 'error',
    current_message_id: null,
    error_text: last.hasSucceeded ? null : last.errorText,
    last_write_at: now,
  });
}

/** Whether it changed anything. */
async function endRun(
  transaction: Transaction<ServerSchema>,
  { end, slug, now }: Reporter & { readonly end: RunEnd },
): Promise<boolean> {
  const { runId, hasSucceeded, errorText } = end;
  const result = { ended_at: now, succeeded: hasSucceeded ? 1 : 0, error_text: hasSucceeded ? null : errorText };
  if (await insertRun(transaction, { ...newRun(end, { slug, now }), ...result })) return true;
  return closeRun(transaction, { runId, result });
}

function newRun({ runId, messageId }: RunStart, { slug, now }: Reporter): Pick<RunRow, RunMembers> {
  return { run_id: runId, message_id: messageId, agent_slug: slug, started_at: now };
}

type RunMembers = 'run_id' | 'message_id' | 'agent_slug' | 'started_at';

async function checkAudience(
  transaction: Transaction<ServerSchema>,
  { slug, messageIds }: { readonly slug: Slug; readonly messageIds: readonly EnvelopeId[] },
): Promise<void> {
  const existing = await findExisting(transaction, messageIds);
  if (!messageIds.every((id) => existing.has(id))) {
    throw new ServerError('NOT_FOUND', 'Cannot report run: there is no such message');
  }
  const delivered = await findPostedTo(transaction, { slug, envelopeIds: messageIds });
  if (!messageIds.every((id) => delivered.has(id))) {
    throw new ServerError('FORBIDDEN', 'Cannot report run: the message was not sent to you');
  }
}

/** The same id for another message or by somebody else is another run. */
async function checkRepetitions(
  transaction: Transaction<ServerSchema>,
  { slug, reports }: { readonly slug: Slug; readonly reports: readonly RunStart[] },
): Promise<void> {
  const rows = await findRuns(
    transaction,
    reports.map((report) => report.runId),
  );
  const known = new Map(rows.map((row) => [row.run_id, row]));
  for (const { runId, messageId } of reports) {
    const row = known.get(runId);
    if (row === undefined || (row.agent_slug === slug && row.message_id === messageId)) continue;
    throw new ServerError('CONFLICT', `Cannot report run: ${runId} is a run of another message or agent`);
  }
}
