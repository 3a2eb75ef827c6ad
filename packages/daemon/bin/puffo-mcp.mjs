#!/usr/bin/env node
// The tools of an agent over stdin and stdout, for engines that only start programs. It holds no key: it copies JSON-RPC lines to
// the daemon and its answers back. One file without imports of ours, because it is copied to where nothing else of us is.
// spec: mcp-tools 3.4
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';

const MAX_LINE_CHARACTERS = 12 * 1024 * 1024;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** So long the daemon may be away, in the middle of a restart. */
const REACH_WITHIN_MS = 5000;
const REPEAT_AFTER_MS = 250;
/** Longer than the longest tool. */
const ANSWER_WITHIN_MS = 330_000;
/** After the end of input, for answers that are on their way. */
const LEAVE_WITHIN_MS = 500;
const PROXY_CALL_ID = 'puffo/callId';
const NOT_RUNNING =
  'The puffo-agent daemon is not running, so nothing was done: tell your operator, and try again later';
const NOT_LET_IN =
  'The puffo-agent daemon does not know this session any more, so nothing was done: it has to be started anew';
const TOO_LARGE = 'These arguments are too large, so nothing was done: send a file, or split them';
const INSTRUCTIONS = 'Tools of the chat that this agent is in. The daemon behind them is not running at the moment.';
/** What engines are told while the daemon is away; most take the list only once. */
const TOOL_NAMES =
  'send_message upload_file send_message_with_attachments no_reply whoami list_channels list_spaces list_channels_in_space ' +
  'list_channels_in_all_spaces list_channel_members get_user_info get_channel_history get_thread_history get_dm_history get_post ' +
  'get_post_segment search_messages fetch_channel_files download_file list_memory read_memory write_memory delete_memory ' +
  'search_memory create_reminder list_reminders cancel_reminder reload_system_prompt refresh';

const target = readTarget(process.env.PUFFO_TOOL_URL ?? '');
const token = process.env.PUFFO_TOOL_TOKEN ?? '';
const pending = new Set();
let listedWhileAway = false;
let isEnding = false;

function readTarget(url) {
  if (url.startsWith('unix:')) {
    // unix:/path/to/socket#/v1/mcp/agent
    const [socketPath, path = '/'] = url.slice('unix:'.length).split('#');
    return { socketPath, path };
  }
  if (!URL.canParse(url)) return undefined;
  const { hostname, port, pathname, protocol } = new URL(url);
  if (protocol !== 'http:') return undefined;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? 80 : port), path: pathname };
}

/** Rejects when no answer came. */
function post(body) {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(body);
    const headers = {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'content-length': bytes.length,
      authorization: `Bearer ${token}`,
      ...(target.socketPath === undefined ? {} : { host: 'localhost' }),
    };
    const asking = request({ ...target, method: 'POST', headers, timeout: ANSWER_WITHIN_MS }, (answer) => {
      const chunks = [];
      let length = 0;
      answer.on('data', (chunk) => {
        length += chunk.length;
        if (length > MAX_ANSWER_BYTES) asking.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString('utf8') }));
      answer.on('error', reject);
    });
    asking.on('timeout', () => asking.destroy(new Error('no answer in time')));
    asking.on('error', reject);
    asking.end(bytes);
  });
}

/** The same bytes again while the connection breaks: the daemon knows a call by its id. `undefined`: it is away. */
async function reach(body) {
  if (target === undefined) return undefined;
  const started = process.hrtime.bigint();
  for (;;) {
    try {
      return await post(body);
    } catch {
      const passedMs = Number(process.hrtime.bigint() - started) / 1e6;
      if (isEnding || passedMs > REACH_WITHIN_MS) return undefined;
      await new Promise((resolve) => setTimeout(resolve, REPEAT_AFTER_MS));
    }
  }
}

function write(message) {
  process.stdout.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
}

function reply(id, result) {
  write({ jsonrpc: '2.0', id, result });
}

function answerAlone(message, problem) {
  const { id, method, params } = message;
  if (method === 'initialize') {
    const protocolVersion = params?.protocolVersion ?? '2025-06-18';
    const serverInfo = { name: 'puffo', version: '1' };
    return reply(id, {
      protocolVersion,
      capabilities: { tools: { listChanged: true } },
      serverInfo,
      instructions: INSTRUCTIONS,
    });
  }
  if (method === 'ping') return reply(id, {});
  if (method === 'tools/list') {
    listedWhileAway = true;
    const inputSchema = { type: 'object', properties: {} };
    return reply(id, {
      tools: TOOL_NAMES.split(' ').map((name) => ({ name, description: INSTRUCTIONS, inputSchema })),
    });
  }
  if (method === 'tools/call') return reply(id, { content: [{ type: 'text', text: problem }], isError: true });
  return write({ jsonrpc: '2.0', id, error: { code: -32_601, message: 'There is no such method' } });
}

function problemOf(status) {
  if (status === 401 || status === 403 || status === 404) return NOT_LET_IN;
  return status === 413 ? TOO_LARGE : NOT_RUNNING;
}

/** The answer as one line, when it is JSON. */
function toLine(text) {
  try {
    // oxlint-disable-next-line no-restricted-properties -- one file without imports; the daemon's answer is of bounded size
    return JSON.stringify(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function withCallId(message) {
  if (message.method !== 'tools/call') return message;
  const params = message.params ?? {};
  return {
    ...message,
    params: { ...params, _meta: { ...params._meta, [PROXY_CALL_ID]: randomBytes(16).toString('hex') } },
  };
}

async function handle(message) {
  const wantsAnswer = message.id !== undefined && message.method !== undefined;
  const answer = await reach(JSON.stringify(withCallId(message)));
  if (!wantsAnswer) return;
  const line = answer?.status === 200 ? toLine(answer.text) : undefined;
  if (line === undefined) {
    answerAlone(message, answer === undefined ? NOT_RUNNING : problemOf(answer.status));
    return;
  }
  write(line);
  if (listedWhileAway && message.method !== 'tools/list') {
    listedWhileAway = false;
    write({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
  }
}

function takeLine(line) {
  if (line.trim() === '') return;
  let message;
  try {
    // oxlint-disable-next-line no-restricted-properties -- one file without imports; lines are of bounded size
    message = JSON.parse(line);
  } catch {
    write({ jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'This is not JSON' } });
    return;
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    write({ jsonrpc: '2.0', id: null, error: { code: -32_600, message: 'This is not a message of JSON-RPC 2.0' } });
    return;
  }
  const work = handle(message).catch(() => undefined);
  pending.add(work);
  void work.then(() => pending.delete(work));
}

function end() {
  if (isEnding) return;
  isEnding = true;
  const late = new Promise((resolve) => setTimeout(resolve, LEAVE_WITHIN_MS));
  void Promise.race([Promise.all(pending), late]).then(() => process.exit(0));
}

let rest = [];
let restCharacters = 0;
let isSkipping = false;

/** A line that is too long is refused as a whole, and not kept. */
function takeText(text) {
  const lines = text.split('\n');
  for (const [at, part] of lines.entries()) {
    if (!isSkipping) {
      rest.push(part);
      restCharacters += part.length;
    }
    if (restCharacters > MAX_LINE_CHARACTERS) {
      isSkipping = true;
      rest = [];
      restCharacters = 0;
      write({ jsonrpc: '2.0', id: null, error: { code: -32_600, message: TOO_LARGE } });
    }
    if (at === lines.length - 1) return;
    const line = rest.join('');
    const isWhole = !isSkipping;
    rest = [];
    restCharacters = 0;
    isSkipping = false;
    if (isWhole) takeLine(line);
  }
}

process.stdin.setEncoding('utf8');
process.stdin.on('data', takeText);
process.stdin.on('end', end);
process.stdin.on('close', end);
process.on('SIGINT', end);
process.on('SIGTERM', end);
// Whoever reads has gone.
process.stdout.on('error', () => process.exit(0));
