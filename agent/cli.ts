// The command line: finds the command that a person typed (cli/commands.ts) and lets it run. The daemon
// itself is handed in.

import { type Cli, clockOf, exits, text } from './cli/command.ts';
import { parse, usageOf } from './cli/parse.ts';
import { surroundings } from './config.ts';

export { type Cli, exits, type RunRequest } from './cli/command.ts';
export { refusalText } from './cli/refused.ts';

/** Runs one command; `argv` without node and script. Never throws for what a person typed. */
export async function main(argv: readonly string[], cli: Cli): Promise<number> {
  const out = cli.out ?? ((said: string) => void process.stdout.write(said));
  const err = cli.err ?? ((said: string) => void process.stderr.write(said));
  const typed = parse(argv);
  if (typeof typed === 'string') {
    err(`gate-agent: ${typed}\n\n${usageOf(null)}`);
    return exits.usage;
  }
  const { command, asks, flags, operand } = typed;
  if (asks === 'version') out(`${cli.version}\n`);
  if (asks === 'help') out(usageOf(command));
  if (!command || asks) return exits.ok;
  const around = cli.env ? surroundings(cli.env) : surroundings();
  const file = text(flags.config) ?? around.configFile;
  return command.run({ cli, around, file, flags, operand, clock: clockOf(cli), out, err });
}
