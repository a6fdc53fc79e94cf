// `gate-agent check-config`: every wrong field of a configuration, or what is in it.

import { type Config, loadConfig, notesOn, wiredInputs } from '../config.ts';
import { Refusal } from '../refusal.ts';
import { type Command, configFlag, exits, jsonFlag } from './command.ts';
import { refusalText } from './refused.ts';

export const checkConfig: Command = {
  name: 'check-config',
  flags: { ...configFlag, ...jsonFlag },
  usage: `
gate-agent check-config  [--config FILE] [--json]
    Names every wrong field with its line and a hint. Exit 0: right, 78: wrong.`,
  run({ cli, around, file, flags, out, err }) {
    try {
      const config = loadConfig({ file, around, parseProfile: cli.parseProfile });
      const notes = notesOn(config);
      const json = () => `${JSON.stringify({ ok: true, file, notes })}\n`;
      out(flags.json ? json() : summary(config, file));
      return exits.ok;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (flags.json) out(`${JSON.stringify({ ok: false, file, fields: error.fields })}\n`);
      else err(refusalText(error, file));
      return exits.config;
    }
  },
};

function summary(config: Config, file: string): string {
  const { terminal, identity, broker, dome, data } = config;
  const inputs = wiredInputs(config).map(
    ({ place, input: { id, name, role, kind } }) =>
      `    ${place}: ${name} (${id}), ${kind ?? role}`,
  );
  const lines = [
    `${file}: OK`,
    `  terminal ${terminal.id}: ${identity.school} ${identity.gate}, ${identity.address}`,
    `  broker   ${broker.url} as ${broker.clientId}${broker.tls?.cert ? ', with certificate' : ''}`,
    `  dome     ${dome === null ? 'none' : `${dome.url}, profile ${dome.profile.file}`}`,
    `  data     ${data.dir}, ${data.capMb} MB`,
    '  inputs',
    ...inputs,
    ...notesOn(config).map(({ field, note }) => `  note     ${field}: ${note}`),
    '  A running daemon keeps to what it read at its start: restart it.',
  ];
  return `${lines.join('\n')}\n`;
}
