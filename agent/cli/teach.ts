// `gate-agent button teach`: every line live, until Ctrl-C.

import { teach, UnknownForm } from '../teach/command.ts';
import {
  asking,
  type Command,
  exits,
  interrupted,
  jsonFlag,
  socketFlags,
  text,
  UnknownAnswer,
} from './command.ts';

const looks = {
  bias: { type: 'string' },
  chip: { type: 'string' },
  port: { type: 'string' },
} as const;

export const buttonTeach: Command = {
  name: 'button teach',
  flags: { ...socketFlags, ...jsonFlag, ...looks },
  usage: `
gate-agent button teach  [--config FILE] [--socket PATH] [--json] [--bias BIAS] [--chip CHIP] [--port PATH]
    Shows every GPIO line and serial port live; press a button, and it prints the configuration for it.
    Ctrl-C ends. Exit 0; 64: an option the daemon refuses; 69 and 77 as above.`,
  notes: `
--bias BIAS    with which free lines are opened: pull-up, pull-down, none; default: as they are
--chip CHIP    look at this chip, too, though its lines are pins of the processor itself
--port PATH    look at this serial port, too, though the system has no name for it`,
  run: (asked) =>
    asking(asked, async (ask) => {
      const { cli, flags, clock, out } = asked;
      const [bias, chip, port] = [flags.bias, flags.chip, flags.port].map(text);
      const args = { ...(bias && { bias }), ...(chip && { chip }), ...(port && { ports: [port] }) };
      const isScreen = process.stdout.isTTY && cli.out === undefined;
      try {
        await teach({
          ask: () => ask('teach.look', args),
          ...{ out, clock, isJson: flags.json === true },
          size: isScreen ? () => process.stdout : null,
          ended: cli.ended?.() ?? interrupted(),
        });
      } catch (error) {
        if (error instanceof UnknownForm) throw new UnknownAnswer();
        throw error;
      }
      return exits.ok;
    }),
};
