// `gate-agent seal-keys`: keys sealed to this machine, as root.

import { loadConfig } from '../config.ts';
import { type Command, configFlag, exits } from './command.ts';

export const sealKeysCommand: Command = {
  name: 'seal-keys',
  flags: { ...configFlag, 'host-key': { type: 'boolean' } },
  usage: `
gate-agent seal-keys     [--host-key] [--config FILE]
    As root: seals master key, evidence key and the line's key to this PC's TPM, and has systemd hand them
    to the daemon. Take a backup first: it has no sealed keys. Exit 0; 69: no TPM, nothing changed; 77.`,
  async run({ cli, around, file, flags, out, err }) {
    const { NotSealed, sealKeys } = await import('../keys/seal-keys.ts');
    if (process.getuid?.() !== 0) {
      err('gate-agent: seal-keys: run it as root\n');
      return exits.noAccess;
    }
    const config = loadConfig({ file, parseProfile: cli.parseProfile, around });
    try {
      const done = sealKeys(
        {
          ...{ dataDir: config.data.dir, brokerKey: config.broker.tls?.files.key ?? null },
          credentialsDir: '/etc/gate-agent/credentials',
          dropInDir: '/etc/systemd/system/gate-agent.service.d',
          ...{ env: {}, out },
        },
        { hostKey: flags['host-key'] === true },
      );
      if (done.length > 0) out('now: systemctl daemon-reload && systemctl restart gate-agent\n');
      return exits.ok;
    } catch (error) {
      if (!(error instanceof NotSealed)) throw error;
      err(`gate-agent: ${error.message}\n`);
      return exits.unavailable;
    }
  },
};
