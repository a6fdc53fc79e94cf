// One command of the command line: what may be typed, what `--help` says of it, what it does. Each is a file
// of this directory that wires a person's words to a module elsewhere; commands.ts is their list.

import type { ParseArgsOptionsConfig } from 'node:util';
import type { ParseProfile, Surroundings } from '../config.ts';
import { socketIn } from '../config.ts';
import { askControl, ControlFailed } from '../control.ts';
import type { DomeCommand } from '../dome/command.ts';
import type { Clock } from '../ports.ts';
import { systemClock } from '../system/clock.ts';

/** Exit codes, as sysexits.h; some commands have their own beside them, and their usage says so. */
export const exits = {
  ok: 0,
  usage: 64,
  unavailable: 69,
  cannotWrite: 73,
  protocol: 76,
  noAccess: 77,
  config: 78,
} as const;

export interface RunRequest {
  readonly file: string;
  readonly around: Surroundings;
  /** `--state`, or null: as the environment says. */
  readonly stateDir: string | null;
  /** Where control.sock is while there is no configuration to say so. */
  readonly socket: string;
}

/** The world of the command line. */
export interface Cli {
  readonly version: string;
  /** Default: the system's. */
  readonly clock?: Clock;
  readonly parseProfile: ParseProfile;
  /** The daemon. Its exit code; a `Refusal` it throws is printed, exit 78. */
  run(request: RunRequest): Promise<number>;
  /** Default: the process's own. */
  readonly out?: (text: string) => void;
  readonly err?: (text: string) => void;
  readonly env?: NodeJS.ProcessEnv;
  /** When `button teach` is to end; default: at Ctrl-C. */
  readonly ended?: () => Promise<void>;
  /** Where ready profiles of domes may lie. */
  readonly domes?: readonly string[];
  /** Who answers what is asked; default: standard input. */
  readonly input?: DomeCommand['input'];
}

type Value = string | boolean;

/** As they were typed. */
export interface Flags {
  readonly [flag: string]: Value | readonly Value[] | undefined;
}

/** What a command is given. */
export interface Asked {
  readonly cli: Cli;
  readonly around: Surroundings;
  /** The configuration file: `--config`, or as the environment says. */
  readonly file: string;
  readonly flags: Flags;
  /** What stood there beside flags, for a command that takes one. */
  readonly operand: string | null;
  readonly clock: Clock;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

export interface Command {
  /** One word or two. */
  readonly name: string;
  readonly flags: ParseArgsOptionsConfig;
  /** It takes one word beside its flags. */
  readonly takesOperand?: true;
  /** How it is typed, what it does and its exit codes: lines of 108 characters at most. */
  readonly usage: string;
  /** Lines about its flags, where they need some. */
  readonly notes?: string;
  /** The exit code. Loads what it needs by itself: the daemon's start is not to wait for it. */
  run(asked: Asked): number | Promise<number>;
}

/** Flags of more than one command. */
export const configFlag = { config: { type: 'string' } } as const;
export const jsonFlag = { json: { type: 'boolean' } } as const;
/** For those who ask the daemon. */
export const socketFlags = { ...configFlag, socket: { type: 'string' } } as const;

/** Of a flag that was given with something. */
export const text = (value: Flags[string]): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

export type Ask = (verb: string, args?: { readonly [name: string]: unknown }) => Promise<unknown>;

/** The daemon's answer is none that this version knows. */
export class UnknownAnswer extends Error {
  override readonly name = 'UnknownAnswer';
  override readonly message = 'the daemon answers in a form this version does not know';
}

const askTimeoutMs = 3000;

/** Lets `use` ask the daemon; what it cannot be asked, or does not answer, is told with an exit code. */
export async function asking(
  asked: Asked,
  use: (ask: Ask) => Promise<number>,
  timeoutMs = askTimeoutMs,
): Promise<number> {
  const { flags, clock, err } = asked;
  const path = text(flags.socket) ?? socketIn(asked.file, asked.around);
  const ask: Ask = (verb, args = {}) => askControl({ path, verb, args, timeoutMs, clock });
  try {
    return await use(ask);
  } catch (error) {
    if (!(error instanceof ControlFailed || error instanceof UnknownAnswer)) throw error;
    err(`gate-agent: ${error.message}\n`);
    if (error instanceof UnknownAnswer) return exits.protocol;
    if (error.reason === 'refused') return exits.usage;
    return error.reason === 'no-access' ? exits.noAccess : exits.unavailable;
  }
}

/** Ctrl-C, and a reader of our output that has gone. */
export const interrupted = (): Promise<void> =>
  new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
    process.stdout.once('error', () => done());
  });

/** The system's, where nobody has given another. */
export const clockOf = ({ clock }: Cli): Clock => clock ?? systemClock();
