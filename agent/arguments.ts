// What may stand on the command line: commands, their flags, and what is wrong with what a person typed.

import { parseArgs } from 'node:util';
import { discoverFlags, probeFlags } from './dome/command.ts';

const flags = {
  config: { type: 'string' },
  state: { type: 'string' },
  socket: { type: 'string' },
  json: { type: 'boolean' },
  bias: { type: 'string' },
  chip: { type: 'string' },
  port: { type: 'string' },
  address: { type: 'string' },
  range: { type: 'string' },
  user: { type: 'string' },
  'password-file': { type: 'string' },
  ca: { type: 'string' },
  assume: { type: 'string' },
  out: { type: 'string' },
  trust: { type: 'string' },
  'store-presets': { type: 'boolean' },
  incident: { type: 'string' },
  reason: { type: 'string' },
  key: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;
type Value = string | boolean;
export type Flags = { readonly [F in Exclude<keyof typeof flags, 'key'>]?: Value } & {
  readonly key?: readonly string[];
};

const commands: { readonly [command: string]: readonly string[] } = {
  run: ['config', 'state', 'socket'],
  'check-config': ['config', 'json'],
  status: ['config', 'socket', 'json'],
  'button teach': ['config', 'socket', 'json', 'bias', 'chip', 'port'],
  'dome discover': discoverFlags,
  'dome probe': probeFlags,
  export: ['config', 'socket', 'incident', 'reason', 'out'],
  verify: ['key', 'json'],
};

/** Of a flag that was given with something. */
export const text = (value: Value | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

export interface Typed {
  readonly command: string;
  readonly values: Flags;
  /** What `verify` is to look at. */
  readonly file: string | null;
}

/** The command and its flags, or what is wrong with them. */
export function parse(argv: readonly string[]): Typed | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: flags,
      allowPositionals: true,
    });
    const words = ['button', 'dome'].includes(positionals[0] ?? '') ? 2 : 1;
    const command = positionals.slice(0, words).join(' ') || undefined;
    const rest = positionals.slice(words);
    if (values.help === true) return { command: 'help', values, file: null };
    if (values.version === true) return { command: 'version', values, file: null };
    if (command === undefined) return 'a command is missing';
    if (command === 'help') return { command, values, file: null };
    const known = Object.hasOwn(commands, command) ? commands[command] : undefined;
    if (!known) return `unknown command: ${command}`;
    const [file = null, more] = command === 'verify' ? rest : [null, rest[0]];
    if (more !== undefined) return `${command} takes no ${more}`;
    const alien = Object.keys(values).find((flag) => !known.includes(flag));
    return alien === undefined ? { command, values, file } : `${command} has no --${alien}`;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message.split('. ')[0] ?? error.message;
  }
}
