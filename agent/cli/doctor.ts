// `gate-agent doctor`: what is wrong, why, what to do; with the daemon dead, too.

import { execFile } from 'node:child_process';
import { loadConfig, socketIn } from '../config.ts';
import { askControl } from '../control.ts';
import { clockSynchronised } from '../system/synchronised.ts';
import { type Command, jsonFlag, socketFlags, text } from './command.ts';

const askMs = 3_000;
const unitMs = 5_000;

export const doctor: Command = {
  name: 'doctor',
  flags: { ...socketFlags, ...jsonFlag },
  usage: `
gate-agent doctor        [--config FILE] [--socket PATH] [--json]
    One screen: every part, what is wrong, why, what to do. Works with the daemon dead, too. Exit 0: all is
    well, 1: something is to be mended, 2: the terminal cannot raise an alarm, or does not say so.`,
  async run({ flags, file, around, cli, clock, out }) {
    const { diagnose, exitOf, textOf } = await import('../install/doctor/doctor.ts');
    const path = text(flags.socket) ?? socketIn(file, around);
    const { wallMs, clock: quality } = clock.now();
    const diagnosis = await diagnose({
      ...{ file, socket: path, unit },
      ask: (verb) => askControl({ path, verb, timeoutMs: askMs, clock }),
      load: () => loadConfig({ file, around, parseProfile: cli.parseProfile }),
      clock: { wallMs, isSet: quality === 'good' && clockSynchronised() },
    });
    const code = exitOf(diagnosis);
    out(flags.json ? `${JSON.stringify({ exit: code, ...diagnosis })}\n` : textOf(diagnosis));
    return code;
  },
};

/** What systemd says of our unit; null: there is no systemd, or no such unit. */
const unit = (): Promise<string | null> =>
  new Promise((done) => {
    const args = ['show', '-p', 'LoadState,ActiveState', '--value', 'gate-agent.service'];
    execFile('systemctl', args, { timeout: unitMs }, (error, told) => {
      const [load, active = ''] = told.trim().split('\n');
      done(error || load !== 'loaded' ? null : active);
    });
  });
