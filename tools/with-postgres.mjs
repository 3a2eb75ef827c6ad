// `node tools/with-postgres.mjs -- COMMAND…`: runs a command with PUFFO_TEST_POSTGRES naming a throw-away PostgreSQL, on a
// port and in a folder of its own. Uses the PostgreSQL of the machine, and the one that the variable names if it is set.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runQuietly } from './run-command.mjs';
import { runTool, ToolError } from './run-tool.mjs';

const VARIABLE = 'PUFFO_TEST_POSTGRES';
const USER = 'puffo';
/** In this order; where the packages of the systems put the servers, which are often not on the PATH. */
const PARENTS = ['/usr/lib/postgresql', '/usr/local/opt', '/opt/homebrew/opt'];
const CLUSTER_OPTIONS = `--username ${USER} --auth scram-sha-256 --encoding UTF8 --locale C --no-sync`.split(' ');
const START_DEADLINE_MS = 60_000;
/** For speed: what a crash would lose is thrown away anyway. Room for many servers under test at once. */
const SERVER_SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300'];

await runTool(async () => {
  const [separator, command, ...args] = process.argv.slice(2);
  if (separator !== '--' || command === undefined) {
    throw new ToolError('Name a command: node tools/with-postgres.mjs -- npm test');
  }
  if (process.env[VARIABLE]) return runCommand(process.env[VARIABLE], { command, args });
  return withPostgres((url) => runCommand(url, { command, args }));
});

async function withPostgres(work) {
  const binaries = findBinaries();
  const owner = findOwner();
  // Short, because the path of a Unix socket may have about a hundred characters.
  const folder = mkdtempSync(join(tmpdir(), 'puffo-pg-'));
  try {
    if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
    const password = randomBytes(16).toString('hex');
    await initialise({ binaries, folder, owner, password });
    const port = await findFreePort();
    const server = await start({ binaries, folder, owner, port });
    try {
      return await work(`postgres://${USER}:${password}@127.0.0.1:${port}/postgres`);
    } finally {
      await stop(server);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The newest server of this machine. */
function findBinaries() {
  const fromPath = (process.env.PATH ?? '').split(delimiter);
  const installed = PARENTS.filter((parent) => existsSync(parent)).flatMap((parent) =>
    readdirSync(parent)
      .toSorted((left, right) => versionOf(right) - versionOf(left))
      .map((name) => join(parent, name, 'bin')),
  );
  const found = [...installed, ...fromPath].find((path) => existsSync(join(path, 'initdb')));
  if (found !== undefined) return found;
  throw new ToolError(
    `Cannot find PostgreSQL: install it (Debian: apt-get install postgresql), or name a database in ${VARIABLE}`,
  );
}

function versionOf(name) {
  return Number(/\d+/.exec(name)?.[0] ?? 0);
}

/** PostgreSQL refuses to run as root. */
function findOwner() {
  if (process.getuid?.() !== 0) return {};
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new ToolError('Cannot start PostgreSQL as root: there is neither a user postgres nor a user nobody');
}

async function initialise({ binaries, folder, owner, password }) {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (owner.uid !== undefined) chownSync(passwordFile, owner.uid, owner.gid);
  const { exitCode, output } = await runQuietly(
    join(binaries, 'initdb'),
    ['--pgdata', join(folder, 'data'), '--pwfile', passwordFile, ...CLUSTER_OPTIONS],
    { cwd: folder, ...owner },
  );
  if (exitCode !== 0) throw new ToolError(`${output.trim()}\nCannot make a PostgreSQL cluster, see above`);
}

/** Resolves when it takes connections. */
function start({ binaries, folder, owner, port }) {
  const args = ['-D', join(folder, 'data'), '-k', folder, '-h', '127.0.0.1', '-p', String(port)];
  const settings = SERVER_SETTINGS.flatMap((setting) => ['-c', setting]);
  const server = spawn(join(binaries, 'postgres'), [...args, ...settings], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    // Its own group: Ctrl-C ends the command first and the database after it.
    detached: true,
    ...owner,
  });
  const ended = new Promise((resolve) => {
    server.once('close', resolve);
  });
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => fail('is not ready in time'), START_DEADLINE_MS);
    function fail(why) {
      clearTimeout(timer);
      server.kill('SIGQUIT');
      reject(new ToolError(`${output.trim()}\nCannot start PostgreSQL: it ${why}`));
    }
    server.once('error', () => fail('cannot be run'));
    void ended.then(() => fail('ended'));
    server.stderr.setEncoding('utf8');
    server.stderr.on('data', (text) => {
      output = (output + text).slice(-20_000);
      if (!output.includes('ready to accept connections')) return;
      clearTimeout(timer);
      resolve({ server, ended });
    });
  });
}

/** SIGINT is PostgreSQL's fast shutdown: it ends sessions and waits for nobody. */
async function stop({ server, ended }) {
  server.kill('SIGINT');
  await ended;
}

function findFreePort() {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

/** With our own input and output. We outlive Ctrl-C, to clean up. */
function runCommand(url, { command, args }) {
  process.on('SIGINT', () => child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, [VARIABLE]: url } });
  return new Promise((resolve, reject) => {
    child.once('error', () => reject(new ToolError(`Cannot run '${command}': is it on the PATH?`)));
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
}
