// Wrong configurations of what hangs on serial lines: one edit of the right text each.

export interface Case {
  readonly what: string;
  readonly from: string;
  readonly to: string;
  /** Field -> part of its hint: all that is refused, and nothing else. */
  readonly wrong: { readonly [field: string]: string };
}

export const serialCases: readonly Case[] = [
  {
    what: 'two boxes on one line',
    from: 'modems:\n',
    to: '  - { id: desk, path: /dev/ttyDESK, inputs: {} }\nmodems:\n',
    wrong: {
      'boxes[1].id': 'another box has this id',
      'boxes[1].path': 'something else is on this line',
    },
  },
  {
    what: 'a box and a module on one line',
    from: '/dev/ttyIO',
    to: '/dev/ttyDESK',
    wrong: { 'modbus[0].path': 'something else is on this line' },
  },
  {
    what: 'a module at an address that is for all',
    from: 'unit: 1',
    to: 'unit: 0',
    wrong: { 'modbus[0].modules[0].unit': '1 to 247' },
  },
  {
    what: 'two modules at one address',
    from: '      - { unit: 1,',
    to: '      - { unit: 1, outputs: { buzzer: 1 } }\n      - { unit: 1,',
    wrong: { 'modbus[0].modules[1].unit': 'another module on this line has this address' },
  },
  {
    what: 'an input 65 of a module',
    from: '64: {',
    to: '65: {',
    wrong: { 'modbus[0].modules[0].inputs.65': '1 to 64' },
  },
  {
    what: 'a module of which nothing is used',
    from: '      - { unit: 1,',
    to: '      - { unit: 2 }\n      - { unit: 1,',
    wrong: { 'modbus[0].modules[0].inputs': 'inputs or outputs' },
  },
  {
    what: 'outputs without a lamp or buzzer',
    from: '      - { unit: 1,',
    to: '      - { unit: 2, outputs: { lamp: {} } }\n      - { unit: 1,',
    wrong: { 'modbus[0].modules[0].outputs': 'missing: a lamp, such as { red: 1 }' },
  },
  {
    what: 'two lights on one output, and a number that no output has',
    from: '      - { unit: 1,',
    to: '      - { unit: 2, outputs: { lamp: { red: 1, green: 65 }, buzzer: 1 } }\n      - { unit: 1,',
    wrong: {
      'modbus[0].modules[0].outputs.buzzer': 'something else is on this output',
      'modbus[0].modules[0].outputs.lamp.green': '1 to 64',
    },
  },
  {
    what: 'a line that feeds the contacts',
    from: 'cts: {',
    to: 'rts: {',
    wrong: { 'modems[0].inputs.rts': 'cts' },
  },
];
