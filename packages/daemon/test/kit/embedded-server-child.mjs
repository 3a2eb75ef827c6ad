// A parent of an embedded server that a test can kill.
import { silentLogger, systemRandom } from '@puffo/base';
import { startEmbeddedServer } from '@puffo/daemon';
import { createHome } from '@puffo/daemon/home';

const [folder, port, ...serverProgram] = process.argv.slice(2);
const server = startEmbeddedServer({
  home: createHome(folder),
  port: Number(port),
  serverProgram,
  environment: { PATH: '/usr/bin:/bin', HOME: folder },
  logger: silentLogger,
  random: systemRandom,
});
await server.waitUntilReady(new AbortController().signal);
process.stdout.write(`server ${server.pid}\n`);
process.stdin.resume();
