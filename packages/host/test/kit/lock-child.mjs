// Another process that uses the built package. Arguments: what to do, the folder, how often.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock } from '@puffo/host';

const [job, folder, times] = process.argv.slice(2);
const lock = join(folder, 'lock');
const counter = join(folder, 'counter');

if (job === 'count') {
  for (let time = 0; time < Number(times); time++) {
    await withFileLock(lock, async () => {
      const value = Number(await readFile(counter, 'utf8'));
      await new Promise((resolve) => setImmediate(resolve));
      await writeFile(counter, String(value + 1));
    });
  }
} else {
  await withFileLock(lock, () => {
    process.stdout.write('inside');
    return new Promise(() => setInterval(() => undefined, 1000));
  });
}
