// Our tools as what the SDK calls an MCP server in the same process: something that is connected to a transport.
// spec: mcp-tools 3.2
import type { JsonValue } from '@puffo/base';
import { createMcpResponder } from '../../mcp/answer-mcp.ts';
import type { ToolHost } from '../../spec/tools.ts';

export interface ToolConnection {
  connect(transport: McpTransport): Promise<void>;
  close(): Promise<void>;
}

export interface McpTransport {
  onmessage?: (message: JsonValue) => void;
  start?(): Promise<void>;
  send(message: JsonValue): Promise<void>;
}

export interface CountedConnection extends ToolConnection {
  /** A call is being answered. */
  isBusy(): boolean;
}

export function connectTools(host: ToolHost, signal: AbortSignal): CountedConnection {
  const responder = createMcpResponder(host);
  let busy = 0;

  async function answer(message: JsonValue, transport: McpTransport): Promise<void> {
    busy++;
    try {
      const reply = await responder.answer(message, signal);
      // When it fails, the program has ended: nobody waits for it any more.
      if (reply !== undefined) await transport.send(reply).catch(() => undefined);
    } finally {
      busy--;
    }
  }

  return {
    isBusy: () => busy > 0,
    async connect(transport) {
      transport.onmessage = (message) => void answer(message, transport);
      await transport.start?.();
    },
    close: () => Promise.resolve(),
  };
}
