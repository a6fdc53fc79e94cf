// `gate-agent backup` and `replace`: a terminal outlives its PC.

import { readFileSync } from 'node:fs';
import { hostname, setPriority, userInfo } from 'node:os';
import type { Lock, Opener } from '../backup/envelope.ts';
import { ControlFailed } from '../control.ts';
import { Refusal } from '../refusal.ts';
import { systemIds } from '../system/clock.ts';
import { type Asked, asking, type Command, exits, socketFlags, text } from './command.ts';

const word = { type: 'string' } as const;
const yes = { type: 'boolean' } as const;
export const userName = (): string => userInfo().username.slice(0, 64);

/** Exit code of `backup` where something could not be taken along. */
const incomplete = 1;

export const backup: Command = {
  name: 'backup',
  flags: {
    ...socketFlags,
    state: word,
    out: word,
    to: word,
    'passphrase-file': word,
    'with-clips': yes,
  },
  usage: `
gate-agent backup        --out FILE [--passphrase-file F | --to PUBLIC.pem] [--with-clips] [--config FILE]
    All that makes a terminal this terminal, encrypted: configuration, certificates, keys, records, open
    cases, unsent alarms. Of a running terminal, or of a dead one's disk. Needs root.
    Exit 0; 1: made, but without files that are named; 64: refused, and why; 73: FILE cannot be written.`,
  notes: `
--passphrase-file F  its first line locks or opens a backup; default: asked for, or from standard input
--to PUBLIC.pem      locked to an X25519 key, opened with the private one (replace --key PRIVATE.pem)
--with-clips         with clips, snapshots and talks, which may be large`,
  run: (asked) =>
    guarded(asked, async () => {
      const { makeBackup } = await import('../backup/backup.ts');
      const { flags, out, around, file, clock } = asked;
      const target = text(flags.out);
      if (!target) throw new Refusal([{ field: '--out', value: null, hint: 'where to?' }]);
      const lock = await lockOf(asked);
      // The daemon beside it goes first.
      setPriority(19);
      const stateDir = text(flags.state) ?? around.places.stateDir;
      const made = await makeBackup({
        ...{ whereabouts: { configFile: file, stateDir }, out: target, lock },
        ...{ withClips: flags['with-clips'] === true, version: asked.cli.version },
        ...{ host: hostname(), wallMs: clock.now().wallMs },
      });
      const { terminal, bytes, files, running, missing } = made;
      const size = `${Math.ceil(bytes / 1024)} kB, ${files} files`;
      const state = running ? 'running' : 'not running';
      out(`${terminal} (${state}) is in ${target}: ${size}, locked by ${lock.by}\n`);
      for (const one of missing) out(`not in it: ${one}\n`);
      if (running) await recorded(asked, lock, flags['with-clips'] === true);
      return missing.length > 0 ? incomplete : exits.ok;
    }),
};

/** Who took a copy of the keys is a record; the backup is good without. */
function recorded(asked: Asked, lock: Lock, clips: boolean): Promise<number> {
  return asking(asked, async (ask) => {
    await ask('backup.made', { user: userName(), lockedBy: lock.by, clips });
    return exits.ok;
  });
}

export const replace: Command = {
  name: 'replace',
  flags: {
    ...{ ...socketFlags, state: word, from: word, key: { type: 'string', multiple: true } },
    ...{ 'passphrase-file': word, 'over-existing': yes },
  },
  usage: `
gate-agent replace       --from FILE [--passphrase-file F | --key PRIVATE.pem] [--over-existing]
    Makes this machine the terminal that is in FILE; a restart of the service then arms it. Interrupted, it
    is typed again. The old machine must never run again. Needs root, and gate-agent unarmed or stopped.
    Exit 0; 64: refused, and why, with nothing changed; 73: the disk does not take it.`,
  notes: `
--over-existing      replace: what this machine was is moved aside, not deleted`,
  run: (asked) =>
    guarded(asked, async () => {
      const { replaceFrom } = await import('../backup/replace.ts');
      const { flags, out, around, file, clock, cli } = asked;
      const from = text(flags.from);
      if (!from) throw new Refusal([{ field: '--from', value: null, hint: 'which backup?' }]);
      const done = await replaceFrom({
        ...{ from, open: (by: Opener['by']) => openerOf(asked, by), configFile: file, around },
        stateDir: text(flags.state) ?? around.places.stateDir,
        ...{ parseProfile: cli.parseProfile, force: flags['over-existing'] === true },
        ...{ user: userName(), version: cli.version, clock, ids: systemIds },
      });
      const { about, terminal, rows, aside } = done;
      const made = new Date(about.wallMs).toISOString().slice(0, 16).replace('T', ' ');
      out(`this machine is ${terminal} now, as ${about.host} was at ${made} UTC\n`);
      if (rows) out(`unsent alarms: ${rows.unsentAlarms}; open cases: ${rows.openCases}\n`);
      if (rows?.reserved === false)
        out('the disk has no room for the database at its full size: make room (data.capMb)\n');
      if (aside) out(`what was here before is in ${aside}\n`);
      for (const one of about.missing) out(`was not in the backup: ${one}\n`);
      out(`next: see that ${about.host} never runs again; gate-agent check-config; `);
      out('systemctl restart gate-agent; press every button once\n');
      return exits.ok;
    }),
};

async function lockOf(asked: Asked): Promise<Lock> {
  const to = text(asked.flags.to);
  if (to !== null) return { by: 'recipient', publicKey: pemOf('--to', to) };
  return { by: 'passphrase', passphrase: await asksPassphrase(asked, true) };
}

async function openerOf(asked: Asked, by: Opener['by']): Promise<Opener> {
  const key = text([asked.flags.key ?? []].flat()[0]);
  if (by === 'passphrase') return { by, passphrase: await asksPassphrase(asked, false) };
  if (key === null)
    throw new Refusal([
      { field: '--key', value: null, hint: 'it is locked to a key: which file?' },
    ]);
  return { by, privateKey: pemOf('--key', key) };
}

async function asksPassphrase({ cli, flags, err }: Asked, isNew: boolean): Promise<string> {
  const { passphraseFrom } = await import('../backup/passphrase.ts');
  const { input = process.stdin } = cli;
  return passphraseFrom({ file: text(flags['passphrase-file']), input, err, isNew });
}

function pemOf(field: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal([{ field, value: file, hint: `cannot be read: ${why}` }]);
  }
}

/** What was refused, and what the disk says, as a person is told it. */
export async function guarded({ err }: Asked, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Refusal) {
      for (const { field, hint } of error.fields) err(`gate-agent: ${field}: ${hint}\n`);
      return exits.usage;
    }
    const isOfDisk = error instanceof Error && 'code' in error;
    if (!isOfDisk || error instanceof ControlFailed) throw error;
    err(`gate-agent: ${error.message}\n`);
    return exits.cannotWrite;
  }
}
