// `gate-agent dome discover` and `dome probe`: they speak to domes by themselves; no daemon need run.

import {
  type DomeCommand,
  domeDiscover as discover,
  discoverFlags,
  probeFlags,
} from '../dome/command.ts';
import { domeProbe as probe } from '../dome/probe-command.ts';
import { Refusal } from '../refusal.ts';
import { type Asked, type Command, exits } from './command.ts';

export const domeDiscover: Command = {
  name: 'dome discover',
  flags: discoverFlags,
  usage: `
gate-agent dome discover [--address HOST | --range RANGE] [--user NAME --password-file FILE]
                         [--ca FILE] [--json]
    Domes on every network, in a range or at an address: who they are, whom they let in, their clock.
    Nothing is switched. Exit 0: found, 1: none that answers well, 77: the password was refused once, and
    shown to no other dome.`,
  notes: `
--address HOST a host, host:port or http address;  --range RANGE  192.168.1.0/24 or 192.168.1.10-60
--ca FILE      PEM: who signed the dome's certificate, or that certificate itself`,
  run: (asked) => dome(asked, discover),
};

export const domeProbe: Command = {
  name: 'dome probe',
  flags: probeFlags,
  usage: `
gate-agent dome probe    --address HOST --user NAME --password-file FILE [--out FILE] [--json]
                         [--ca FILE | --trust SHA256] [--assume HOW [--store-presets]]
    Asks which presets look at the gate and rest, tries how this dome switches light, siren and tracking,
    asks who stands before it what came of it, writes its profile and says what goes into the configuration.
    Exit 0; 1: no way to light the strobe; 69: not reached, half an answer, or a certificate that nobody
    has trusted; 77: the password was refused, and is tried once.`,
  notes: `
--out FILE     the profile; a certificate that is trusted is written beside it, as FILE with .pem
--trust SHA256 trusts a certificate with this fingerprint, where nobody is there to say yes
--assume HOW   nobody is there: yes (what is not refused works), proof (what is seen in the picture or read
               back works), no (nothing is switched); presets go by their names
--store-presets a preset that no name speaks of is stored where the dome looks, for alarm and rest`,
  run: (asked) => dome(asked, probe),
};

async function dome(
  { cli, flags, clock, out, err }: Asked,
  run: (command: DomeCommand) => Promise<number>,
): Promise<number> {
  const { domes: profiles = [], input = process.stdin } = cli;
  try {
    return await run({ flags, out, err, clock, profiles, input });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    for (const { field, hint } of error.fields) err(`gate-agent: ${field}: ${hint}\n`);
    return exits.usage;
  }
}
