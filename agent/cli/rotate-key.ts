// `gate-agent evidence rotate-key`: another key signs the evidence from now on.

import { userInfo } from 'node:os';
import { asking, type Command, exits, socketFlags, text, UnknownAnswer } from './command.ts';

export const rotateKey: Command = {
  name: 'evidence rotate-key',
  flags: { ...socketFlags, reason: { type: 'string' } },
  usage: `
gate-agent evidence rotate-key --reason TEXT [--config FILE] [--socket PATH]
    Another key signs the evidence from now on; the old one hands over to it in a signed record, and what
    it signed stays verifiable. Not while a case is open. Exit 0; 64: refused, and why; 69, 77 as above.`,
  async run(asked) {
    const { flags, out, err } = asked;
    const reason = text(flags.reason);
    if (!reason) {
      err('gate-agent: evidence rotate-key needs --reason\n');
      return exits.usage;
    }
    const user = userInfo().username.slice(0, 64);
    return asking(asked, async (ask) => {
      const done = await ask('evidence.rotate-key', { reason, user });
      if (!isDone(done)) throw new UnknownAnswer();
      out(`evidence key ${done.to} follows ${done.from}\n`);
      out(`fingerprint ${done.fingerprint}: compare it with the platform's\n`);
      if (done.file === null) out('its record could not be written; the platform has been told\n');
      else out(`record: ${done.file}\n`);
      return exits.ok;
    });
  },
};

interface Done {
  readonly from: string;
  readonly to: string;
  readonly fingerprint: string;
  readonly file: string | null;
}

const isDone = (answer: unknown): answer is Done =>
  typeof answer === 'object' &&
  answer !== null &&
  ['from', 'to', 'fingerprint'].every((name) => typeof Object(answer)[name] === 'string') &&
  'file' in answer;
