// `gate-agent run`: the daemon.

import { Refusal } from '../refusal.ts';
import { type Command, exits, socketFlags, text } from './command.ts';
import { refusalText } from './refused.ts';

export const run: Command = {
  name: 'run',
  flags: { ...socketFlags, state: { type: 'string' } },
  usage: `
gate-agent run           [--config FILE] [--state DIR] [--socket PATH]
    The daemon. Ends on SIGTERM. Exit 78: the configuration is wrong, and none was good before.`,
  notes: `
--state DIR    where last-good.json is kept; default: $STATE_DIRECTORY, else beside FILE`,
  async run({ cli, around, file, flags, err }) {
    const [stateDir, socket] = [text(flags.state), text(flags.socket) ?? around.socket];
    try {
      return await cli.run({ file, around, stateDir, socket });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      err(refusalText(error, file));
      return exits.config;
    }
  },
};
