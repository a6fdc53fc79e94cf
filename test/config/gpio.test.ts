// The `gpio` group: what is taken, and what is told of every way to get it wrong.

import { describe, expect, it } from 'vitest';
import { loadConfig, setupOf } from '#agent/config.ts';
import { makeSite, refusedFields, rightText } from './support.ts';

/** The right text with this group, and with other boxes where they are given. */
function site(gpio: string, boxes?: string) {
  const made = makeSite();
  const text =
    boxes === undefined
      ? rightText
      : rightText.replace(/boxes:\n[\s\S]*?\ndome:/, `${boxes}\ndome:`);
  made.write('gate-agent.yaml', `${text}gpio:\n${gpio}`);
  return made;
}

const named = '    - { id: wall, name: 墙, kind: emergency, line: panic }\n';

describe('a right one', () => {
  it('is taken with its defaults', () => {
    const { gpio } = loadConfig(site(`  inputs:\n${named}`).request);
    expect(gpio).toMatchObject({
      driver: 'auto',
      inputs: [{ line: 'panic', chip: null, contact: 'no', pair: null, bias: 'pull-up' }],
      outputs: { lamp: null, buzzer: null, strobe: null },
    });
  });

  it('takes pairs, chips, every output and every role', () => {
    const { request } = site(`  driver: sysfs
  inputs:
    - id: a
      name: a
      kind: fire
      chip: gate-sim
      offset: 0
      contact: pair
      pair: { chip: gate-sim, offset: 1 }
    - { id: m, name: m, role: mains, chip: gpiochip1, line: x, contact: nc, bias: none, closed: high }
    - { id: b, name: b, role: battery, line: y }
    - { id: d, name: d, role: cabinet-door, line: z }
  outputs:
    lamp: { red: { line: r }, amber: { line: o }, green: { line: g, on: low } }
    buzzer: { chip: gate-sim, offset: 5 }
    strobe: { line: s }
`);
    const { gpio } = loadConfig(request);
    expect(gpio?.inputs[0]).toMatchObject({ offset: 0, pair: { chip: 'gate-sim', offset: 1 } });
    expect(gpio?.outputs.lamp?.green).toMatchObject({ line: 'g', on: 'low' });
    expect(setupOf(loadConfig(request), '1').inputs).toMatchObject({
      a: { role: 'button', kind: 'fire' },
      m: { role: 'mains', name: 'm' },
      'desk-button': { role: 'button' },
    });
  });

  it.each(['boxes: []', ''])('is enough by itself, with boxes written as "%s"', (boxes) => {
    const config = loadConfig(site(`  inputs:\n${named}`, boxes).request);
    expect(config.boxes).toEqual([]);
  });
});

describe('a wrong one', () => {
  const input = (fields: string) => `  inputs:\n    - { id: a, name: a, kind: fire, ${fields} }\n`;
  const first = 'gpio.inputs[0]';
  it.each([
    ['no line', input('bias: none'), { [`${first}.line`]: 'missing: a line by name' }],
    ['a chip alone', input('chip: x'), { [`${first}.offset`]: 'missing: a line by name' }],
    ['an offset alone', input('offset: 1'), { [`${first}.chip`]: 'the chip that the offset' }],
    ['name and offset', input('line: a, chip: x, offset: 1'), { [`${first}.offset`]: 'not both' }],
    ['an offset below none', input('chip: x, offset: -1'), { [`${first}.offset`]: '0 to 1023' }],
    ['a bias nobody knows', input('line: a, bias: up'), { [`${first}.bias`]: 'pull-up' }],
    ['half a pair', input('line: a, contact: pair'), { [`${first}.pair`]: 'break contact' }],
    [
      'a pair too many',
      input('line: a, pair: { line: b }'),
      { [`${first}.pair`]: 'contact: pair' },
    ],
    [
      'a pair of one line',
      input('line: a, contact: pair, pair: { line: a }'),
      { [`${first}.pair.line`]: 'another input or output is on this line' },
    ],
    [
      'an output on the line of a button',
      `${input('chip: x, offset: 3')}  outputs: { strobe: { chip: x, offset: 3 } }\n`,
      { 'gpio.outputs.strobe.offset': 'another input or output is on this line' },
    ],
    ['a lamp without light', '  outputs: { lamp: {} }\n', { 'gpio.outputs.lamp': 'at least one' }],
    [
      'a colour nobody knows',
      '  outputs: { lamp: { yellow: { line: a } } }\n',
      { 'gpio.outputs.lamp.yellow': 'known are: red, amber' },
    ],
    [
      'an id of a box',
      '  inputs: [{ id: desk-button, name: a, kind: fire, line: a }]\n',
      { [`${first}.id`]: 'another input has this id' },
    ],
    [
      'a button without kind',
      '  inputs: [{ id: a, name: a, line: a }]\n',
      { [`${first}.kind`]: 'missing' },
    ],
    [
      'a kind of the mains',
      '  inputs: [{ id: a, name: a, line: a, role: mains, kind: fire }]\n',
      { [`${first}.kind`]: 'only a button' },
    ],
    [
      'a line on two lines',
      input('line: "a\\nb"'),
      { [`${first}.line`]: 'the name of a GPIO line' },
    ],
  ])('%s', (_, gpio, wrong) => {
    const fields = refusedFields(site(gpio).request);
    expect([...new Set(fields.map(({ field }) => field))]).toEqual(Object.keys(wrong));
    for (const [field, hint] of Object.entries(wrong))
      expect(fields.find((bad) => bad.field === field)?.hint).toContain(hint);
  });

  it('no button anywhere', () => {
    const door = '  inputs: [{ id: a, name: a, role: cabinet-door, line: a }]\n';
    const fields = refusedFields(site(door, 'boxes: []').request);
    expect(fields).toMatchObject([{ field: 'boxes', hint: expect.stringContaining('in gpio') }]);
  });
});
