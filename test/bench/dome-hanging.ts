// Does the alarm notice a dome that misbehaves? Three terminals press by turns: one with a dome that
// answers, one whose dome takes every request and never answers, one whose dome answers each with
// 10 MB. Each press wants the light, so each has such a request under way while the alarm goes out.

import { rssMb } from './daemon.ts';
import type { DomeOrder } from './dome.ts';
import { Ear, inTurns, press, readied } from './presser.ts';
import { inputs, openRig, type Rig } from './rig.ts';
import { besides, bothOf, type Figures, rounded } from './stats.ts';

interface Side {
  readonly rig: Rig;
  readonly press: (n: number) => Promise<number>;
  /** How often the dome has misbehaved. */
  readonly misbehaved: () => number;
}

export async function measureDomeHanging(presses: number): Promise<Figures> {
  const sides: Side[] = [];
  try {
    for (const mode of ['well', 'hang', 'stream'] as const) sides.push(await sideOf(mode));
    const [well, hang, stream] = sides as [Side, Side, Side];
    const seen = await inTurns(
      { well: well.press, hang: hang.press, stream: stream.press },
      presses,
    );
    for (const { misbehaved } of [hang, stream])
      if (misbehaved() < presses) throw new Error(`misbehaved ${misbehaved()} times only`);
    return {
      dome_hanging_presses: presses,
      ...bothOf('dome_well_to_puback', seen.well),
      ...besides('dome_hanging_to_puback', seen.hang, seen.well),
      ...besides('dome_streaming_to_puback', seen.stream, seen.well),
      dome_streaming_rss_mb: rounded(rssMb(stream.rig.daemon.pid), 1),
    };
  } finally {
    for (const { rig } of sides) await rig.close();
  }
}

async function sideOf(mode: DomeOrder['mode']): Promise<Side> {
  const ear = new Ear();
  let misbehaved = 0;
  const rig = await openRig({
    ...ear.setup,
    misbehaved: () => {
      misbehaved += 1;
    },
  });
  await readied(rig, ear);
  rig.domeMode(mode === 'well' ? 'well' : 'hang');
  const pressed = async (n: number) => {
    // Streams in its own turn only: it would load the processor while another is measured.
    rig.domeMode(mode);
    const { puback } = await press(rig, ear, 1 + (n % inputs), { lit: mode === 'well' });
    if (mode === 'stream') rig.domeMode('hang');
    return puback;
  };
  return { rig, press: pressed, misbehaved: () => misbehaved };
}
