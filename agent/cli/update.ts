// `gate-agent update FILE`: a release from the hand of somebody who stands here.

import { type Command, configFlag, exits } from './command.ts';

/** Beside those of the command line. */
const failed = 1;
const noRelease = 65;

export const update: Command = {
  name: 'update',
  flags: configFlag,
  takesOperand: true,
  usage: `
gate-agent update        FILE.update [--config FILE]
    Hands a signed release to the updater, as root. It waits until no case, window or call is open, and goes
    back by itself where the new version does worse. Waits 15 minutes for the end.
    Exit 0: it runs; 1: it does not, and why; 65: no release for this terminal; 69: still waiting;
    73: it cannot be handed over.`,
  async run({ cli, around, file: configFile, operand: file, clock, out, err }) {
    const { updateCommand } = await import('../update/command.ts');
    const { debianArch, runningVersion, updatePlaces } = await import('../update/places.ts');
    const { NoRelease } = await import('../update/release-file.ts');
    if (file === null) {
      err('gate-agent: update: which file?\n');
      return exits.usage;
    }
    const places = updatePlaces(configFile, around.places.stateDir);
    const here = { version: runningVersion(cli.version), arch: debianArch };
    try {
      const isApplied = await updateCommand({ file, ...here, ...places, clock, out });
      if (isApplied === null) return exits.unavailable;
      return isApplied ? exits.ok : failed;
    } catch (error) {
      const isOfDisk = error instanceof Error && 'syscall' in error;
      if (!isOfDisk && !(error instanceof NoRelease)) throw error;
      err(`gate-agent: ${file}: ${error.message}\n`);
      return isOfDisk ? exits.cannotWrite : noRelease;
    }
  },
};
