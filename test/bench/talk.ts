// Talk: how late a voice is, from the air at one side to the air at the other, and how whole it comes over
// a bad line; with a gate room without a sound card, its echo canceller at work, and real libwebrtc on both
// sides. And what 200 calls one after the other leave behind.

import { type Room, startRoom } from '#agent/sim/sound/room.ts';
import { type HeardBurst, heardAbove, seek, toneGap } from '#test/support/media/judge.ts';
import { nowMs, type Recording } from '#test/support/media/recording.ts';
import { burst } from '#test/support/media/signal.ts';
import { type Size, sizeOf } from '#test/support/media/size.ts';
import { TalkRig } from '#test/support/media/talk-rig.ts';
import { Turn } from '#test/support/media/turn.ts';
import { TurnLine } from '#test/support/media/turn-line.ts';
import { type LineQuality, UdpLine } from '#test/support/media/udp-line.ts';
import { until } from '#test/support/wait.ts';
import { type Figures, percentile, rounded } from './stats.ts';
import { inSteps } from './steps.ts';

type Closing = (() => unknown)[];

/** What a call needs until its buffers have found their size and the canceller the room. */
const settleMs = 4_000;
const jitterMs = 50;
const lossesPct = [0, 5, 15] as const;
/** From here to the last call memory is watched. */
const firstCalls = 50;

/** `bursts`: each way, directly and by way of a TURN server. */
export async function measureTalkDelay(bursts: number): Promise<Figures> {
  // Beside the figure that is judged these show what the detour costs.
  const fewer = Math.ceil(bursts / 2);
  return inSteps({
    direct: () => delays('talk', bursts, null),
    'TURN over UDP': () => delays('talk_turn_udp', fewer, 'udp'),
    'TURN over TCP': () => delays('talk_turn_tcp', fewer, 'tcp'),
  });
}

/** `toneS`: what is judged of a tone, each way. */
export async function measureTalkGaps(toneS: number): Promise<Figures> {
  const steps = lossesPct.flatMap((lossPct) => [
    [`${lossPct} % lost`, () => gaps('talk', { lossPct, toneS }, directLine)] as const,
    [`${lossPct} % lost, TURN`, () => gaps('talk_turn', { lossPct, toneS }, relayedLine)] as const,
  ]);
  return inSteps(Object.fromEntries(steps));
}

async function closingAll<T>(work: (closing: Closing) => Promise<T>): Promise<T> {
  const closing: Closing = [];
  try {
    return await work(closing);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

const late = (name: string, heard: readonly HeardBurst[]): Figures =>
  Object.fromEntries(
    [50, 95].map((percent) => {
      const found = heard.filter(({ likeness }) => likeness > heardAbove);
      const delayMs = percentile(
        found.map((one) => one.delayMs),
        percent,
      );
      return [`${name}_p${percent}_ms`, rounded(delayMs, 1)];
    }),
  );

const pause = (ms: number) => {
  const end = nowMs() + ms;
  return until(() => nowMs() > end, { withinMs: 2 * ms + 1_000, what: 'the call to settle' });
};

/** One voice at a time: near speech in double talk is cut by design. */
function delays(name: string, bursts: number, transport: 'udp' | 'tcp' | null): Promise<Figures> {
  return closingAll(async (closing) => {
    const turn = transport && (await new Turn(transport).open());
    if (turn) closing.push(() => turn.close());
    const gateRoom = await startRoom();
    closing.push(() => gateRoom.close());
    const over = turn ? { iceServers: turn.iceServers, relayOnly: true } : {};
    const rig = new TalkRig({ gateRoom, ...over });
    closing.push(() => rig.close());
    await rig.open();
    const down = await toRoom(rig, gateRoom, bursts);
    const up = await fromRoom(rig, gateRoom, bursts);
    const missed = [...down, ...up].filter(({ likeness }) => likeness <= heardAbove).length;
    return {
      ...late(`${name}_oneway`, [...down, ...up]),
      ...late(`${name}_to_room`, down),
      ...late(`${name}_from_room`, up),
      [`${name}_bursts_missed`]: missed,
    };
  });
}

async function toRoom(rig: TalkRig, room: Room, bursts: number): Promise<HeardBurst[]> {
  await rig.call('speaks', { heard: 'bursts:1000' });
  await pause(settleMs);
  const keep = await room.record();
  const sent = () => rig.recording('speaks', 'microphone').times;
  const first = Math.ceil(sent().length / 100);
  await until(() => sent().length > (first + bursts + 1) * 100, {
    withinMs: 30_000 + bursts * 2_000,
    what: 'the bursts of the caller',
  });
  const { air } = await keep();
  rig.end('speaks');
  const times = Array.from(
    { length: Math.floor(air.samples.length / 480) },
    (_, n) => air.fromMs + n * 10,
  );
  const heard: Recording = { times, samples: air.samples };
  const leftMs = sent();
  return Array.from({ length: bursts }, (_, n) =>
    seek(heard, 1000 + first + n, leftMs[(first + n) * 100] ?? 0),
  );
}

async function fromRoom(rig: TalkRig, room: Room, bursts: number): Promise<HeardBurst[]> {
  await rig.call('hears');
  await pause(settleMs);
  const said: { readonly seed: number; readonly atMs: number }[] = [];
  for (let n = 0; n < bursts; n++) {
    const seed = 5_000 + n;
    said.push({ seed, atMs: await room.say(burst(seed)) });
    await pause(1_000);
  }
  const heard = rig.recording('hears', 'speaker');
  rig.end('hears');
  return said.map(({ seed, atMs }) => seek(heard, seed, atMs));
}

/** The bad line is between the caller and the terminal, or the TURN server. */
function gaps(
  name: string,
  { lossPct, toneS }: { readonly lossPct: number; readonly toneS: number },
  lineOf: typeof directLine | typeof relayedLine,
): Promise<Figures> {
  return closingAll(async (closing) => {
    const over = await lineOf({ loss: lossPct / 100, jitterMs }, closing);
    const rig = new TalkRig({ room: 'tone:700', ...over });
    closing.push(() => rig.close());
    await rig.open();
    await rig.call('a', { heard: 'tone:500' });
    const judged = { sinceMs: nowMs() + settleMs, judgedMs: toneS * 1_000 };
    const there = await toneGap(rig, { from: 'a', to: 'room', hz: 500 }, judged);
    const back = await toneGap(rig, { from: 'room', to: 'a', hz: 700 }, judged);
    rig.peers.tell({ t: 'stats', id: 'a' });
    const { concealed } = await until(() => rig.peers.of('stats', 'a')[0], {
      withinMs: 10_000,
      what: "the caller's figures",
    });
    return {
      [`${name}_gap_${lossPct}pct_loss_max_ms`]: Math.max(there.longestMs, back.longestMs),
      [`${name}_${lossPct}pct_loss_concealed_pct`]: rounded(100 * concealed, 1),
    };
  });
}

async function directLine(quality: LineQuality, closing: Closing) {
  const line = new UdpLine(quality);
  closing.push(() => line.close());
  await line.open();
  return { line };
}

async function relayedLine(quality: LineQuality, closing: Closing) {
  const turn = await new Turn('udp').open();
  closing.push(() => turn.close());
  const line = new TurnLine(turn, quality);
  closing.push(() => line.close());
  await line.open();
  const { iceServers } = turn;
  return { iceServers, callerIceServers: line.iceServers, relayOnly: true };
}

/** So many calls one after the other. */
export function measureTalkSessions(calls: number): Promise<Figures> {
  return closingAll(async (closing) => {
    const rig = new TalkRig({ room: 'tone:700' });
    closing.push(() => rig.close());
    await rig.open();
    const pid = rig.place.pid ?? 0;
    const measured: Size[] = [];
    for (let n = 1; n <= calls; n++) {
      await rig.call(`call-${n}`, { heard: 'tone:500' });
      await rig.saidOf('heard', `call-${n}`);
      rig.end(`call-${n}`);
      rig.peers.tell({ t: 'close', id: `call-${n}` });
      if (n === firstCalls || n === calls) {
        await pause(2_000);
        measured.push(sizeOf(pid));
      }
    }
    const [before, after] = [measured[0], measured.at(-1)];
    if (!before || !after || pid !== rig.place.pid)
      throw new Error('the talk process was replaced');
    const name = `sessions_${calls}`;
    return {
      [`${name}_rss_growth_mb`]: rounded(after.rssMb - before.rssMb, 1),
      [`${name}_rss_mb`]: rounded(after.rssMb, 1),
      [`${name}_descriptors_left`]: after.descriptors - before.descriptors,
      [`${name}_threads_left`]: after.threads - before.threads,
    };
  });
}
