// Calls over a line that loses and delays packets, and by way of coturn with direct paths forbidden.

import { afterEach, describe, expect, it } from 'vitest';
import { isHeard } from '#test/support/media/judge.ts';
import { TalkRig } from '#test/support/media/talk-rig.ts';
import { Turn } from '#test/support/media/turn.ts';
import { UdpLine } from '#test/support/media/udp-line.ts';

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

async function rigOver(options: ConstructorParameters<typeof TalkRig>[0]): Promise<TalkRig> {
  const rig = new TalkRig(options);
  closing.push(() => rig.close());
  return rig.open();
}

describe('a call over a bad line', { timeout: 90_000 }, () => {
  // How whole a tone comes over it: test/e2e/talk-gap.test.ts, where the machine does nothing else.
  it('is heard on both sides, with 15 % lost and 50 ms of jitter', async () => {
    const line = new UdpLine({ loss: 0.15, jitterMs: 50 });
    closing.push(() => line.close());
    await line.open();
    const rig = await rigOver({ room: 'bursts:100', line });
    await rig.call('a', { heard: 'bursts:500' });
    expect(await isHeard(rig, { from: 'a', to: 'room', seed: 500 })).toBe(true);
    expect(await isHeard(rig, { from: 'room', to: 'a', seed: 100 })).toBe(true);
    expect(line.lost / (line.lost + line.passed)).toBeGreaterThan(0.08);
  });

  it('says that it is lost when the line is cut', async () => {
    const line = new UdpLine({ loss: 0, jitterMs: 0 });
    closing.push(() => line.close());
    await line.open();
    const rig = await rigOver({ line });
    await rig.call('a');
    line.isCut = true;
    expect(await rig.saidOf('closed', 'a')).toMatchObject({ reason: 'lost' });
  });
});

describe('a call by way of coturn', { timeout: 90_000 }, () => {
  it.each(['udp', 'tcp'] as const)('over %s, with direct paths forbidden', async (transport) => {
    const turn = await new Turn(transport).open();
    closing.push(() => turn.close());
    const { iceServers } = turn;
    const rig = await rigOver({ room: 'bursts:100', iceServers, relayOnly: true });
    await rig.call('a', { heard: 'bursts:500' });
    expect(await isHeard(rig, { from: 'a', to: 'room', seed: 500 })).toBe(true);
    expect(await isHeard(rig, { from: 'room', to: 'a', seed: 100 })).toBe(true);
  });
});
