// The live picture. Offer -> first decoded frame in a browser that joins at any time of a group of
// pictures; processor and memory for 1 and 4 viewers above what the ingest takes with none, beside an
// ffmpeg that copies the same stream to RTP and does nothing else; 200 sessions, one after the other.
// Viewers other than the first frame's are the library's own: a browser would have the processor.

import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { Viewers } from '#test/live/browser.ts';
import { Peers } from '#test/live/peers.ts';
import { LiveRig, sourceOf } from '#test/live/rig.ts';
import { until } from '#test/support/wait.ts';
import { cpuMs, rssMb } from './daemon.ts';
import { type Figures, percentile, rounded } from './stats.ts';
import { inSteps } from './steps.ts';

const windowMs = 10_000;
const settleMs = 3_000;
/** Each of its own processes has so many: their leaks are not ours. */
const sessionsEach = 25;
/** From here to the last one memory is watched. */
const firstSessions = 50;
const wait = { withinMs: 60_000 };
const sizes = {
  '720p': { width: 1280, height: 720, kbps: 2_000 },
  '1080p': { width: 1920, height: 1080, kbps: 4_000 },
} as const;

export async function measureLive(joins: number, sessions: number): Promise<Figures> {
  const small = { width: 320, height: 180, kbps: 300 } as const;
  const loads = Object.entries(sizes).map(([size, main]) => {
    const both = async (rig: LiveRig, dome: SimDome) => ({
      ...(await load(size, rig)),
      ...(await floor(size, dome)),
    });
    return [size, () => withRig({ video: { main } }, both)] as const;
  });
  return inSteps({
    'first frames': () => withRig({}, (rig) => firstFrames(rig, joins)),
    ...Object.fromEntries(loads),
    sessions: () => withRig({ video: { main: small } }, (rig) => manySessions(rig, sessions)),
  });
}

async function withRig(
  options: Parameters<typeof startDome>[0],
  measure: (rig: LiveRig, dome: SimDome) => Promise<Figures>,
): Promise<Figures> {
  const dome = await startDome(options);
  const rig = new LiveRig();
  try {
    await rig.open({ main: sourceOf(dome.rtspUrl('main')), warm: true });
    await until(() => rig.fault === null, { ...wait, what: 'the feed' });
    return await measure(rig, dome);
  } finally {
    await rig.close();
    await dome.close();
  }
}

async function firstFrames(rig: LiveRig, joins: number): Promise<Figures> {
  const viewers = await Viewers.open(rig);
  const seen: number[] = [];
  try {
    for (let n = 0; n < joins; n++) {
      // Any time of a group of 2 s.
      await pause(500 + ((n * 370) % 2_000));
      const id = `joins-${n}`;
      await viewers.watch(id);
      const first = async () => (await viewers.watched(id)).firstMs;
      seen.push(await until(first, { ...wait, what: 'a picture' }));
      rig.bye(id);
      await viewers.leave(id);
    }
  } finally {
    await viewers.close();
  }
  return {
    live_joins: joins,
    live_first_frame_p50_ms: rounded(percentile(seen, 50), 1),
    live_first_frame_p95_ms: rounded(percentile(seen, 95), 1),
  };
}

async function load(size: string, rig: LiveRig): Promise<Figures> {
  const peers = new Peers(rig);
  const name = `live_${size}`;
  const figures: { [key: string]: number } = {};
  let ingestPct = Number.NaN;
  try {
    let there = 0;
    for (const count of [0, 1, 4]) {
      for (; there < count; there++) await joined(peers, `${there}`);
      await pause(settleMs);
      const [before, fromMs] = [await packetsOf(peers, count), performance.now()];
      const [own = 0, copy = 0] = await Promise.all([
        corePct([rig.pid]),
        corePct(childrenOf(rig.pid)),
      ]);
      const seconds = (performance.now() - fromMs) / 1000;
      // Tells whether the simulated dome kept up: a busy machine makes a viewer look cheap.
      const perS = ((await packetsOf(peers, count)) - before) / seconds;
      if (count === 4) figures[`${name}_packets_per_s`] = rounded(perS, 0);
      const what = count === 0 ? 'ingest' : `${count}_viewer${count > 1 ? 's' : ''}`;
      if (count === 0) ingestPct = own;
      figures[`${name}_${what}_core_pct`] = rounded(count === 0 ? own + copy : own - ingestPct, 2);
      figures[`${name}_${what}_rss_mb`] = rounded(rssMb(rig.pid), 1);
    }
  } finally {
    await peers.kill();
  }
  return figures;
}

async function packetsOf(peers: Peers, count: number): Promise<number> {
  const seen = await Promise.all(Array.from({ length: count }, (_, id) => peers.seen(`${id}`)));
  return seen.reduce((sum, { packets }) => sum + packets, 0);
}

/** A viewer who has seen a key picture. */
async function joined(peers: Peers, id: string): Promise<void> {
  await peers.watch(id);
  const key = async () => (await peers.seen(id)).keys > 0;
  await until(key, { ...wait, what: `the picture of ${id}` });
}

/** ffmpeg alone, the stream copied to one RTP port. */
async function floor(size: string, dome: SimDome): Promise<Figures> {
  const sink = createSocket('udp4');
  await new Promise<void>((done) => sink.bind(0, '127.0.0.1', done));
  const address = dome.rtspUrl('main').replace('//', '//admin:secret@');
  const input = ['-v', 'error', '-nostdin', '-rtsp_transport', 'tcp', '-i', address];
  const output = [
    '-map',
    '0:v',
    '-c',
    'copy',
    '-f',
    'rtp',
    `rtp://127.0.0.1:${sink.address().port}`,
  ];
  const child = spawn('ffmpeg', [...input, ...output], { stdio: 'ignore' });
  try {
    await new Promise((first) => sink.once('message', first));
    await pause(settleMs);
    return {
      [`floor_live_${size}_core_pct`]: rounded(await corePct([child.pid ?? 0]), 2),
      [`floor_live_${size}_rss_mb`]: rounded(rssMb(child.pid ?? 0), 1),
    };
  } finally {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    sink.close();
  }
}

async function manySessions(rig: LiveRig, sessions: number): Promise<Figures> {
  const { pid } = rig;
  const seen: { rss: number; descriptors: number; threads: number }[] = [];
  for (let n = 0; n < sessions; n += sessionsEach) {
    const peers = new Peers(rig);
    try {
      for (let one = n; one < Math.min(sessions, n + sessionsEach); one++) {
        await joined(peers, `${one}`);
        rig.bye(`${one}`);
        await peers.close(`${one}`);
      }
    } finally {
      await peers.kill();
    }
    await pause(settleMs);
    seen.push({ rss: rssMb(pid), ...countsOf(pid) });
  }
  const [early, late] = [seen[firstSessions / sessionsEach - 1], seen.at(-1)];
  if (!early || !late || early === late) throw new Error('too few sessions');
  if (rig.pid !== pid) throw new Error('the live process was replaced');
  const name = `live_sessions_${sessions}`;
  return {
    [`${name}_rss_mb`]: rounded(late.rss, 1),
    [`${name}_rss_growth_mb`]: rounded(late.rss - early.rss, 1),
    [`${name}_descriptors_left`]: late.descriptors - early.descriptors,
    [`${name}_threads_left`]: late.threads - early.threads,
  };
}

/** Of processes that live through the window. */
async function corePct(pids: readonly number[]): Promise<number> {
  const sum = () => pids.reduce((all, pid) => all + cpuMs(pid), 0);
  const [before, fromMs] = [sum(), performance.now()];
  await pause(windowMs);
  return (100 * (sum() - before)) / (performance.now() - fromMs);
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

const countsOf = (pid: number) => ({
  descriptors: readdirSync(`/proc/${pid}/fd`).length,
  threads: readdirSync(`/proc/${pid}/task`).length,
});
