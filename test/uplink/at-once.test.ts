// What the line writes leaves at once: an alarm is not held in the kernel behind a message that the broker
// has read and not answered, as it does with QoS 0.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '#agent/system/clock.ts';
import { Dates } from '#agent/uplink/dates.ts';
import { streamTo } from '#agent/uplink/stream.ts';
import { makeCerts } from '../support/certs.ts';
import { until } from '../support/wait.ts';

const clock = systemClock();
/** The kernel acknowledges at once in the first dozens of pieces of a connection, and puts it off only where
 * an answer usually follows, with which the acknowledgement can travel. */
const warmUps = 40;
const [unanswered, answered] = ['0', '1'];
const pairs = 15;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((open) => server.listen(0, '127.0.0.1', open));
  closing.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Milliseconds from the second of two messages to its answer, pair by pair: the first is QoS 0. */
async function delays(near: Duplex): Promise<number[]> {
  closing.push(() => near.destroy());
  let answers = 0;
  near.on('data', () => {
    answers += 1;
  });
  const seen: number[] = [];
  for (let n = 1; n <= warmUps + pairs; n++) {
    if (n > warmUps) near.write(unanswered.repeat(40));
    await new Promise<void>((next) => setImmediate(next));
    const at = performance.now();
    near.write(answered);
    await until(() => answers >= n, { withinMs: 5000, what: 'an answer' });
    if (n > warmUps) seen.push(performance.now() - at);
  }
  return seen.sort((a, b) => a - b);
}

it.each(['mqtt', 'mqtts'] as const)(
  '%s: a second message does not wait for the first',
  async (scheme) => {
    const dir = mkdtempSync(join(tmpdir(), 'at-once-'));
    closing.push(() => rmSync(dir, { recursive: true }));
    const hear = (far: Socket): void => {
      far.setEncoding('latin1').on('data', (text: string) => {
        if (text.includes(answered)) far.write('.');
      });
      far.on('error', () => far.destroy());
      closing.push(() => far.destroy());
    };
    const certs = await makeCerts(dir);
    const { certFile, keyFile } = certs.server;
    const port = await portOf(
      scheme === 'mqtt'
        ? createServer(hear)
        : createTlsServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, hear),
    );
    const broker = { url: `${scheme}://localhost:${port}`, clientId: 't', ca: certs.ca };
    const near = streamTo(broker, new Dates(clock, null), clock);
    const [middle = Number.NaN] = (await delays(near)).slice(pairs >> 1);
    // Held back it is 40 ms each; what is left is this machine.
    expect(middle).toBeLessThan(20);
  },
);
