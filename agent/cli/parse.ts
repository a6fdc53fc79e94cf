// What a person typed: command and flags, or what is wrong with them; and what `--help` says.

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { Command, Flags } from './command.ts';
import { commands } from './commands.ts';

const always = { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } } as const;
/** A flag means the same everywhere; who takes it is judged below. */
const flags: ParseArgsOptionsConfig = Object.assign(
  {},
  always,
  ...commands.map((one) => one.flags),
);

export interface Typed {
  /** Null with `help` and `version`. */
  readonly command: Command | null;
  readonly asks: 'help' | 'version' | null;
  readonly flags: Flags;
  readonly operand: string | null;
}

/** The command and its flags, or what is wrong with them. */
export function parse(argv: readonly string[]): Typed | string {
  try {
    const { values, positionals } = parseArgs({
      ...{ args: [...argv], options: flags, allowPositionals: true },
    });
    const asks = values.version ? 'version' : values.help ? 'help' : null;
    const isHelp = positionals[0] === 'help';
    const words = isHelp ? positionals.slice(1) : positionals;
    const command = named(words);
    if (asks || isHelp) return { command, asks: asks ?? 'help', flags: values, operand: null };
    if (words.length === 0) return 'a command is missing';
    if (!command) return `unknown command: ${words.slice(0, 2).join(' ')}`;
    const rest = words.slice(command.name.split(' ').length);
    const more = rest[command.takesOperand ? 1 : 0];
    if (more !== undefined) return `${command.name} takes no ${more}`;
    const alien = Object.keys(values).find((flag) => !Object.hasOwn(command.flags, flag));
    if (alien !== undefined) return `${command.name} has no --${alien}`;
    return { command, asks: null, flags: values, operand: rest[0] ?? null };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message.split('. ')[0] ?? error.message;
  }
}

/** The longest name that the words begin with. */
function named(words: readonly string[]): Command | null {
  const [two, one] = [words.slice(0, 2).join(' '), words[0]];
  return (
    commands.find(({ name }) => name === two) ?? commands.find(({ name }) => name === one) ?? null
  );
}

const indented = (lines: string): string => lines.trim().replaceAll(/^(?=.)/gm, '  ');

const shared = `
--config FILE  default: $GATE_AGENT_CONFIG, else /etc/gate-agent/gate-agent.yaml
--socket PATH  control socket; default: what FILE says, else $RUNTIME_DIRECTORY/control.sock,
               else /run/gate-agent/control.sock`;

/** Of one command, or of all. */
export function usageOf(command: Command | null): string {
  const told = command ? [command] : commands;
  const notes = [shared, ...told.map((one) => one.notes ?? '')].filter(Boolean).map(indented);
  return [
    'gate-agent: the alarm terminal of a school gate',
    '',
    ...told.map(({ usage }) => indented(usage)),
    ...(command ? [] : ['  gate-agent --version | --help | help COMMAND']),
    '',
    ...notes,
    '',
  ].join('\n');
}
