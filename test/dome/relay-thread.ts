// A relay to the dome in a thread of its own: counts what the driver sends, also while the driver's
// loop stands.

import { connect, createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { port, bytes }: { port: number; bytes: Int32Array } = workerData;

const server = createServer((near) => {
  const far = connect(port, '127.0.0.1');
  near.on('data', (chunk) => {
    Atomics.add(bytes, 0, chunk.length);
    Atomics.notify(bytes, 0);
  });
  near.pipe(far).pipe(near);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address()));
