// `gate-agent export` and `verify`: a case as one signed file.

import { userInfo } from 'node:os';
import { asking, type Command, exits, jsonFlag, socketFlags, text } from './command.ts';

export const exportCase: Command = {
  name: 'export',
  flags: {
    ...{ ...socketFlags, incident: { type: 'string' } },
    ...{ reason: { type: 'string' }, out: { type: 'string' } },
  },
  usage: `
gate-agent export        --incident ID --reason TEXT --out FILE.zip [--config FILE] [--socket PATH]
    A case as one file: report, timeline, clips, snapshots, talks, signed. Who and why are recorded.
    Exit 0; 64: refused, and why; 69: it could not be made; 73: FILE cannot be written; 77 as above.`,
  async run(asked) {
    const { exportCommand, NoExport } = await import('../evidence/command.ts');
    const { flags, clock, out, err } = asked;
    const [incident, reason, file] = [flags.incident, flags.reason, flags.out].map(text);
    if (!incident || !reason || !file) {
      err('gate-agent: export needs --incident, --reason and --out\n');
      return exits.usage;
    }
    const user = userInfo().username.slice(0, 64);
    return asking(asked, async (ask) => {
      try {
        await exportCommand({ incident, reason, user, file, clock, ask, out });
        return exits.ok;
      } catch (error) {
        const isOfDisk = error instanceof Error && 'syscall' in error;
        if (!isOfDisk && !(error instanceof NoExport)) throw error;
        err(`gate-agent: ${error.message}\n`);
        return isOfDisk ? exits.cannotWrite : exits.unavailable;
      }
    });
  },
};

/** Neither daemon nor configuration nor network. */
export const verify: Command = {
  name: 'verify',
  flags: { ...jsonFlag, key: { type: 'string', multiple: true } },
  takesOperand: true,
  usage: `
gate-agent verify        FILE [--key FINGERPRINT ..] [--json]
    Checks such a file, or a signed record (certificate, report: JSON), anywhere, without network. Exit 0:
    right, 1: changed, and where, 2: signed by another key than FINGERPRINT, 65: no such file of
    gate-agent's, 66: not to be read.`,
  async run({ flags, operand: file, out, err }) {
    const { isFingerprint, verifyCommand } = await import('../evidence/command.ts');
    const keys = [flags.key ?? []].flat().map(String);
    const wrong = keys.find((key) => !isFingerprint(key));
    if (file === null) err('gate-agent: verify: which file?\n');
    else if (wrong !== undefined) err(`gate-agent: --key: ${wrong} is no fingerprint\n`);
    else return verifyCommand({ file, keys, isJson: flags.json === true, out, err });
    return exits.usage;
  },
};
