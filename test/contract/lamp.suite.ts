// What every lamp keeps to: wants may be repeated, a test ends or gives way, and says which.

import { beforeEach, describe, expect, test } from 'vitest';
import type { LampTarget } from '#agent/core/target.ts';
import type { Lamp } from '#agent/ports.ts';
import { RecordingSink } from '#test/buttons/support.ts';

export interface LampRig {
  readonly lamp: Lamp;
  /** Lets a test that runs come to its end. */
  endTest(): void;
  /** Changes of what can be seen so far. */
  changes(): number;
}

const still = { silent: null, fault: false, linkDown: false, mark: null };
const idle: LampTarget = { word: 'ready', ...still };
const job = { id: 'job-1', what: 'test.lamp', deadlineMs: Number.POSITIVE_INFINITY } as const;

export function lampSuite(name: string, make: () => LampRig): void {
  describe(`lamp: ${name}`, () => {
    let rig: LampRig;
    let sink: RecordingSink;
    beforeEach(async () => {
      rig = make();
      sink = new RecordingSink();
      await rig.lamp.open(sink);
      rig.lamp.want(idle);
    });

    test('the same want again changes nothing', () => {
      const before = rig.changes();
      rig.lamp.want({ ...idle });
      expect(rig.changes()).toBe(before);
      rig.lamp.want({ ...idle, word: 'stored' });
      expect(rig.changes()).toBe(before + 1);
    });

    test('a test that comes to its end is done, once', () => {
      rig.lamp.run(job);
      rig.lamp.run(job);
      expect(sink.facts).toEqual([]);
      rig.endTest();
      rig.endTest();
      expect(sink.facts).toMatchObject([{ kind: 'job.done', id: 'job-1' }]);
    });

    test.each([
      ['an alarm', { ...idle, word: 'stored' as const }],
      ['a silent alarm', { ...idle, silent: 'stored' as const }],
    ])('a test gives way to %s at once', (_, target) => {
      rig.lamp.run(job);
      rig.lamp.want(target);
      expect(sink.facts).toMatchObject([{ kind: 'job.failed', id: 'job-1' }]);
      rig.endTest();
      expect(sink.facts.length).toBe(1);
    });

    test('a fault or a link that changes does not end a test', () => {
      rig.lamp.run(job);
      rig.lamp.want({ ...idle, fault: true, linkDown: true });
      expect(sink.facts).toEqual([]);
      rig.endTest();
      expect(sink.of('job.done').length).toBe(1);
    });

    test('tells nothing after close', async () => {
      rig.lamp.run(job);
      await rig.lamp.close();
      rig.endTest();
      expect(sink.facts).toEqual([]);
    });
  });
}
