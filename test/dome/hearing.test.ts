// What notices become: presses, faults, news; and how they are read from whatever a dome calls XML.

import { beforeAll, describe, expect, test } from 'vitest';
import { type Notice, noticesMax, pullMessages } from '#agent/dome/event-operations.ts';
import { type Ears, Hearing, hearingTimes } from '#agent/dome/hearing.ts';
import { openXml, type ParseXml } from '#agent/dome/xml.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { Facts } from './support.ts';

let parse: ParseXml;
beforeAll(async () => {
  parse = await openXml();
});

const read = (inner: string): readonly Notice[] => {
  const tree = parse(`<r xmlns:tt="t" xmlns:wsnt="w">${inner}</r>`);
  return pullMessages.read(typeof tree === 'string' ? tree : (tree.r as never), '');
};
const items = (name: string, value: string) => `<tt:SimpleItem Name="${name}" Value="${value}"/>`;
const message = (state: string, more = '') =>
  `<tt:Message UtcTime="2026-11-21T08:00:00+00:00" PropertyOperation="Changed"${more}>` +
  `<tt:Source>${items('InputToken', 'In_1')}</tt:Source>` +
  `<tt:Data>${items('LogicalState', state)}</tt:Data></tt:Message>`;
const notification = (inner: string, topic = 'tns1:Device/Trigger/DigitalInput') =>
  `<wsnt:NotificationMessage><wsnt:Topic Dialect="x"> ${topic} </wsnt:Topic>` +
  `<wsnt:Message>${inner}</wsnt:Message></wsnt:NotificationMessage>`;

describe('reading', () => {
  test('agsh/onvif#8 of the notes: times in +00:00 are times', () => {
    expect(read(notification(message('true')))).toEqual([
      {
        ...{ topic: 'Device/Trigger/DigitalInput', initial: false, sources: ['In_1'] },
        ...{ state: true, byContact: false, utcMs: Date.UTC(2026, 10, 21, 8) },
      },
    ]);
  });

  test('several in one message, several messages', () => {
    const two = notification(message('true') + message('false'));
    expect(read(two + notification(message('1'))).map(({ state }) => state)).toEqual([
      true,
      false,
      true,
    ]);
  });

  test.each(['', '<wsnt:NotificationMessage/>', notification('', ''), '<a><b/></a>', 'text'])(
    'odd: %s',
    (inner) => {
      expect(read(inner)).toEqual([]);
    },
  );

  test('a message without source, data or time tells that it happened', () => {
    expect(read(notification('<tt:Message/>', 'tns1:RuleEngine/LineDetector/Crossed'))).toEqual([
      {
        ...{ topic: 'RuleEngine/LineDetector/Crossed', initial: false, sources: [] },
        ...{ state: null, byContact: false, utcMs: null },
      },
    ]);
  });

  test('no more than so many of one answer', () => {
    expect(read(notification(message('true')).repeat(noticesMax + 9)).length).toBe(noticesMax);
  });
});

const notice = (state: boolean | null, change: Partial<Notice> = {}): Notice => ({
  ...{ topic: 'Device/Trigger/DigitalInput', initial: false, sources: ['In_1'] },
  ...{ state, byContact: false, utcMs: null, ...change },
});

function hearing(ears: Ears) {
  const clock = new VirtualClock();
  const facts = new Facts();
  const one = new Hearing({ ears, clock, emit: (fact) => facts.emit(fact) });
  return { one, clock, facts };
}

const pressing: Ears = {
  inputs: [{ id: 'gate', event: 'digital-input', token: null, closed: false }],
  events: {},
};

describe('meaning', () => {
  test('a dome gone wild presses so often and no more, and its last word stands', () => {
    const { one, facts } = hearing(pressing);
    one.heard(Array.from({ length: 201 }, (_, n) => notice(n % 2 === 0)));
    const told = facts.of('input.changed');
    expect(told.length).toBeLessThanOrEqual(10);
    expect(told.at(-1)?.contact).toBe('pressed');
  });

  test('edges lie apart as the dome tells, whatever year it has', () => {
    const { one, facts, clock } = hearing(pressing);
    const at = (state: boolean, ms: number) => notice(state, { utcMs: Date.UTC(1999, 1) + ms });
    one.heard([at(true, 0), at(false, 400), at(true, 900)]);
    const { monoMs } = clock.now();
    expect(facts.of('input.changed').map(({ edgeMs }) => edgeMs - monoMs)).toEqual([-900, -500, 0]);
    // A clock that a reboot lost does not make the next press an earlier one.
    one.heard([at(false, -9e9)]);
    expect(facts.of('input.changed').at(-1)?.edgeMs).toBe(monoMs);
  });

  test('how an input is when we begin to listen may be so for long; what follows happens now', () => {
    const { one, facts, clock } = hearing(pressing);
    one.begins();
    one.heard([notice(true), notice(false), notice(true)]);
    clock.advance(60_000);
    one.begins();
    clock.advance(60_000);
    one.heard([notice(true)]);
    const told = facts.of('input.changed').map(({ contact, earliestMs }) => [contact, earliestMs]);
    expect(told).toEqual([
      ['pressed', null],
      ['normal', undefined],
      ['pressed', undefined],
      ['normal', undefined],
      ['pressed', undefined],
    ]);
  });

  test('an event without an end presses and is over', () => {
    const { one, facts } = hearing({
      inputs: [{ id: 'line', event: 'line', token: null, closed: false }],
      events: {},
    });
    one.heard([notice(null, { topic: 'RuleEngine/LineDetector/Crossed' })]);
    expect(facts.of('input.changed').map(({ contact }) => contact)).toEqual(['pressed', 'normal']);
  });

  test('tamper as a fault: once, until it was calm for a while', () => {
    const { one, facts, clock } = hearing({ inputs: [], events: { tamper: 'fault' } });
    const tamper = (state: boolean) =>
      notice(state, { topic: 'RuleEngine/TamperDetector/Tamper', sources: ['Rule'] });
    one.heard([tamper(true), tamper(true)]);
    one.heard([tamper(false)]);
    clock.advance(hearingTimes.calmMs - 1);
    one.heard([tamper(true), tamper(false)]);
    clock.advance(hearingTimes.calmMs - 1);
    expect(facts.faults).toBe('+dome.tamper');
    clock.advance(1);
    expect(facts.faults).toBe('+dome.tamper -dome.tamper');
    expect(facts.of('fault.raised')[0]?.detail).toMatch(/covers or turns the dome.*\(Rule\)$/);
  });

  test('as news: what changes, not how it is, and six a minute', () => {
    const { one, facts, clock } = hearing({ inputs: [], events: { motion: 'information' } });
    const motion = (state: boolean, initial = false) =>
      notice(state, { topic: 'VideoSource/MotionAlarm', initial });
    one.heard([motion(false, true), motion(true), motion(true), motion(false)]);
    expect(facts.of('dome.noticed').map(({ on }) => on)).toEqual([true, false]);
    for (let n = 0; n < 40; n += 1) one.heard([motion(n % 2 === 0)]);
    expect(facts.of('dome.noticed').length).toBe(6);
    clock.advance(60_000);
    one.heard([motion(true)]);
    expect(facts.of('dome.noticed').length).toBe(7);
  });

  test('what is not asked for is not told', () => {
    const { one, facts } = hearing({ inputs: [], events: {} });
    one.heard([notice(true), notice(null, { topic: 'Whatever/Else' })]);
    expect(facts.all).toEqual([]);
  });
});
