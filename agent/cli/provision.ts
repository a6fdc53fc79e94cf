// `gate-agent provision`: from a bare PC to an armed terminal. Its program is a file of its own beside the
// bundle, so that nobody else pays for its prompts.

import { existsSync } from 'node:fs';
import { type Command, configFlag, exits, socketFlags, text } from './command.ts';

export const provision: Command = {
  name: 'provision',
  flags: {
    ...{ ...socketFlags, ...configFlag },
    ...{ answers: { type: 'string' }, 'dry-run': { type: 'boolean' } },
    port: { type: 'string', multiple: true },
    ...{ restart: { type: 'string' }, 'no-restart': { type: 'boolean' } },
  },
  usage: `
gate-agent provision     [--answers FILE] [--dry-run] [--config FILE] [--socket PATH]
                         [--port PATH ..] [--restart COMMAND | --no-restart]
    Asks, in Chinese or English, for all that a terminal needs, tries it, writes the configuration and arms
    the terminal with it; where it does not arm, what was there before is back. Stopped, it goes on there
    the next time. Exit 0; 65: wrong answers, each named; 66: no such file; 69: what was tried does not
    work; 73: not to be written; 75: stopped, an open incident, or a certificate still to come;
    77: not allowed, here or by the dome; 78: the configuration or the certificate is wrong.`,
  notes: `
--answers FILE nobody is asked: config/site.example.yaml explains it
--dry-run      shows which files would be written, and writes none
--port PATH    a serial port that teach-in does not find by itself
--restart COMMAND restarts the daemon, where systemd does not; --no-restart leaves it as it is`,
  async run({ cli, around, file, flags, clock, out, err }) {
    const restart = text(flags.restart);
    if (restart !== null && flags['no-restart'] === true) {
      err('gate-agent: provision: --restart or --no-restart\n');
      return exits.usage;
    }
    const { provision: run } = await load();
    return run({
      ...{ file, around, clock, out, err, restart: flags['no-restart'] === true ? false : restart },
      ...{ parseProfile: cli.parseProfile, profiles: cli.domes ?? [], version: cli.version },
      ...{ socket: text(flags.socket), answers: text(flags.answers) },
      isDry: flags['dry-run'] === true,
      ports: [flags.port ?? []].flat().map(String),
    });
  },
};

/** Beside the bundle, or where the sources have it. */
async function load(): Promise<typeof import('../install/command.ts')> {
  const places = ['provision.cjs', '../install/command.ts'];
  const urls = places.map((place) => new URL(place, import.meta.url));
  const found = urls.find((url) => existsSync(url));
  return import(`${found}`);
}
