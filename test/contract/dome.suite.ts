// What every dome keeps to. Only the actuators are looked at: what was sent, and how it was answered,
// proves nothing. Time runs `speed` times as fast; figures in the tests are the port's own seconds.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Dome } from '#agent/ports.ts';
import { alarm, dark, type Facts, lights, speed } from '#test/dome/support.ts';
import { until, within } from '#test/support/wait.ts';
import { quirk } from './dome-quirks.ts';
import { stickTests } from './dome-stick.suite.ts';

export interface DomeRig {
  readonly dome: Dome;
  readonly facts: Facts;
  /** What light, siren and head really do; presets as `alarm`, `guard` or another word. */
  look(): {
    readonly strobe: boolean;
    readonly siren: boolean;
    readonly dayNight: boolean;
    readonly preset: string;
    readonly tracking: boolean;
  };
  /** What has changed so far, oldest first: `preset`, `tracking` .. */
  changes(): readonly string[];
  /** Generic position of the head, 0 ahead; null while it turns. */
  standsAt(): number | null;
  /** Changes of the strobe so far, with CLOCK_MONOTONIC or the fake's own time. */
  strobeChanges(): number;
  /** Somebody else switches or turns. */
  meddle(what: { strobe?: boolean; siren?: boolean; tracking?: boolean; preset?: string }): void;
  /** So many commands are answered well and not carried out. */
  withoutEffect(commands: number): void;
  /** `forget`: power cut, everything off. */
  lose(how: { forget: boolean }): Promise<void>;
  restore(): Promise<void>;
  nowMs(): number;
  close(): Promise<void>;
}

/** Real milliseconds for so many seconds of the port, and room for a busy machine. */
export const seconds = (s: number) => (s * 1000) / speed + 2500;

export function domeSuite(name: string, make: () => Promise<DomeRig>): void {
  describe(`dome: ${name}`, () => {
    let rig: DomeRig;
    beforeEach(async () => {
      rig = await make();
    });
    afterEach(() => rig.close());

    const open = () => rig.dome.open(rig.facts);
    const looks = (wanted: object, s = 5) =>
      until(() => expect.objectContaining(wanted).asymmetricMatch(rig.look()), {
        withinMs: seconds(s),
        what: JSON.stringify(wanted),
      }).catch((cause: Error) => {
        throw new Error(`${cause.message}, is ${JSON.stringify(rig.look())}`, { cause });
      });
    const pass = (s: number) => {
      const endMs = rig.nowMs() + s * 1000;
      return until(() => rig.nowMs() >= endMs, { withinMs: seconds(s), what: 'time' });
    };

    test('light, siren and preset follow the target, on and off', async () => {
      await open();
      rig.dome.want(dark);
      await looks(lights(dark));
      rig.dome.want(alarm);
      await looks(lights(alarm));
      rig.dome.want({ ...alarm, siren: false });
      await looks(lights({ ...alarm, siren: false }));
      rig.dome.want(dark);
      await looks(lights(dark));
      expect(rig.facts.faults).toBe('');
    });

    test('a want may be repeated: nothing flickers', async () => {
      await open();
      for (let i = 0; i < 20; i += 1) rig.dome.want({ ...alarm });
      await looks(lights(alarm));
      const before = rig.strobeChanges();
      for (let i = 0; i < 20; i += 1) rig.dome.want({ ...alarm });
      await pass(6);
      expect(rig.strobeChanges()).toBe(before);
    });

    test('a target wanted before open() is taken', async () => {
      rig.dome.want(alarm);
      await open();
      await looks(lights(alarm));
    });

    test('nothing is sent before a target is given: a light that is on stays on', async () => {
      rig.meddle({ strobe: true });
      const before = rig.strobeChanges();
      await open();
      await pass(3);
      rig.dome.want(alarm);
      await looks(lights(alarm));
      expect(rig.strobeChanges()).toBe(before);
    });

    test('killed in mid-alarm, resolved meanwhile: the light left on goes off', async () => {
      rig.meddle({ strobe: true });
      await open();
      rig.dome.want(dark);
      await looks({ strobe: false }, 5);
    });

    test('a dome that reboots in mid-alarm is alight again within 5 s of its return', async () => {
      await open();
      rig.dome.want(alarm);
      await looks(lights(alarm));
      await rig.lose({ forget: true });
      expect(rig.look().strobe).toBe(false);
      await pass(4);
      await rig.restore();
      await looks(lights(alarm), 5);
    });

    test('a light that goes out while wanted is lit again', async () => {
      await open();
      rig.dome.want(alarm);
      await looks(lights(alarm));
      rig.meddle({ strobe: false });
      await looks(lights(alarm), 6);
    });

    quirk('siren stops by itself', async () => {
      await open();
      rig.dome.want(alarm);
      await looks(lights(alarm));
      for (let times = 0; times < 2; times += 1) {
        rig.meddle({ siren: false });
        await looks(lights(alarm), 6);
      }
    });

    test('it follows people from the alarm preset, and nobody once it goes back', async () => {
      await open();
      rig.dome.want(dark);
      await looks(lights(dark));
      const before = rig.changes().length;
      const turns = () =>
        rig
          .changes()
          .slice(before)
          .filter((what) => what === 'preset' || what === 'tracking');
      rig.dome.want(alarm);
      await looks(lights(alarm));
      expect(turns().at(0)).toBe('preset');
      expect(turns().at(-1)).toBe('tracking');
      rig.dome.want(dark);
      await looks(lights(dark));
      expect(turns().at(-1)).toBe('preset');
    });

    test('it follows nobody while a hand is on the stick, and goes on after', async () => {
      await open();
      rig.dome.want(alarm);
      await looks(lights(alarm));
      rig.dome.want({ ...alarm, preset: null, tracking: false });
      await looks({ tracking: false, preset: 'alarm' });
      rig.dome.want(alarm);
      await looks(lights(alarm));
    });

    test('killed in mid-alarm, resolved meanwhile: it follows nobody any more', async () => {
      rig.meddle({ tracking: true });
      await open();
      rig.dome.want(dark);
      await looks({ tracking: false, preset: 'guard' }, 5);
    });

    quirk('200 without effect', async () => {
      await open();
      rig.dome.want(alarm);
      await looks(lights(alarm));
      rig.withoutEffect(5);
      rig.dome.want(dark);
      await looks({ strobe: false, siren: false, dayNight: false, tracking: false }, 4);
    });

    test('off wanted while the dome is away is carried out when it is back', async () => {
      await open();
      rig.dome.want(alarm);
      await looks(lights(alarm));
      await rig.lose({ forget: false });
      rig.dome.want(dark);
      await pass(3);
      expect(rig.look().strobe).toBe(true);
      await rig.restore();
      await looks(lights(dark), 5);
    });

    test('the newest target wins, however fast they change', async () => {
      await open();
      for (let i = 0; i < 15; i += 1) rig.dome.want(i % 2 === 0 ? alarm : dark);
      await looks(lights(alarm));
      rig.dome.want(dark);
      await looks(lights(dark));
      await pass(6);
      expect(rig.look()).toEqual(lights(dark));
    });

    test('a preset is not repeated: a dispatcher may have turned the dome', async () => {
      await open();
      rig.dome.want(alarm);
      await looks(lights(alarm));
      rig.meddle({ preset: 'elsewhere' });
      await pass(7);
      expect(rig.look().preset).toBe('elsewhere');
    });

    test('a lost dome is told once, and its return', async () => {
      await open();
      rig.dome.want(alarm);
      await looks(lights(alarm));
      await rig.lose({ forget: false });
      await until(() => rig.facts.faults === '+dome.lost', { withinMs: seconds(8), what: 'lost' });
      await pass(5);
      expect(rig.facts.faults).toBe('+dome.lost');
      await rig.restore();
      const back = { withinMs: seconds(5), what: 'its return' };
      await until(() => rig.facts.faults === '+dome.lost -dome.lost', back);
    });

    test.each(['strobe', 'siren'] as const)(
      'a test of the %s: on, told, off again',
      async (part) => {
        await open();
        rig.dome.want(dark);
        await looks(lights(dark));
        const job = {
          id: 'job-1',
          what: `test.${part}`,
          deadlineMs: rig.nowMs() + 10_000,
        } as const;
        rig.dome.run(job);
        rig.dome.run(job);
        await looks({ [part]: true });
        const done = () => rig.facts.of('job.done')[0];
        expect(await until(done, { withinMs: seconds(5), what: 'job.done' })).toMatchObject({
          id: 'job-1',
          result: { recipe: expect.any(String), verified: expect.any(Boolean) },
        });
        await looks(lights(dark));
        await pass(3);
        expect(rig.facts.of('job.done').length + rig.facts.of('job.failed').length).toBe(1);
      },
    );

    test('a test of the preset looks there, and back', async () => {
      await open();
      rig.dome.want(dark);
      await looks(lights(dark));
      rig.dome.run({ id: 'job-1', what: 'test.preset', deadlineMs: rig.nowMs() + 10_000 });
      await looks({ preset: 'alarm' });
      await looks({ preset: 'guard' });
      expect(rig.facts.of('job.done').length).toBe(1);
    });

    test('an alarm in the middle of a test stays on', async () => {
      await open();
      rig.dome.want(dark);
      await looks(lights(dark));
      rig.dome.run({ id: 'job-1', what: 'test.strobe', deadlineMs: rig.nowMs() + 10_000 });
      await looks({ strobe: true });
      rig.dome.want(alarm);
      await pass(4);
      expect(rig.look()).toEqual(lights(alarm));
    });

    test('a test fails while the dome is away', async () => {
      await open();
      rig.dome.want(dark);
      await looks(lights(dark));
      await rig.lose({ forget: false });
      rig.dome.run({ id: 'job-1', what: 'test.strobe', deadlineMs: rig.nowMs() + 10_000 });
      const failed = () => rig.facts.of('job.failed').length === 1;
      await until(failed, { withinMs: seconds(11), what: 'job.failed' });
    });

    stickTests({ rig: () => rig, open, looks, pass });

    test('close() ends at once, tells nothing more, and leaves the light as it is', async () => {
      await open();
      rig.dome.want(alarm);
      await looks(lights(alarm));
      await within(rig.dome.close(), { withinMs: 1000, what: 'close' });
      const told = rig.facts.all.length;
      await rig.lose({ forget: false });
      await pass(5);
      expect(rig.look().strobe).toBe(true);
      expect(rig.facts.all.length).toBe(told);
    });
  });
}
