// What is kept of the picture. Of real streams: how far before a press a clip begins, whatever the length of
// a group, and the memory that it takes. And does the alarm notice a recording? Two terminals that have the
// dome's picture press by turns; one of them records a case all the time.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { memoryOf, pressAfter } from '#test/live/kept-stream.ts';
import { until } from '#test/support/wait.ts';
import { Ear, inTurns, press, readied } from './presser.ts';
import { inputs, openRig, type Rig } from './rig.ts';
import { besides, bothOf, type Figures, rounded } from './stats.ts';
import { inSteps } from './steps.ts';

const gops = [1, 2, 4] as const;
const dueMs = 30_000;
const wait = { withinMs: 120_000 };

export const measureClip = (presses: number): Promise<Figures> =>
  inSteps({ before, memory, presses: () => whileRecording(presses) });

async function before(): Promise<Figures> {
  const main = { width: 320, height: 180, kbps: 300 } as const;
  const kept = await Promise.all(
    gops.map((gopSeconds) =>
      pressAfter(dueMs + 2_000 * (gopSeconds + 1), dueMs, { ...main, gopSeconds }),
    ),
  );
  const wrong = kept.find(({ complaints, missing }) => complaints !== '' || missing > 0);
  if (wrong) throw new Error(`a clip is not as it should be: ${JSON.stringify(wrong)}`);
  const each = kept.map(({ gopSeconds, beforePressS }) => [
    `clip_before_press_gop_${gopSeconds}s_s`,
    rounded(beforePressS, 2),
  ]);
  const least = Math.min(...kept.map(({ beforePressS }) => beforePressS));
  return { ...Object.fromEntries(each), clip_before_press_s: rounded(least, 2) };
}

async function memory(): Promise<Figures> {
  const main = { width: 1280, height: 720, kbps: 4_000, gopSeconds: 2 } as const;
  const { own, stream, lengthMs } = await memoryOf(main);
  return {
    clip_ring_length_s: rounded(lengthMs / 1000, 1),
    clip_ring_mb: rounded(own / 2 ** 20, 1),
    clip_ring_memory_ratio: rounded(own / stream, 3),
  };
}

async function whileRecording(presses: number): Promise<Figures> {
  const sides: Rig[] = [];
  try {
    const [recording, calm] = [new Ear(), new Ear()];
    const opened = async (ear: Ear, clips: 'on' | 'off') => {
      const rig = await openRig({ ...ear.setup, clips });
      sides.push(rig);
      await readied(rig, ear);
      return rig;
    };
    const [on, off] = [await opened(recording, 'on'), await opened(calm, 'off')];
    await until(() => bytesOf(on) > 0, { ...wait, what: 'a clip' });
    const fromBytes = bytesOf(on);
    const puback = async (rig: Rig, ear: Ear, n: number) =>
      (await press(rig, ear, 1 + (n % inputs))).puback;
    const seen = await inTurns(
      { on: (n) => puback(on, recording, n), off: (n) => puback(off, calm, n) },
      presses,
    );
    if (bytesOf(on) <= fromBytes) throw new Error('nothing was recorded meanwhile');
    return {
      press_recording_presses: presses,
      ...bothOf('press_to_puback_not_recording', seen.off),
      ...besides('press_to_puback_recording', seen.on, seen.off),
    };
  } finally {
    for (const rig of sides) await rig.close();
  }
}

/** Of all its clips. */
function bytesOf({ dataDir }: Rig): number {
  const dir = join(dataDir, 'clips');
  const files = existsSync(dir) ? readdirSync(dir).filter((name) => name.includes('.mp4')) : [];
  return files.reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}
