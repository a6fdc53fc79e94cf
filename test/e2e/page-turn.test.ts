// Picture and call over the page where direct paths are forbidden: by way of coturn over UDP, over a line
// that loses every seventh packet, and over TCP alone, where the picture falls back to snapshots.

import { networkInterfaces } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { Turn } from '#test/support/media/turn.ts';
import { LossyLine } from './support/lossy-line.ts';
import { PageRoom } from './support/page-room.ts';
import { dispatcherWav, found, Voices } from './support/voices.ts';

const timeout = 240_000;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** This machine's own, but for loopback, where the relay itself is. */
const addresses = Object.values(networkInterfaces()).flatMap((all) =>
  (all ?? []).flatMap(({ address, internal }) => (internal ? [] : [address])),
);

interface Way {
  readonly transport: 'udp' | 'tcp';
  readonly loss?: number;
}

/** A press, and a call: by the relay or not at all. */
async function openOver({ transport, loss = 0 }: Way) {
  const turn = await new Turn(transport, addresses).open();
  closing.push(() => turn.close());
  const line = new LossyLine(turn.port, loss);
  await line.open();
  closing.push(() => line.close());
  const [server] = turn.iceServers;
  const { username = '', credential = '' } = server ?? {};
  const url = (port: number) => `turn:127.0.0.1:${port}?transport=${transport}`;
  const near = { urls: url(transport === 'udp' ? line.port : turn.port), username, credential };
  const on = new PageRoom({
    media: { sound: 'simulated', iceServers: [url(turn.port)] },
    ice: () => ({ servers: [near], relayOnly: true, turn: { username, credential } }),
    microphone: dispatcherWav,
  });
  closing.push(() => on.close());
  await on.open();
  await on.press();
  await on.call();
  return { on, line };
}

/** The picture goes on; once it does, frames rise. */
async function pictureGoesOn(on: PageRoom, state: string): Promise<void> {
  await on.until(`picture: ${state}`, async () => (await on.state('#screen')) === state);
  let first = 0;
  await on.until('a picture', async () => {
    first = (await on.browser.senses.look())?.frame ?? 0;
    return first > 0;
  });
  await on.until('a later one', async () => {
    const scene = await on.browser.senses.look();
    return (scene?.frame ?? 0) > first + 25;
  });
}

async function dispatcherIsHeard(on: PageRoom): Promise<void> {
  const voices = new Voices(on);
  const heard = await voices.fairly('dispatcher', ({ likeness }) => likeness > found);
  expect(heard.likeness).toBeGreaterThan(found);
}

test('by way of a relay over UDP', { timeout }, async () => {
  const { on } = await openOver({ transport: 'udp' });
  await pictureGoesOn(on, 'connected');
  await dispatcherIsHeard(on);
});

test('over a line that loses 15 %', { timeout }, async () => {
  const { on, line } = await openOver({ transport: 'udp', loss: 0.15 });
  await pictureGoesOn(on, 'connected');
  await dispatcherIsHeard(on);
  expect(line.lost / (line.lost + line.passed)).toBeGreaterThan(0.1);
});

test('by way of a relay over TCP alone: the call, and snapshots over it', { timeout }, async () => {
  const { on } = await openOver({ transport: 'tcp' });
  await pictureGoesOn(on, 'snapshots');
  expect(await on.says('#live-says')).toContain('snapshots');
  await dispatcherIsHeard(on);
});
