// spec: mcp-tools 13
import { resolve, sep } from 'node:path';
import { isJsonObject, type JsonValue, seededRandom } from '@puffo/base';
import { createEnvelopeId, type EnvelopeId, type Route, type Slug } from '@puffo/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HistoryMessage } from '../../src/store/history-message.ts';
import { TOOLS } from '../../src/tools/catalogue.ts';
import { readWorkspacePath } from '../../src/tools/files/workspace-path.ts';
import { fitText } from '../../src/tools/fit-text.ts';
import { resolveRoot } from '../../src/tools/places/thread-root.ts';
import { messageLine } from '../../src/tools/read/message-lines.ts';
import { CHANNEL, historyOf, SPACE } from '../store/kit.ts';

const OWN = 'helper-9a7c' as Slug;
const ROUTE: Route = { kind: 'channel', spaceId: SPACE, channelId: CHANNEL };

describe('arguments of every tool', () => {
  const jsonValue = fc.jsonValue() as fc.Arbitrary<JsonValue>;

  test('whatever an engine gives is read or refused, and never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TOOLS), jsonValue, (tool, input) => {
        const prepared = tool.prepare(input);
        if (prepared.kind === 'refused') expect(prepared.problems.length).toBeGreaterThan(0);
      }),
    );
  });

  test('what is required and missing is named', () => {
    for (const tool of TOOLS) {
      const required = tool.spec.inputSchema['required'];
      const names = Array.isArray(required) ? required : [];
      const prepared = tool.prepare({});
      const problems = prepared.kind === 'refused' ? prepared.problems : [];
      expect(problems).toEqual(names.map((name) => `\`${String(name)}\` is missing`));
    }
  });

  test('values of the right names and any shapes do not throw either', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TOOLS), fc.array(jsonValue, { maxLength: 8 }), (tool, values) => {
        const properties = tool.spec.inputSchema['properties'];
        const names = isJsonObject(properties) ? Object.keys(properties) : [];
        const input = Object.fromEntries(names.map((name, at) => [name, values[at] ?? null]));
        expect(['refused', 'ready']).toContain(tool.prepare(input).kind);
      }),
    );
  });
});

test('no path leads out of the workspace or the shared folder by its words', () => {
  const parts = {
    workspaceDir: '/home/a/workspace',
    sharedDir: '/home/a/shared',
    features: { workspaceSeenAs: '/workspace' },
  };
  const segment = fc.constantFrom(
    '..',
    '.',
    '',
    'a',
    'shared',
    'workspace',
    'etc',
    '\\',
    '..\\',
    '~',
    'C:',
    '\u2024\u2024',
    'ä',
  );
  const path = fc.tuple(
    fc.constantFrom('', '/', '//', '/workspace/', '/home/a/workspace/'),
    fc.array(segment, { maxLength: 6 }),
  );
  fc.assert(
    fc.property(path, ([start, segments]) => {
      const reading = readWorkspacePath(start + segments.join('/'), parts);
      if (reading.kind === 'refused') return;
      const { root, path: found } = reading.path;
      expect([parts.workspaceDir, parts.sharedDir]).toContain(root);
      expect(resolve(found)).toBe(found);
      expect(found.startsWith(root + sep)).toBe(true);
    }),
  );
});

test('a message is one line of a list, whatever its text and names are', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 });
  fc.assert(
    fc.property(text, text, (content, filename) => {
      const random = seededRandom(1);
      const attachments = [
        {
          blob_id: `blob_${createEnvelopeId(random).slice(4)}`,
          filename,
          mime_type: filename,
          size: 1,
          key: 'A'.repeat(43),
          nonce: 'A'.repeat(16),
        },
      ];
      const contents = [content, { text: content, attachments }] as const;
      for (const [at, each] of contents.entries()) {
        const contentType = at === 0 ? 'text/plain' : 'puffo/message+attachments/v1';
        const message = {
          ...historyOf('msg_1'),
          contentType,
          content: each as JsonValue,
          receivedAt: 1,
        } as HistoryMessage;
        const line = messageLine(message, { ownSlug: OWN, people: new Map(), replies: new Map() });
        expect(/[\n\r\v\f\u0085\u2028\u2029]/.exec(line)).toBeNull();
        expect(line.startsWith('2027-01-15T08:00:00+00:00  msg_1  @alice-3d3d:')).toBe(true);
      }
    }),
  );
});

test('a result is never longer than it may be, and ends between lines', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 400 }), { maxLength: 60 }), (lines) => {
      const text = fitText(lines.join('\n'));
      expect(Array.from(text).length).toBeLessThanOrEqual(8000);
    }),
  );
});

test('a thread root is one that nobody has seen, or one without a root, or the top level, also where threads go in circles', async () => {
  const random = seededRandom(9);
  const ids = Array.from({ length: 8 }, () => createEnvelopeId(random));
  const parents = fc.array(fc.option(fc.nat({ max: 9 }), { nil: null }), { minLength: 6, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(parents, fc.nat({ max: 7 }), async (graph, asked) => {
      const known = new Map(
        graph.map((parent, at) => {
          const threadRootId = parent === null ? null : (ids[parent] ?? null);
          return [ids[at], { ...historyOf(ids[at] ?? ''), threadRootId, receivedAt: 1 } as HistoryMessage];
        }),
      );
      const history = {
        find: (id: string) => Promise.resolve(known.get(id as EnvelopeId)),
        findInThread: (id: string) =>
          Promise.resolve([...known.values()].find(({ threadRootId }) => threadRootId === id)),
      };
      const parts = { history, own: { slug: OWN, operatorPublicKey: undefined } };
      const result = await resolveRoot(ids[asked] ?? '', ROUTE, parts).catch(() => undefined);
      if (result === undefined) {
        // Nobody has seen it, and nobody names it.
        expect([known.has(ids[asked]), graph.includes(asked)]).toEqual([false, false]);
      } else if (result.rootId === null) {
        expect(result.notes).toHaveLength(1);
      } else {
        // Some say of a message that begins a thread that it is in its own.
        expect([null, result.rootId]).toContain(known.get(result.rootId)?.threadRootId ?? null);
      }
    }),
  );
});
