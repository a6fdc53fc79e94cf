// The wall clock is set back a year in mid-alarm, as a time service of somebody else's or a dying
// battery does: the alarm latches, durations go by the monotonic clock, commands are judged safely.

import { describe, expect, it } from 'vitest';
import { World } from './world.ts';

const yearMs = 365 * 86_400_000;
const resolve = (incident: string) =>
  ({ verb: 'resolve', incident, reason: 'handled', note: null }) as const;

/** Pressed, four seconds passed, no receipt; then the clock jumps. `rightMs` is the time it should be. */
async function jumped({ receipts = false } = {}) {
  const world = await (await new World().start()).online({ receipts });
  await world.press('desk');
  await world.passes(3_600);
  world.clock.wallMs -= yearMs;
  const incident = world.raised[0]?.incident ?? '';
  const rightMs = () => world.clock.wallMs + yearMs;
  return { world, incident, rightMs };
}

describe('an open alarm', () => {
  it('stays open and lit, for a day and over a restart', async () => {
    const { world, incident } = await jumped();
    await world.passes(86_400_000);
    expect(world.dome.actuators.strobe).toBe(true);
    await world.killed();
    await world.start();
    await world.online();
    expect(world.dome.actuators.strobe).toBe(true);
    expect(world.word).toBe('received');
    expect(world.raised.map((told) => told.incident)).toContain(incident);
    expect(new Set(world.raised.map((told) => told.incident)).size).toBe(1);
  });

  it('is not delivered ten seconds after the press, neither sooner nor later', async () => {
    const { world } = await jumped();
    await world.passes(5_500);
    expect(world.word).toBe('sent');
    await world.passes(1_000);
    expect(world.word).toBe('undelivered');
  });

  it('folds repeated presses by the minute all the same', async () => {
    const { world } = await jumped({ receipts: true });
    for (let n = 0; n < 25; n++) await world.press('desk');
    const repeats = () => world.told.filter(({ kind }) => kind === 'press.repeated');
    expect(repeats()).toHaveLength(20);
    await world.passes(60_000);
    expect(repeats()).toHaveLength(21);
    expect(repeats().at(-1)?.count).toBe(5);
  });

  it('does not tell the chain head more than once for it', async () => {
    const { world } = await jumped({ receipts: true });
    const heads = () => world.toldKinds.filter((kind) => kind === 'chain.head').length;
    const before = heads();
    await world.passes(3_600_000);
    expect(heads() - before).toBeLessThanOrEqual(1);
  });
});

describe('commands', () => {
  it('one from before the jump, kept back: refused while the clock is believed', async () => {
    const { world, incident, rightMs } = await jumped();
    const answer = await world.command(resolve(incident), { issuedMs: rightMs() - 4_000 });
    expect(answer).toMatchObject({ ok: false, reason: 'expired' });
    expect(world.dome.actuators.strobe).toBe(true);
  });

  it('a refusal names the clock; once that is known to be bad, boot and id decide', async () => {
    const { world, incident, rightMs } = await jumped();
    const believed = await world.command(resolve(incident), { issuedMs: rightMs() });
    expect(believed).toMatchObject({ ok: false, detail: expect.stringContaining('clock') });
    world.clock.quality = 'unknown';
    const old = await world.command(resolve(incident), { issuedMs: rightMs(), bootId: 'boot-0' });
    expect(old).toMatchObject({ ok: false, reason: 'wrong-boot' });
    expect(await world.command(resolve(incident), { issuedMs: rightMs() })).toMatchObject({
      ok: true,
    });
    expect(world.dome.actuators.strobe).toBe(false);
  });

  it('an id seen before is still known when the clock jumps forward again', async () => {
    const { world, incident, rightMs } = await jumped();
    world.clock.quality = 'unknown';
    const off = { verb: 'strobe-off' } as const;
    await world.command(off, { id: 'same', issuedMs: rightMs() });
    await world.press('desk');
    expect(world.dome.actuators.strobe).toBe(true);
    world.clock.wallMs += yearMs;
    world.clock.quality = 'good';
    await world.command({ verb: 'seen', incident });
    const again = await world.command(off, { id: 'same' });
    expect(again).toMatchObject({ ok: true, id: 'same' });
    expect(world.dome.actuators.strobe).toBe(true);
  });
});
