// The logger: pino, JSON lines to standard output for journald, pretty where that is a terminal.
// Never blocks: what the reader does not take is dropped beyond 1 MB. Bounded in rate: a line that
// repeats is left out and counted. What must never be logged is masked by name, type and value.

import { createRequire } from 'node:module';
import { type LogFn, pino } from 'pino';
import * as z from 'zod';
import type { Secret } from './config/secret.ts';
import { RateLimit } from './log/rate.ts';
import { Recent } from './log/recent.ts';
import type { Clock } from './ports.ts';
import { systemClock } from './system/clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Fields first, then the message: `log.info({ terminal }, 'armed')`. */
export interface Log {
  readonly debug: LogFn;
  readonly info: LogFn;
  readonly warn: LogFn;
  readonly error: LogFn;
  /** From now on these values are masked wherever they turn up in a line. */
  hide(secrets: readonly (Secret | null)[]): void;
  /** The last lines, from a number on, so many characters. */
  recent(from: number, chars: number): ReturnType<Recent['page']>;
  /** Tells what was left out, then writes what waits, blocking. `process.exit` writes it, too. */
  close(): void;
}

/** Where lines go: `write` takes one whole line, `flush` returns when all are written. */
export interface LogSink {
  write(line: string): void;
  flush(): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly clock?: Clock;
  /** Default: standard output. */
  readonly sink?: LogSink;
}

const bufferBytesMax = 1024 * 1024;
/** A shorter secret would mask ordinary words. */
const secretLengthMin = 4;

const hidden = [
  'password',
  'passphrase',
  'secret',
  'token',
  'key',
  'pin',
  'authorization',
  'cookie',
  'credential',
  'sdp',
  'candidates',
  'url',
];

export function createLog({ level, clock = systemClock(), sink }: LogOptions): Log {
  const out = sink ?? prettyOutput() ?? jsonOutput();
  const masks = new Set<string>();
  const recent = new Recent();
  const limit = new RateLimit(clock, (leftOut, line) => {
    logger.warn({ [unlimited]: true, leftOut, line }, 'repeated lines left out');
  });
  const logger = pino(
    {
      level,
      base: null,
      // journald and people both read ISO time, and the level as a word.
      timestamp: () => `,"time":"${new Date(clock.now().wallMs).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
      redact: {
        paths: hidden.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]),
        censor: '[secret]',
      },
      hooks: {
        logMethod(args, method, number) {
          const mayPass = isUnlimited(args[0]) || limit.allows(`${number} ${lineOf(args)}`);
          if (mayPass) method.apply(this, args);
        },
      },
    },
    {
      write(line: string) {
        const clean = masked(line, masks);
        recent.add(clean);
        out.write(clean);
      },
    },
  );
  return {
    debug: logger.debug.bind(logger),
    info: logger.info.bind(logger),
    warn: logger.warn.bind(logger),
    error: logger.error.bind(logger),
    hide(secrets) {
      for (const secret of secrets) {
        const value = secret?.reveal() ?? '';
        if (value.length < secretLengthMin) continue;
        masks.add(value);
        // As it stands in a line of JSON.
        masks.add(JSON.stringify(value).slice(1, -1));
      }
    },
    recent: (from, chars) => recent.page(from, chars),
    close() {
      limit.close();
      out.flush();
    },
  };
}

const unlimited = Symbol('unlimited');

const isUnlimited = (first: unknown): boolean =>
  typeof first === 'object' && first !== null && unlimited in first;

/** What tells one line from another: its message, and the fault or kind it is about. */
function lineOf(args: readonly unknown[]): string {
  const [first, second] = args;
  if (typeof first !== 'object' || first === null) return String(first).slice(0, 200);
  const about = 'fault' in first ? first.fault : 'kind' in first ? first.kind : '';
  const message = second ?? (first instanceof Error ? first.message : '');
  const kind = typeof about === 'string' ? about : about === '' ? '' : kindOf(about);
  return `${String(message)} ${kind}`.trim().slice(0, 200);
}

const kindOf = (about: unknown): string =>
  typeof about === 'object' && about !== null && 'kind' in about ? String(about.kind) : '';

function masked(line: string, masks: ReadonlySet<string>): string {
  let clean = line;
  for (const mask of masks) if (clean.includes(mask)) clean = clean.replaceAll(mask, '[secret]');
  return clean;
}

/** Standard output without waiting; pino writes what is left when the process exits. */
function jsonOutput(): LogSink {
  const stream = pino.destination({ fd: 1, sync: false, minLength: 0, maxLength: bufferBytesMax });
  let isOpen = true;
  // A reader that is gone takes the log with it and nothing else.
  stream.on('error', () => {
    isOpen = false;
  });
  return {
    write(line) {
      if (isOpen) stream.write(line);
    },
    flush() {
      if (isOpen) stream.flushSync();
    },
  };
}

/** What is used of pino-pretty: a maker of functions from a line of JSON to text for people. */
interface PrettyModule {
  prettyFactory(options: object): (line: string) => string | undefined;
}
const prettyModule = z.custom<PrettyModule>(
  (value) => typeof value === 'function' && 'prettyFactory' in value,
);

/** Lines for people; null where nobody looks, or pino-pretty is not installed. */
function prettyOutput(): LogSink | null {
  if (!process.stdout.isTTY) return null;
  try {
    const required: unknown = createRequire(import.meta.url)('pino-pretty');
    const pretty = prettyModule.parse(required).prettyFactory({ colorize: true, singleLine: true });
    return {
      write: (line) => void process.stdout.write(pretty(line) ?? line),
      flush: () => undefined,
    };
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
    if (isAbsent) return null;
    throw error;
  }
}
