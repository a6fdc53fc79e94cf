// What every source of inputs keeps to: level at start, every press counted, nothing told twice,
// a source that is lost is a fault and comes back by itself.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Contact } from '#agent/core/fact.ts';
import type { Inputs } from '#agent/ports.ts';
import { RecordingSink, until } from '#test/buttons/support.ts';

export interface InputsRig {
  readonly inputs: Inputs;
  /** Acts on the input `b1` or `b2` outside. */
  contact(input: 'b1' | 'b2', contact: Contact): void;
  /** Pulls the source out, and plugs it in again. */
  lose(): Promise<void>;
  mend(): Promise<void>;
  readonly fault: string;
  close(): Promise<void>;
}

export interface InputsTraits {
  /** False: a bare line, which tells contacts and no counts, and cannot know what it has not seen. */
  readonly counts: boolean;
  /** Which of these it can tell apart. */
  readonly wiring: readonly Contact[];
}

const all: InputsTraits = { counts: true, wiring: ['short', 'open', 'tamper'] };

export function inputsSuite(
  name: string,
  make: () => Promise<InputsRig>,
  { counts, wiring }: InputsTraits = all,
): void {
  describe(`inputs: ${name}`, () => {
    let rig: InputsRig;
    let sink: RecordingSink;
    /** Presses of an input so far: as it counts them, else as they were told. */
    const presses = (input: string, heard = sink) =>
      counts
        ? heard.total(input)
        : heard.contacts(input).filter((contact) => contact === 'pressed').length;
    beforeEach(async () => {
      rig = await make();
      sink = new RecordingSink();
    });
    afterEach(() => rig.close());

    const open = async () => {
      await rig.inputs.open(sink);
      await until(() => sink.of('input.changed').length >= 2, 'level at start');
    };
    const seen = (input: string, contact: Contact) =>
      until(() => sink.contacts(input).at(-1) === contact, `${input} ${contact}`);

    test('tells the level of each input at start, one held down among them', async () => {
      rig.contact('b2', 'pressed');
      await open();
      expect(sink.contacts('b1')).toEqual(['normal']);
      expect(sink.contacts('b2')).toEqual(['pressed']);
    });

    test('a press raises the count by one, a release does not', async () => {
      await open();
      const before = presses('b1') ?? Number.NaN;
      rig.contact('b1', 'pressed');
      await seen('b1', 'pressed');
      expect(presses('b1')).toBe(before + 1);
      rig.contact('b1', 'normal');
      await seen('b1', 'normal');
      expect(presses('b1')).toBe(before + 1);
      expect(sink.contacts('b2')).toEqual(['normal']);
    });

    test('times of edges never go backwards within a session', async () => {
      await open();
      for (const contact of ['pressed', 'normal'] as const) {
        rig.contact('b1', contact);
        await seen('b1', contact);
      }
      const times = sink.of('input.changed').map(({ edgeMs }) => edgeMs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    });

    test.each(wiring)('tells %s, and that it is mended', async (state) => {
      await open();
      rig.contact('b1', state);
      await seen('b1', state);
      rig.contact('b1', 'normal');
      await seen('b1', 'normal');
      expect(presses('b1')).toBe(0);
    });

    test('a press while nobody listens is in the count afterwards', async () => {
      await open();
      await rig.inputs.close();
      rig.contact('b1', 'pressed');
      const later = new RecordingSink();
      await rig.inputs.open(later);
      await until(() => presses('b1', later) === 1, 'the press that was missed');
    });

    test('a lost source is one fault, and comes back with the presses made meanwhile', async () => {
      await open();
      await rig.lose();
      await until(() => sink.story(rig.fault).length === 1, 'fault raised');
      rig.contact('b1', 'pressed');
      await rig.mend();
      await until(() => presses('b1') === 1, 'the press that was missed');
      expect(sink.story(rig.fault)).toEqual(['raised', 'cleared']);
    });

    test('tells nothing after close', async () => {
      await open();
      await rig.inputs.close();
      const told = sink.facts.length;
      rig.contact('b1', 'pressed');
      await new Promise<void>((done) => setImmediate(done));
      expect(sink.facts.length).toBe(told);
    });
  });
}
