// One client of control.sock: reads lines, answers one after the other, and never waits for a
// client that does not read. Nothing a client sends gets further than an answer to that client.

import type { Socket } from 'node:net';
import { Refusal } from '../refusal.ts';
import type { ControlOptions } from './server.ts';
import { type ControlAnswer, type ControlReason, controlLimits, request } from './wire.ts';

/** Serves until the client leaves or has to be dropped. */
export function serveClient(socket: Socket, options: ControlOptions): void {
  const idle = new IdleTimer(socket, options);
  socket.once('close', () => idle.stop());
  // A client that is gone is no fault; 'close' follows and the loop below ends.
  socket.on('error', () => socket.destroy());
  converse(socket, options, idle).then(
    () => socket.end(() => socket.destroy()),
    (error: unknown) => {
      if (!socket.destroyed) options.failed?.(asError(error));
      socket.destroy();
    },
  );
}

async function converse(socket: Socket, options: ControlOptions, idle: IdleTimer): Promise<void> {
  const newline = 0x0a;
  let rest: Buffer = Buffer.alloc(0);
  idle.start();
  const chunks: AsyncIterable<Buffer> = socket.iterator({ destroyOnReturn: false });
  for await (const chunk of chunks) {
    idle.start();
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      const line = rest.subarray(0, end);
      rest = rest.subarray(end + 1);
      if (line.length > controlLimits.lineBytesMax) return tooLong(socket);
      if (line.length > 0) {
        // A verb may take its time; the client is not idle while it waits for us.
        idle.stop();
        const reply = await answerLine(line, options);
        idle.start();
        if (!say(socket, reply)) return;
      }
    }
    if (rest.length > controlLimits.lineBytesMax) return tooLong(socket);
  }
}

async function answerLine(line: Buffer, options: ControlOptions): Promise<ControlAnswer> {
  const parsed = request.safeParse(jsonOf(line));
  if (!parsed.success) {
    return no(null, 'malformed', 'a line of JSON with id, verb and, where needed, args');
  }
  const { id, verb, args } = parsed.data;
  const call = Object.hasOwn(options.verbs, verb) ? options.verbs[verb] : undefined;
  if (!call) return no(id, 'unknown-verb', `known are: ${Object.keys(options.verbs).join(', ')}`);
  try {
    const result: unknown = (await call(args)) ?? null;
    // Seen here, not while writing: a result that is no JSON is the verb's failure.
    JSON.stringify(result);
    return { id, ok: true, result };
  } catch (error) {
    if (error instanceof Refusal) {
      const refused = no(id, 'refused', error.message);
      return { ...refused, error: { ...refused.error, fields: [...error.fields] } };
    }
    options.failed?.(asError(error));
    return no(id, 'failed', asError(error).message);
  }
}

const no = (id: string | null, reason: ControlReason, detail: string) => ({
  id,
  ok: false as const,
  error: { reason, detail },
});

/** False when the client had to be dropped. */
function say(socket: Socket, reply: ControlAnswer): boolean {
  if (socket.destroyed) return false;
  socket.write(`${JSON.stringify(reply)}\n`);
  if (socket.writableLength <= controlLimits.unreadBytesMax) return true;
  socket.destroy();
  return false;
}

function tooLong(socket: Socket): void {
  say(socket, no(null, 'too-long', `a line is ${controlLimits.lineBytesMax} bytes at most`));
}

/** The value of a line, undefined where it is no JSON. */
function jsonOf(line: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch {
    return undefined;
  }
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));

/** Ends a client that neither speaks nor reads. */
class IdleTimer {
  readonly #socket: Socket;
  readonly #options: ControlOptions;
  #cancel: (() => void) | null = null;

  constructor(socket: Socket, options: ControlOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  start(): void {
    this.stop();
    if (this.#socket.destroyed) return;
    this.#cancel = this.#options.clock.after(controlLimits.idleMs, () => this.#socket.destroy());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
