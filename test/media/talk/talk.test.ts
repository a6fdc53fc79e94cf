// Calls with the gate room, between real processes with real libwebrtc: what is said is found by
// correlation in what is heard on the other side.

import { afterEach, describe, expect, it } from 'vitest';
import { clearest, heardBursts, isHeard, notHeardBelow } from '#test/support/media/judge.ts';
import { TalkRig } from '#test/support/media/talk-rig.ts';
import { until } from '#test/support/wait.ts';

let rig: TalkRig;
afterEach(() => rig.close());

describe('a call', { timeout: 90_000 }, () => {
  it('is heard on both sides, and says so', async () => {
    rig = await new TalkRig({ room: 'bursts:100' }).open();
    await rig.call('a', { heard: 'bursts:500' });
    expect(await isHeard(rig, { from: 'a', to: 'room', seed: 500 })).toBe(true);
    expect(await isHeard(rig, { from: 'room', to: 'a', seed: 100 })).toBe(true);
    const heard = () => rig.said.flatMap((one) => (one.t === 'heard' ? [one.from] : [])).sort();
    await until(() => heard().length === 2, { withinMs: 5_000, what: 'both heard' });
    expect(heard()).toEqual(['caller', 'room']);
    expect(rig.faults).toEqual([]);
  });

  it('is heard along by a second caller, who is not heard himself until he has the floor', async () => {
    rig = await new TalkRig().open();
    await rig.call('a', { heard: 'bursts:500', speaks: true });
    await rig.call('b', { heard: 'bursts:900', speaks: false });
    const isSilent = async (from: string, to: string, seed: number) =>
      clearest(await heardBursts(rig, { from, to, seed })).likeness < notHeardBelow;
    expect(await isHeard(rig, { from: 'a', to: 'room', seed: 500 })).toBe(true);
    expect(await isHeard(rig, { from: 'a', to: 'b', seed: 500 })).toBe(true);
    expect(await isSilent('b', 'room', 900)).toBe(true);
    expect(await isSilent('a', 'a', 500)).toBe(true);
    rig.change('a', { speaks: false });
    rig.change('b', { speaks: true });
    expect(await isHeard(rig, { from: 'b', to: 'room', seed: 900 })).toBe(true);
    expect(await isSilent('a', 'room', 500)).toBe(true);
  });

  it('that nobody asked for is announced, and hears nothing before', async () => {
    rig = await new TalkRig({ room: 'tone:1000' }).open();
    await rig.call('a', { heard: 'tone:400', announced: true });
    const loud = (where: string) =>
      until(
        () => {
          const { times, samples } = rig.recording(where, 'speaker');
          const at = samples.findIndex((one) => Math.abs(one) > 1_000);
          return at >= 0 && times[Math.floor(at / 480)];
        },
        { withinMs: 20_000, what: `a sound at ${where}` },
      );
    const [inRoom, atCaller] = await Promise.all([loud('room'), loud('a')]);
    // Two notes and one sentence lie between.
    expect(atCaller - inRoom).toBeGreaterThan(1_500);
  });

  it('that nobody asked for hears nothing at all where the loudspeaker cannot announce it', async () => {
    rig = await new TalkRig({ room: 'mute' }).open();
    await rig.call('a', { heard: 'bursts:500', announced: true });
    const found = await heardBursts(rig, { from: 'a', to: 'room', seed: 500, count: 4 });
    expect(clearest(found).likeness).toBeLessThan(notHeardBelow);
    expect(rig.faults).toContain('sound.speaker: the loudspeaker is unplugged');
  });

  it('ends with the daemon, and with the caller', async () => {
    rig = await new TalkRig().open();
    await rig.call('a');
    await rig.call('b');
    rig.end('a');
    await until(() => rig.peers.of('state', 'a').some(({ state }) => state === 'closed'), {
      withinMs: 20_000,
      what: 'the end of a',
    });
    rig.peers.tell({ t: 'close', id: 'b' });
    expect(await rig.saidOf('closed', 'b')).toMatchObject({ reason: 'lost' });
    expect(rig.said.filter((one) => one.t === 'closed')).toHaveLength(1);
  });

  it('is refused where the offer is none, and the process lives on', async () => {
    rig = await new TalkRig().open();
    const bad = { candidates: [], iceServers: [], speaks: true, announced: false };
    const sdp =
      'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n';
    rig.want({
      sessions: [
        { id: 'noise', sdp: 'hello', ...bad },
        { id: 'no-opus', sdp, ...bad },
        {
          id: 'no-line',
          sdp: `${sdp.replace(' 0\r\n', ' 111\r\n')}a=rtpmap:111 opus/48000/2\r\n`,
          ...bad,
        },
      ],
    });
    const closed = ['noise', 'no-opus', 'no-line'].map((id) => rig.saidOf('closed', id));
    for (const one of await Promise.all(closed)) expect(one.reason).toBe('refused');
    const { pid } = rig.place;
    await rig.call('a');
    expect(rig.place.pid).toBe(pid);
  });
});
