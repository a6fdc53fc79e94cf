// What hangs on serial lines: button boxes, contacts on modem-control lines, Modbus modules.

import * as z from 'zod';
import { inputFields } from './input.ts';
import { absolute, group, list, oneOf, whole, word, yesNo } from './words.ts';

/** Rates that a Linux serial driver knows by name. */
const bauds = [
  '1200',
  '2400',
  '4800',
  '9600',
  '19200',
  '38400',
  '57600',
  '115200',
  '230400',
] as const;

const line = { id: word, path: absolute('the serial line, best under /dev/serial/by-id/', 256) };
const contact = oneOf(['no', 'nc']).default('no');

const numbered = <I extends z.ZodType>(number: RegExp, what: string, input: I) =>
  z.record(z.string().regex(number, { error: `an input's number on the ${what}` }), input, {
    error: 'a group with one entry an input, under its number',
  });

export const box = group({
  ...line,
  baud: oneOf(bauds).default('115200').transform(Number),
  indicator: yesNo.default(true),
  inputs: numbered(/^([1-9]|1[0-6])$/, 'box, 1 to 16', group(inputFields)),
});

const contactInput = group({ ...inputFields, contact });

export const modem = group({
  ...line,
  inputs: group({
    cts: contactInput.optional(),
    dsr: contactInput.optional(),
    dcd: contactInput.optional(),
    ri: contactInput.optional(),
  }),
});

const coil = whole('outputs of the module, from 1', 1, 64);
const light = coil.optional();
const lamp = group({ red: light, amber: light, green: light, blue: light, white: light });
const outputs = group({
  lamp: lamp.nullable().default(null),
  buzzer: coil.nullable().default(null),
});

export const modbusLine = group({
  ...line,
  baud: oneOf(bauds).default('9600').transform(Number),
  parity: oneOf(['none', 'even', 'odd']).default('none'),
  modules: list(
    group({
      unit: whole('an address on the line', 1, 247),
      inputs: numbered(/^([1-9]|[1-5]\d|6[0-4])$/, 'module, 1 to 64', contactInput).default({}),
      outputs: outputs.nullable().default(null),
    }),
    1,
    16,
  ),
});
