// The `gpio` group: inputs and outputs on lines of this machine. A line is named by `line`, or by `chip` and
// `offset`; what ties these together is in relations.ts.

import { inputFields } from './input.ts';
import { group, list, oneOf, text, whole } from './words.ts';

/** The kernel's own bound of a name is 31 bytes. */
const name = (what: string) => text(what, 31);

export const placeFields = {
  line: name('the name of a GPIO line, as gpioinfo shows it').nullable().default(null),
  chip: name("a GPIO chip's label, or gpiochip0 ..").nullable().default(null),
  offset: whole('lines from the first of the chip', 0, 1023).nullable().default(null),
};

const place = group(placeFields);

const input = group({
  ...inputFields,
  ...placeFields,
  contact: oneOf(['no', 'nc', 'pair']).default('no'),
  pair: place.nullable().default(null),
  bias: oneOf(['pull-up', 'pull-down', 'none', 'as-is']).default('pull-up'),
  closed: oneOf(['low', 'high']).optional(),
});

const output = group({ ...placeFields, on: oneOf(['low', 'high']).default('high') })
  .nullable()
  .default(null);

export const lampColours = ['red', 'amber', 'green', 'blue', 'white'] as const;

const lamp = group({ red: output, amber: output, green: output, blue: output, white: output })
  .nullable()
  .default(null);

export const gpio = group({
  driver: oneOf(['auto', 'chardev', 'sysfs']).default('auto'),
  inputs: list(input, 0, 32).default([]),
  outputs: group({ lamp, buzzer: output, strobe: output }).prefault({}),
});
