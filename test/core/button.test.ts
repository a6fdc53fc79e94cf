import { describe, expect, it } from 'vitest';
import { Story, setup } from './story.ts';

describe('an edge becomes a press', () => {
  it('raises one incident and one alarm under one id', () => {
    const story = new Story().press('desk');
    expect(story.incidents).toHaveLength(1);
    expect(story.toldKinds()).toEqual(['alarm.raised']);
    expect(story.told[0]?.id).toBe(story.of('desk').id);
    expect(story.told[0]?.body).toMatchObject({ alarm: 'emergency', edge: 'live', input: 'desk' });
  });

  it('trusts the count of a source that counts: what it counted is debounced', () => {
    const story = new Story();
    for (let n = 1; n <= 3; n++) {
      story.contact('desk', 'pressed', n).passes(15).contact('desk', 'normal', n).passes(15);
    }
    expect(story.of('desk').presses).toBe(3);
    expect(story.toldKinds()).toEqual(['alarm.raised', 'press.repeated', 'press.repeated']);
  });

  it('counts a button held at the first start', () => {
    const story = new Story();
    story.state = { ...story.state, durable: { ...story.state.durable, inputs: {} } };
    story.restarts();
    story.contact('desk', 'pressed', 7);
    expect(story.of('desk').presses).toBe(1);
    expect(story.told.at(-1)?.body).toMatchObject({ kind: 'alarm.raised', edge: 'held-at-start' });
  });

  it('does not take the presses before its first sight of a box for alarms', () => {
    const story = new Story();
    story.state = { ...story.state, durable: { ...story.state.durable, inputs: {} } };
    story.restarts();
    story.contact('desk', 'normal', 57);
    expect(story.incidents).toEqual([]);
  });

  it('makes up for presses that the box counted while nobody listened', () => {
    const story = new Story();
    story.restarts();
    story.contact('desk', 'normal', 3);
    expect(story.of('desk').presses).toBe(3);
    expect(story.toldKinds()).toEqual(['alarm.raised', 'press.repeated']);
    expect(story.told[0]?.body).toMatchObject({ edge: 'counted' });
  });

  it('knows a press it has committed when the box tells it again after a restart', () => {
    const story = new Story();
    story.contact('desk', 'pressed', 1);
    story.restarts();
    story.contact('desk', 'pressed', 1);
    expect(story.of('desk').presses).toBe(1);
    expect(story.told).toHaveLength(1);
  });

  it('counts from zero when the box has been power-cycled', () => {
    const story = new Story();
    story.press('desk');
    const count = { session: 'ffff', total: 1 };
    story.happens({ kind: 'input.changed', input: 'gate', contact: 'normal', edgeMs: 9, count });
    expect(story.of('gate').presses).toBe(1);
  });

  it('ignores an input it does not know', () => {
    const story = new Story();
    story.contact('nowhere', 'pressed', 1);
    expect(story.incidents).toEqual([]);
    expect(story.told).toEqual([]);
  });

  it('of a bare line counts the first edge and ignores the bounce after it', () => {
    const story = new Story();
    const durable = story.press('desk').state.durable;
    for (let n = 0; n < 500; n++) {
      const contact = n % 2 ? 'normal' : 'pressed';
      story.happens({ kind: 'input.changed', input: 'gate', contact, edgeMs: 5_000 + n }).passes(1);
    }
    expect(story.of('gate').presses).toBe(1);
    expect(story.told.at(-1)?.body).toMatchObject({ kind: 'alarm.raised', input: 'gate' });
    expect(story.state.durable.inputs).toBe(durable.inputs);
  });

  it('takes a press right after the first sight of a bare line: a level is no edge', () => {
    const story = new Story();
    story.restarts();
    const line = { kind: 'input.changed', input: 'desk' } as const;
    story.happens({ ...line, contact: 'normal', edgeMs: 100 });
    story.happens({ ...line, contact: 'pressed', edgeMs: 105 });
    expect(story.of('desk').presses).toBe(1);
  });

  it('takes a bare line that cannot count', () => {
    const story = new Story();
    const line = { kind: 'input.changed', input: 'desk' } as const;
    story.happens({ ...line, contact: 'pressed', edgeMs: story.monoMs });
    story.passes(100).happens({ ...line, contact: 'normal', edgeMs: story.monoMs });
    story.passes(100).happens({ ...line, contact: 'pressed', edgeMs: story.monoMs });
    expect(story.of('desk').presses).toBe(2);
  });
});

describe('what is wrong with a line is told beside the alarm, never instead', () => {
  it.each(['short', 'open', 'tamper'] as const)('%s is a fault until it is over', (contact) => {
    const story = new Story().contact('desk', contact);
    expect(story.wanted.lamp.fault).toBe(true);
    expect(story.told[0]?.body).toMatchObject({
      kind: 'fault.raised',
      fault: `input.desk.${contact}`,
    });
    story.contact('desk', 'normal');
    expect(story.wanted.lamp.fault).toBe(false);
    expect(story.toldKinds()).toEqual(['fault.raised', 'fault.cleared']);
  });

  it('a button held for 30 s is stuck, and its alarm stands', () => {
    const story = new Story().contact('desk', 'pressed', 1).passes(29_999);
    expect(story.state.live.faults).toEqual({});
    story.passes(1);
    expect(story.state.live.faults).toHaveProperty(['input.desk.stuck']);
    expect(story.of('desk').resolved).toBeNull();
    expect(story.wanted.dome.strobe).toBe(true);
    story.contact('desk', 'normal');
    expect(story.state.live.faults).toEqual({});
    expect(story.wanted.dome.strobe).toBe(true);
  });

  it('a press through a faulty loop still counts', () => {
    const story = new Story().contact('desk', 'open').passes(10).contact('desk', 'pressed', 1);
    expect(story.of('desk').presses).toBe(1);
  });

  // The fault that a press ends was told first and took the fact's id: the alarm then named an
  // incident that nobody could take or resolve.
  it.each(['short', 'open', 'tamper'] as const)(
    'a press that ends a fault (%s) is told first, and under the id of its incident',
    (contact) => {
      const story = new Story().contact('desk', contact).passes(10).contact('desk', 'pressed', 1);
      const { id } = story.of('desk');
      expect(story.toldKinds()).toEqual(['fault.raised', 'alarm.raised', 'fault.cleared']);
      expect(story.told[1]).toMatchObject({ id, body: { kind: 'alarm.raised', incident: id } });
      story.command({ verb: 'resolve', incident: id, reason: 'handled', note: null });
      expect(story.of('desk').resolved).not.toBeNull();
    },
  );
});

describe('a condition is a fault for as long as its contact says so', () => {
  const conditions = ['mains', 'battery', 'cabinet-door'] as const;
  const inputs = Object.fromEntries(
    conditions.map((role) => [role, { role, name: `The ${role}` }] as const),
  );
  const begun = () => {
    const story = new Story({ inputs: { ...setup.inputs, ...inputs } });
    for (const role of conditions) story.contact(role, 'normal');
    return story;
  };

  it.each(conditions)('%s', (role) => {
    const story = begun().contact(role, 'pressed', 1).passes(60_000);
    const fault = `input.${role}.${role}`;
    expect(Object.keys(story.state.live.faults)).toEqual([fault]);
    expect(story.told[0]?.body).toMatchObject({ kind: 'fault.raised', fault });
    expect(story.told[0]?.lane).toBe('event');
    expect(story.incidents).toEqual([]);
    expect(story.wanted.lamp).toMatchObject({ word: 'ready', fault: true });
    story.contact(role, 'normal');
    expect(story.toldKinds()).toEqual(['fault.raised', 'fault.cleared']);
  });

  it('is told at the start where it lasts, and is no press', () => {
    const story = begun().restarts().contact('mains', 'pressed', 0);
    expect(story.told.at(-1)?.body).toMatchObject({ fault: 'input.mains.mains' });
    expect(story.incidents).toEqual([]);
  });

  it('a wiring fault says nothing about it: what was known stays', () => {
    const story = begun().contact('mains', 'pressed', 1).contact('mains', 'open');
    expect(Object.keys(story.state.live.faults).sort()).toEqual([
      'input.mains.mains',
      'input.mains.open',
    ]);
  });
});
