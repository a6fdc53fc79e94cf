// The live process with viewers that have no browser: what it refuses, what it says of a dome it cannot
// show, that a decoder's cry is answered from the cache, and that a viewer who is gone is gone.

import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { until } from '#test/support/wait.ts';
import { Peers } from './peers.ts';
import { LiveRig, sourceOf } from './rig.ts';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const small = { width: 320, height: 180, kbps: 200, gopSeconds: 10 } as const;
const wait = { withinMs: 50_000 };

async function domeWith(options: Parameters<typeof startDome>[0] = {}): Promise<SimDome> {
  const dome = await startDome({ video: { main: small, sub: small }, ...options });
  cleanUps.push(() => dome.close());
  return dome;
}

async function rigOn(dome: SimDome, password = 'secret'): Promise<LiveRig> {
  const of = (stream: 'main' | 'sub') => ({ ...sourceOf(dome.rtspUrl(stream)), password });
  const rig = new LiveRig();
  cleanUps.push(() => rig.close());
  return rig.open({ main: of('main'), sub: of('sub'), warm: true });
}

function peersOf(rig: LiveRig): Peers {
  const peers = new Peers(rig);
  cleanUps.push(() => peers.kill());
  return peers;
}

/** Packets that are far ahead of those of its stream: all between are missing. */
async function damage(rig: LiveRig): Promise<void> {
  // Kept warm, the main stream alone is fetched.
  const child = readFileSync(`/proc/${rig.pid}/task/${rig.pid}/children`, 'utf8').trim();
  const line = readFileSync(`/proc/${child}/cmdline`, 'utf8');
  const port = Number(/rtp:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1]);
  const socket = createSocket('udp4');
  for (const quarter of [0, 1, 2, 3]) {
    const packet = Buffer.from([0x80, 0x80 | 96, quarter << 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x41, 1]);
    await new Promise((sent) => socket.send(packet, port, '127.0.0.1', sent));
  }
  socket.close();
}

describe('viewers', () => {
  let dome: SimDome;
  let rig: LiveRig;
  beforeAll(async () => {
    const sub = { ...small, width: 256, height: 144, kbps: 100 };
    dome = await startDome({ video: { main: small, sub } });
    const [main, second] = [sourceOf(dome.rtspUrl('main')), sourceOf(dome.rtspUrl('sub'))];
    rig = await new LiveRig().open({ main, sub: second, warm: true });
  }, 30_000);
  afterAll(async () => {
    await rig.close();
    await dome.close();
  });

  test('cry for a picture: the group comes again, at most once a second', {
    timeout: 120_000,
  }, async () => {
    const peers = peersOf(rig);
    await peers.watch('peer', { reports: false });
    await until(async () => (await peers.seen('peer')).packets > 20, { ...wait, what: 'packets' });
    const { keys } = await peers.seen('peer');
    const fromMs = performance.now();
    // A key picture of the dome's own comes every 10 s; a decoder that fails cries all the time.
    const cried = async () => {
      await peers.report('peer', { pli: true });
      return (await peers.seen('peer')).keys >= keys + 3;
    };
    await until(cried, { ...wait, what: 'three groups' });
    expect(performance.now() - fromMs).toBeGreaterThan(1_500);
    const { gaps, backwards } = await peers.seen('peer');
    expect({ gaps, backwards }).toEqual({ gaps: 0, backwards: 0 });
  });

  test('go without a word: found out by their reports; others stay', {
    timeout: 120_000,
  }, async () => {
    const [stays, goes] = [peersOf(rig), peersOf(rig)];
    await stays.watch('stays');
    await goes.watch('goes');
    const both = () =>
      ['stays', 'goes'].every((id) => rig.of(id).some(({ t }) => t === 'connected'));
    await until(both, { ...wait, what: 'both' });
    await until(async () => (await goes.seen('goes')).packets > 20, { ...wait, what: 'packets' });
    await goes.kill();
    const closed = await until(() => rig.closed('goes'), { ...wait, what: 'its end' });
    expect(closed).toMatchObject({
      reason: 'lost',
      detail: expect.stringContaining('no receiver report'),
    });
    expect(rig.closed('stays')).toBeUndefined();
  });

  test('whose line loses a fifth get the sub stream, by themselves', {
    timeout: 120_000,
  }, async () => {
    const peers = peersOf(rig);
    await peers.watch('narrow', { stream: 'auto', reports: false });
    const first = await until(async () => (await peers.seen('narrow')).sps, {
      ...wait,
      what: 'main',
    });
    const isSub = async () => {
      await peers.report('narrow', { loss: 0.2 });
      return (await peers.seen('narrow')).sps !== first;
    };
    await until(isSub, { ...wait, what: 'the sub stream' });
    const { gaps, backwards } = await peers.seen('narrow');
    expect({ gaps, backwards }).toEqual({ gaps: 0, backwards: 0 });
    expect(dome.rtsp.log.some(({ url, method }) => method === 'PLAY' && url.includes('sub'))).toBe(
      true,
    );
  });

  test('change to another stream and back on the same connection, as often as they ask', {
    timeout: 120_000,
  }, async () => {
    const peers = peersOf(rig);
    await peers.watch('large');
    await peers.watch('small', { stream: 'sub' });
    const sps = async (id: string) => (await peers.seen(id)).sps;
    const main = await until(() => sps('large'), { ...wait, what: 'a picture' });
    const shows = (what: string, isIt: (sps: string) => boolean) =>
      until(async () => isIt(await sps('small')), { ...wait, what });
    await shows('the sub stream', (one) => one !== '' && one !== main);
    rig.stream('small', 'auto');
    await shows('the main stream', (one) => one === main);
    rig.stream('small', 'sub');
    await shows('the sub stream again', (one) => one !== main);
    const { gaps, backwards } = await peers.seen('small');
    expect({ gaps, backwards }).toEqual({ gaps: 0, backwards: 0 });
  });

  test('with nothing that can be shown are refused with a reason', async () => {
    const vp8 = 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=rtpmap:96 VP8/90000\r\n';
    await expect(rig.offer({ id: 'vp8', sdp: vp8 })).rejects.toThrow(
      'refused: the offer has no H.264',
    );
    const lines = 'a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n';
    const half = vp8.replace('a=rtpmap:96 VP8/90000\r\n', lines);
    await expect(rig.offer({ id: 'half', sdp: half })).rejects.toThrow('cannot be answered');
    await expect(rig.offer({ id: 'none', sdp: 'hello' })).rejects.toThrow('no picture');
    // It has taken no harm.
    const peers = peersOf(rig);
    await peers.watch('right');
    rig.candidates('right', [{ candidate: 'candidate:nonsense', mid: '0' }, null]);
    await until(async () => (await peers.seen('right')).keys > 0, { ...wait, what: 'a picture' });
    rig.bye('right');
    expect(rig.ups).toBe(1);
  });

  test('have the picture of a dome in the middle of its group again, at the first try', {
    timeout: 120_000,
  }, async () => {
    const plays = () =>
      dome.rtsp.log.filter(({ method, url }) => method === 'PLAY' && url.includes('main')).length;
    const [life, before] = [rig.ups, plays()];
    process.kill(rig.pid, 'SIGKILL');
    await until(() => rig.ups > life, { ...wait, what: 'its next life' });
    const peers = peersOf(rig);
    await peers.watch('again');
    await until(async () => (await peers.seen('again')).packets > 20, { ...wait, what: 'packets' });
    expect(plays() - before).toBe(1);
  });
});

describe('a dome', () => {
  const told = (rig: LiveRig, part: string) =>
    until(() => rig.fault?.includes(part), { ...wait, what: `the fault: ${part}` });

  test('that does not take the password', async () => {
    const dome = await domeWith();
    const rig = await rigOn(dome, 'wrong');
    await told(rig, 'The main stream is refused: the dome does not take user name and password.');
    rig.want({ main: sourceOf(dome.rtspUrl('main')) });
    await until(() => rig.fault === null, { ...wait, what: 'the feed' });
  });

  test('that is not there', async () => {
    const dome = await domeWith();
    const rig = await rigOn(dome);
    await until(() => rig.fault === null, { ...wait, what: 'the feed' });
    rig.want({ main: sourceOf('rtsp://127.0.0.1:9/live'), sub: null });
    await told(rig, 'The main stream cannot be reached');
    rig.want({ main: sourceOf('http://127.0.0.1/live') });
    await told(rig, 'none of RTSP');
  });

  test('whose sub stream does not come: who asks for that sees the main one', async () => {
    const rig = await rigOn(await domeWith());
    rig.want({ sub: sourceOf('rtsp://127.0.0.1:9/live') });
    await until(() => rig.fault === null, { ...wait, what: 'the feed' });
    const peers = peersOf(rig);
    await peers.watch('small', { stream: 'sub' });
    await until(async () => (await peers.seen('small')).keys > 0, { ...wait, what: 'a picture' });
  });

  test('of H.265: its sub stream is shown; where that is H.265, too, it is told what to set', {
    timeout: 120_000,
  }, async () => {
    const dome = await domeWith({ video: { main: { ...small, codec: 'h265' }, sub: small } });
    const rig = await rigOn(dome);
    const peers = peersOf(rig);
    await peers.watch('peer');
    await until(async () => (await peers.seen('peer')).keys > 0, {
      ...wait,
      what: 'the sub stream',
    });
    expect(rig.fault ?? null).toBeNull();
    rig.want({ sub: sourceOf(dome.rtspUrl('main')) });
    await told(
      rig,
      "The main stream is H.265, which browsers do not show; set it to H.264 in the dome's video " +
        'settings (视频编码: H.264).',
    );
  });
});

test('pictures are missing in mid-stream, and somebody sees it: a key picture is asked for', {
  timeout: 120_000,
}, async () => {
  const rig = await rigOn(await domeWith());
  const asked = () => rig.said.filter(({ t }) => t === 'cut');
  const peers = peersOf(rig);
  await peers.watch('peer');
  await until(async () => (await peers.seen('peer')).packets > 20, { ...wait, what: 'packets' });
  expect(asked()).toEqual([]);
  await damage(rig);
  await until(() => asked().length > 0, { ...wait, what: 'the question' });
  expect(asked()[0]).toEqual({ t: 'cut', stream: 'main' });
});
