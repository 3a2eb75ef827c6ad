// A word to the operator, through the outbox: it leaves when it can, and nothing waits for it.
import type { AgentConfig } from '@puffo/agent/config';
import type { Logger } from '@puffo/base';
import { type Client, ClientError } from '@puffo/client';
import { isSlug, type Slug, TEXT_CONTENT_TYPE } from '@puffo/protocol';

/** Returns at once, and whether there is an operator to tell. Two with one key are one. */
export type TellOperator = (text: string, idempotencyKey: string) => boolean;

export interface TellOperatorOptions {
  readonly client: Pick<Client, 'outbox'>;
  readonly config: () => AgentConfig;
  readonly logger: Logger;
}

export function createTellOperator({ client, config, logger }: TellOperatorOptions): TellOperator {
  return (text, idempotencyKey) => {
    const { operatorSlug } = config().puffoCore;
    if (!isSlug(operatorSlug)) return false;

    async function tell(recipientSlug: Slug): Promise<void> {
      const route = { kind: 'dm', recipientSlug } as const;
      const message = { route, contentType: TEXT_CONTENT_TYPE, content: text, idempotencyKey };
      const { sent } = await client.outbox.send(message);
      await sent;
    }

    tell(operatorSlug).catch((error: unknown) => {
      const code = error instanceof ClientError ? error.code : 'unexpected';
      // It is recorded, and leaves with the next run.
      if (code !== 'closed') logger.warn('operator-not-told', { code });
    });
    return true;
  };
}
