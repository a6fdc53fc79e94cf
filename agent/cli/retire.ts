// `gate-agent retire`: the end of a terminal on this machine.

import { createInterface } from 'node:readline/promises';
import { ControlFailed } from '../control.ts';
import { guarded, userName } from './backup.ts';
import { type Ask, type Asked, asking, type Command, exits, socketFlags, text } from './command.ts';

const word = { type: 'string' } as const;

export const retire: Command = {
  name: 'retire',
  flags: { ...socketFlags, state: word, yes: word, 'lose-unsent': word },
  usage: `
gate-agent retire        [--yes ID] [--lose-unsent REASON] [--config FILE] [--socket PATH]
    The end of this terminal here: tells the platform, then wipes keys, passwords, configuration, records and
    clips. Asks for the terminal's id to be typed. Refused while a case is open or an alarm unsent.
    Exit 0; 64: refused, and why, with nothing deleted; 73: the disk does not take it.`,
  notes: `
--yes ID             retire: the terminal's id, where nobody is there to type it
--lose-unsent REASON retire: although alarms are unsent or cases open; the reason is told and recorded`,
  run: (asked) => guarded(asked, () => asking(asked, (ask) => end(asked, ask))),
};

async function end(asked: Asked, ask: Ask): Promise<number> {
  const { retire: retireTerminal } = await import('../backup/retire.ts');
  const { flags, around, file, clock, out } = asked;
  const done = await retireTerminal({
    whereabouts: { configFile: file, stateDir: text(flags.state) ?? around.places.stateDir },
    ask: (await isRunning(ask)) ? ask : null,
    confirmed: (terminal) => confirmed(asked, terminal),
    ...{ loseUnsent: text(flags['lose-unsent']), user: userName(), clock },
  });
  const { terminal, told, files, left } = done;
  out(`${terminal} is retired: ${files} files are deleted, keys first\n`);
  out(told === true ? 'the platform has its last word\n' : `the platform was not told: ${told}\n`);
  for (const path of left) out(`left, for it is public and lies elsewhere: ${path}\n`);
  out(
    'Flash memory may keep deleted blocks, and backups keep all of it: have the platform withdraw\n',
  );
  out('certificate and login, delete the backups, and run blkdiscard or destroy the disk.\n');
  return exits.ok;
}

/** An unarmed one has nothing to say, and no daemon is no obstacle. */
async function isRunning(ask: Ask): Promise<boolean> {
  try {
    const status = await ask('status');
    return (
      typeof status === 'object' && status !== null && 'armed' in status && status.armed === true
    );
  } catch (error) {
    if (error instanceof ControlFailed && error.reason === 'not-running') return false;
    throw error;
  }
}

async function confirmed({ cli, flags, err }: Asked, terminal: string): Promise<boolean> {
  const yes = text(flags.yes);
  if (yes !== null) return yes === terminal;
  const { input = process.stdin } = cli;
  const line = createInterface({ input });
  try {
    err(`This ends ${terminal} on this machine, for good. 此终端将被永久停用。\n`);
    err('Type its id to go on 请输入终端编号以确认: ');
    return (await line.question('')).trim() === terminal;
  } finally {
    line.close();
  }
}
