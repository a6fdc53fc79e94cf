// How whole a tone comes over a line that loses 15 % and delays by up to 50 ms: both ways, in pieces in
// which every process was on time.

import { expect, it } from 'vitest';
import { toneGap } from '#test/support/media/judge.ts';
import { nowMs } from '#test/support/media/recording.ts';
import { TalkRig } from '#test/support/media/talk-rig.ts';
import { UdpLine } from '#test/support/media/udp-line.ts';

const settleMs = 3_000;

it('no gap above 60 ms in a tone, with 15 % lost and 50 ms of jitter', async () => {
  const line = new UdpLine({ loss: 0.15, jitterMs: 50 });
  await line.open();
  const rig = new TalkRig({ room: 'tone:700', line });
  try {
    await rig.open();
    await rig.call('a', { heard: 'tone:500' });
    const judged = { sinceMs: nowMs() + settleMs, judgedMs: 6_000 };
    const there = await toneGap(rig, { from: 'a', to: 'room', hz: 500 }, judged);
    const back = await toneGap(rig, { from: 'room', to: 'a', hz: 700 }, judged);
    expect(line.lost / (line.lost + line.passed)).toBeGreaterThan(0.1);
    expect(there.longestMs).toBeLessThanOrEqual(60);
    expect(back.longestMs).toBeLessThanOrEqual(60);
  } finally {
    await rig.close();
    line.close();
  }
});
