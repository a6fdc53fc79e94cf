// What the faults of box, serial port and module say to people: what, why, what to do.

export const silent = (baud: number, unreadableBytes: number): string => {
  const heard = unreadableBytes > 0 ? `only ${unreadableBytes} unreadable bytes` : 'nothing';
  const check = `Check its power, the cable and the speed (${baud} baud)`;
  return `The button box is silent: ${heard} for 3 s. ${check}.`;
};

export const garbled = (baud: number): string =>
  'Most of what the button box sends cannot be read. ' +
  `Set its speed to ${baud} baud, 8N1; check ground and shield of the cable.`;

export const absent = (why: string): string => `The button box cannot be reached: ${why}.`;

export const protocol = (why: string): string =>
  `The button box breaks its protocol: ${why}. Bring its firmware to this version.`;

/** `applied`: what the box says it shows; null where it has shown nothing. */
export const lamp = (applied: number | null): string => {
  const why = applied === null ? 'it has applied no pattern' : 'it goes on with an old pattern';
  return `The lamp of the button box does not follow: ${why}. Check the line to the box.`;
};

export const unknownInput = (number: string): string =>
  `The button box tells an input ${number} that the configuration does not name. ` +
  'Name it there, or take it out of use on the box: as it is, pressing it does nothing.';

export const missingInput = (number: string, id: string): string =>
  `The button box does not tell input ${number} (${id}). ` +
  'Check the box and the number in the configuration: as it is, pressing it does nothing.';

export const portAbsent = (why: string): string => `The contacts cannot be read: ${why}.`;

export const noModemLines = (why: string): string =>
  `This port has no modem-control lines: ${why}. ` +
  'Use one with CTS, DSR, DCD or RI; many adapters for three wires have none.';

export const silentModule = (unit: number, line: string): string =>
  `Module ${unit} does not answer for 3 s. ` +
  `Check its power, its address (${unit}), speed and parity (${line}), and that A and B are not swapped.`;

export const refusingModule = (unit: number, why: string): string =>
  `Module ${unit} refuses what it is asked: ${why}. ` +
  'Check the numbers of its inputs and outputs in the configuration.';
