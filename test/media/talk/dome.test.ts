// Sound through the dome, on the simulated one: heard there by correlation, given back after talk, and the
// gate room's in its place where the dome has no ear for us.

import { afterEach, describe, expect, it } from 'vitest';
import { DomeSound } from '#agent/media/backchannel/dome-sound.ts';
import { Resampler } from '#agent/media/resampler.ts';
import { startDome } from '#agent/sim/dome/dome.ts';
import { systemClock } from '#agent/system/clock.ts';
import { everyFrame, frameOf } from '#test/support/media/air.ts';
import { heardAbove, isHeard, seek } from '#test/support/media/judge.ts';
import { tonePower } from '#test/support/media/signal.ts';
import { TalkRig } from '#test/support/media/talk-rig.ts';
import { until } from '#test/support/wait.ts';

type Dome = Awaited<ReturnType<typeof startDome>>;

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

async function domeWith(options: Parameters<typeof startDome>[0] = {}): Promise<Dome> {
  const dome = await startDome({ username: 'admin', password: 'secret', ...options });
  closing.push(() => dome.close());
  return dome;
}

const login = { username: 'admin', password: 'secret' };

function soundOf(dome: Dome, password = 'secret') {
  const source = { url: dome.rtspUrl('main'), ...login, password };
  const sound = new DomeSound({ source, clock: systemClock() });
  const frames: Int16Array[] = [];
  const troubles: [string, string | null][] = [];
  sound.open({
    captured: (frame) => void frames.push(frame),
    trouble: (fault, detail) => void troubles.push([fault, detail]),
  });
  closing.push(() => sound.close());
  return { sound, frames, troubles };
}

/** Speaks until stopped. */
function speak(sound: DomeSound, heard: string): () => void {
  const stop = everyFrame((n) => sound.play(frameOf(heard, n)));
  closing.push(stop);
  return stop;
}

const soon = (what: string) => ({ withinMs: 15_000, what });

describe("the dome's loudspeaker and microphone", { timeout: 60_000 }, () => {
  it.each(['PCMU', 'PCMA'] as const)(
    'in %s: heard there, and given back after talk',
    async (codec) => {
      const dome = await domeWith({ sound: { talk: [codec], microphone: codec } });
      const { sound, frames, troubles } = soundOf(dome);
      expect(dome.speaker.busy).toBe(false);
      const stop = speak(sound, 'tone:1000');
      await until(() => dome.speaker.pcm.length > 8_000, soon('a second of sound'));
      expect(dome.speaker.heard.every((one) => one.codec === codec)).toBe(true);
      // 8 kHz: to the judge, who takes 48, it is a tone of six times its height.
      expect(tonePower(dome.speaker.pcm.subarray(2_000, 6_000), 6_000).share).toBeGreaterThan(0.95);
      await until(() => frames.length > 100, soon('a second of its microphone'));
      const last = Int16Array.from(frames.slice(-50).flatMap((frame) => [...frame]));
      expect(tonePower(last, 440).share).toBeGreaterThan(0.95);
      stop();
      await until(() => !dome.speaker.busy, soon('the backchannel to be free'));
      expect(troubles.filter(([, detail]) => detail !== null)).toEqual([]);
      speak(sound, 'tone:1000');
      await until(() => dome.speaker.busy, soon('the next talk'));
    },
  );

  it.each([
    ['has no backchannel', { sound: { talk: [] } }, 'secret', /DESCRIBE: 551|no backchannel/],
    ['refuses the login', {}, 'other', /password refused/],
  ])('a dome that %s is a fault', async (_, options, password, why) => {
    const dome = await domeWith(options as Parameters<typeof startDome>[0]);
    const { sound, troubles } = soundOf(dome, password);
    speak(sound, 'tone:1000');
    const told = () => troubles.filter(([fault]) => fault === 'talk.dome');
    await until(() => told().length > 0, soon('the fault'));
    expect(told()[0]?.[1]).toMatch(why);
  });

  it('a microphone that is switched off is none', async () => {
    const dome = await domeWith({ sound: { microphone: null } });
    const { sound, frames, troubles } = soundOf(dome);
    speak(sound, 'tone:1000');
    await until(() => dome.speaker.busy, soon('the talk'));
    await until(() => troubles.length > 0, soon('a word'));
    expect(troubles.filter(([, detail]) => detail !== null)).toEqual([]);
    expect(frames).toEqual([]);
  });

  it('comes back by itself when the dome hangs, and when it reboots', async () => {
    const dome = await domeWith();
    const { sound, frames, troubles } = soundOf(dome);
    speak(sound, 'tone:1000');
    await until(() => dome.speaker.busy && frames.length > 0, soon('sound both ways'));
    await dome.reboot({ downMs: 300 });
    const told = (fault: string) => troubles.findLast(([one]) => one === fault)?.[1];
    await until(() => told('talk.dome'), soon('the fault'));
    const [heard, captured] = [dome.speaker.pcm.length, frames.length];
    await until(() => dome.speaker.pcm.length > heard + 4_000, soon('sound after the reboot'));
    await until(() => frames.length > captured + 50, soon('its microphone after the reboot'));
    expect(told('talk.dome')).toBe(null);
    dome.rtsp.faults.hanging = true;
    await until(() => told('talk.dome.microphone'), soon('the fault of a dome that hangs'));
    dome.rtsp.faults.hanging = false;
    await until(() => told('talk.dome.microphone') === null, {
      ...soon('its end'),
      withinMs: 30_000,
    });
  });
});

describe('a call through the dome', { timeout: 60_000 }, () => {
  it('is heard there, and the caller hears its microphone', async () => {
    const dome = await domeWith();
    dome.microphone.tone(440);
    const source = { url: dome.rtspUrl('main'), ...login };
    const rig = new TalkRig({ room: 'tone:700', dome: source });
    closing.push(() => rig.close());
    await rig.open();
    await rig.call('a', { heard: 'bursts:500' });
    await until(() => dome.speaker.pcm.length > 8_000 * 4, {
      ...soon('four seconds'),
      withinMs: 30_000,
    });
    const sent = rig.recording('a', 'microphone');
    const first = dome.speaker.heard[0]?.atMs ?? 0;
    const heard = new Resampler(8_000, 48_000).push(dome.speaker.pcm);
    const times = Array.from({ length: Math.floor(heard.length / 480) }, (_, n) => first + n * 10);
    const n = Math.floor(sent.times.findIndex((time) => time > first + 500) / 100) + 1;
    const found = seek({ times, samples: heard }, 500 + n, sent.times[n * 100] ?? 0);
    expect(found.likeness).toBeGreaterThan(heardAbove);
    const back = rig.recording('a', 'speaker').samples.subarray(-96_000);
    const pieces = Array.from({ length: 100 }, (_, i) => back.subarray(i * 960, i * 960 + 960));
    // Seams apart, where two clocks are evened out.
    const pure = pieces.filter((piece) => tonePower(piece, 440).share > 0.9).length;
    expect(pure).toBeGreaterThan(60);
    rig.end('a');
    await until(() => !dome.speaker.busy && dome.rtsp.playing === 0, soon('all given back'));
  });

  it('falls back to the gate room and says so', async () => {
    const dome = await domeWith({ sound: { talk: [], microphone: null } });
    const source = { url: dome.rtspUrl('main'), ...login };
    const rig = new TalkRig({ room: 'bursts:100', dome: source });
    closing.push(() => rig.close());
    await rig.open();
    await rig.call('a', { heard: 'bursts:500' });
    await until(() => rig.faults.some((one) => one.startsWith('talk.dome:')), soon('the fault'));
    expect(await isHeard(rig, { from: 'a', to: 'room', seed: 500 })).toBe(true);
    expect(await isHeard(rig, { from: 'room', to: 'a', seed: 100 })).toBe(true);
  });
});
