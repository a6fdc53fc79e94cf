// `gate-agent panel set-pin` and `panel fingerprint`; the panel itself is a program of its own (panel.cjs).

import { type Asked, type Command, exits, text } from './command.ts';

const panelFlag = { panel: { type: 'string' } } as const;

const configOf = async ({ flags, cli }: Asked) => {
  const { defaultFile, loadPanelConfig } = await import('../panel/config.ts');
  return loadPanelConfig(text(flags.panel) ?? defaultFile, cli.env);
};

export const panelSetPin: Command = {
  name: 'panel set-pin',
  flags: panelFlag,
  usage: `
gate-agent panel set-pin [--panel FILE]
    Reads the PIN of the panel and, on a second line, the one for duress from standard input; kept as hashes.
    6 to 12 digits, no rows. Whoever is signed in is signed out. Exit 64: none may be so, 73: not written.`,
  notes: `
--panel FILE   configuration of the panel; default: /etc/gate-agent-panel/panel.yaml`,
  async run(asked) {
    const { setPin } = await import('../panel/set-pin.ts');
    const { out, err, cli } = asked;
    const { pinFile: file } = await configOf(asked);
    return setPin({ file, input: cli.input ?? process.stdin, out, err });
  },
};

export const panelFingerprint: Command = {
  name: 'panel fingerprint',
  flags: panelFlag,
  usage: `
gate-agent panel fingerprint [--panel FILE]
    SHA-256 of the certificate that the panel is served with: what a browser has to show. Exit 69: none yet.`,
  async run(asked) {
    const { certificateFor } = await import('../panel/certificate.ts');
    const served = certificateFor(await configOf(asked));
    if (served) asked.out(`${served.fingerprint}\n`);
    else
      asked.err(
        'gate-agent: the panel has made no certificate yet, or it is not for you to read\n',
      );
    return served ? exits.ok : exits.unavailable;
  },
};
