// Gives the home a chat server: its port is chosen once, because the files of agents contain it.
import { createServer } from 'node:net';
import { makePrivateFolder } from '@puffo/host';
import { DaemonError } from '../daemon-error.ts';
import { changeDaemonFile, readDaemonFile } from '../home/daemon-file.ts';
import type { YamlEdit } from '../home/edit-yaml.ts';
import type { Home } from '../home/home.ts';

/** Its port. Nothing is written when `daemon.yml` says all of it already. */
export async function enableEmbeddedServer(home: Home): Promise<number> {
  const { config } = await readDaemonFile(home);
  const { enabled, port: known } = config.embeddedServer;
  const port = known === 0 ? await findFreePort() : known;
  const edits: YamlEdit[] = [];
  if (!enabled) edits.push({ path: ['embedded_server', 'enabled'], value: true });
  if (port !== known) edits.push({ path: ['embedded_server', 'port'], value: port });
  if (edits.length === 0) return port;
  await makePrivateFolder(home.folder);
  await changeDaemonFile(home, edits);
  return port;
}

function findFreePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new DaemonError('Cannot choose a port for the embedded server: try again', { code: 'failed' }));
      });
    });
  });
}
