// Echo of the gate room, in the simulated one (40 ms, RT60 0.3 s, -3 dB): what is left of it with one clock
// and with two, after the loudspeaker was moved, and what of a near voice is lost meanwhile.

import { type EchoFigures, type EchoPlan, measureEcho } from '#test/sound/echo.ts';
import { type Figures, rounded } from './stats.ts';
import { inSteps } from './steps.ts';

const plan: EchoPlan = { aloneS: 30, bothS: 20, movedS: 12 };
const driftPlan: EchoPlan = { aloneS: 60, bothS: 0, movedS: 0 };
const driftPpm = 200;
/** A machine that stalls for longer than the sound's way through the room measures itself. */
const triesMax = 3;

async function calmest(measure: () => Promise<EchoFigures>): Promise<EchoFigures> {
  let best = await measure();
  for (let n = 1; n < triesMax && best.stalls > 0; n++) {
    console.error(`bench: echo: ${best.stalls} stalls, once more`);
    const next = await measure();
    if (next.stalls < best.stalls) best = next;
  }
  return best;
}

export const measureEchoes = (): Promise<Figures> =>
  inSteps({ 'one clock': sameClock, 'two clocks': twoClocks });

async function sameClock(): Promise<Figures> {
  const same = await calmest(() => measureEcho(plan));
  return {
    echo_return_loss_db: rounded(same.returnLossDb, 1),
    echo_return_loss_worst_second_db: rounded(same.returnLossWorstDb, 1),
    echo_return_loss_moved_db: rounded(same.movedReturnLossDb ?? Number.NaN, 1),
    echo_near_voice_loss_db: rounded(same.nearLossDb ?? Number.NaN, 1),
    echo_stalls: same.stalls,
  };
}

async function twoClocks(): Promise<Figures> {
  const drifting = await calmest(() => measureEcho(driftPlan, driftPpm));
  return {
    echo_return_loss_200ppm_db: rounded(drifting.returnLossDb, 1),
    echo_return_loss_200ppm_worst_second_db: rounded(drifting.returnLossWorstDb, 1),
    echo_200ppm_stalls: drifting.stalls,
  };
}
