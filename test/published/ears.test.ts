// The ears of the e2e suites hear what is wrong: a check that cannot fail proves nothing.

import { expect, it } from 'vitest';
import { topicsOf } from '#agent/contract.ts';
import { Ears } from '#test/e2e/support/ears.ts';
import { examples } from '../../scripts/contract-examples.ts';

const terminal = 'hz-xihu-0012-east';
const topics = topicsOf(terminal);
const asked = topics.command('110-city', 'wang', 'take');
const reply = `${topics.replies('110-city', 'wang')}take`;

/** A message as it is in the example, but for what is given. */
function packet(topic: string, kind: string, more: object = {}, wire: object = {}) {
  const payload = JSON.stringify({ ...Object(examples.get(kind)), ...more });
  return { topic, payload, qos: 1, retain: false, ...wire } as const;
}
const correlationData = Buffer.from('c');
const lived = (messageExpiryInterval: number) => ({
  properties: { messageExpiryInterval, correlationData },
});

it('hear nothing wrong in what is right', () => {
  const ears = new Ears(terminal);
  ears.tap('heard', packet(topics.alarm, 'alarm.raised', { unknown: 'key' }));
  ears.tap('heard', packet(topics.state, 'will', {}, { retain: true }));
  ears.tap('heard', packet(topics.health, 'health', {}, { qos: 0 }));
  ears.tap('said', packet(topics.receipt, 'receipt'));
  ears.tap('said', packet(asked, 'cmd.take', {}, lived(30)));
  ears.tap('heard', packet(reply, 'reply.take', {}, lived(9)));
  ears.close();
  expect([...ears.kinds]).toEqual([
    ...['alarm.raised', 'will', 'health', 'receipt', 'cmd.take', 'reply.take'],
  ]);
});

it.each([
  ['a kind on another topic', packet(topics.event, 'alarm.raised')],
  ['a field of another type', packet(topics.alarm, 'alarm.raised', { seq: '1' })],
  ['a missing field', packet(topics.alarm, 'alarm.raised', { chain: undefined })],
  ['a retained alarm', packet(topics.alarm, 'alarm.raised', {}, { retain: true })],
  ['another QoS', packet(topics.alarm, 'alarm.raised', {}, { qos: 0 })],
  ['an alarm that expires', packet(topics.alarm, 'alarm.raised', {}, lived(10))],
  ['an answer that never expires', packet(reply, 'reply.take')],
  ['an answer without its result', packet(reply, 'reply.take', { result: {} }, lived(9))],
  ['an unknown topic', packet(`${topics.alarm}/x`, 'alarm.raised')],
  ['an unknown key of a receipt', packet(topics.receipt, 'receipt', { x: 1 })],
])('hear %s', (_, heard) => {
  const ears = new Ears(terminal);
  ears.tap('heard', heard);
  expect(() => ears.close()).toThrow(heard.topic);
});

it.each([
  ['a field that is missing', packet(asked, 'cmd.take', { incident: undefined }, lived(30))],
  [
    'a role that may not',
    packet(topics.command('school', 'li', 'take'), 'cmd.take', {}, lived(30)),
  ],
  ['a retained one', packet(asked, 'cmd.take', {}, { retain: true, ...lived(30) })],
])('hear a terminal that obeys a command with %s', (_, command) => {
  const ears = new Ears(terminal);
  ears.tap('said', command);
  expect(ears.problems).toEqual([]);
  ears.tap('heard', packet(reply, 'reply.take', {}, lived(9)));
  expect(() => ears.close()).toThrow('obeyed, though');
});

it('hear a terminal that calls a right command malformed', () => {
  const ears = new Ears(terminal);
  ears.tap('said', packet(asked, 'cmd.take', {}, lived(30)));
  ears.tap('heard', packet(reply, 'reply.refused', { reason: 'malformed' }, lived(9)));
  expect(() => ears.close()).toThrow('called malformed');
});
