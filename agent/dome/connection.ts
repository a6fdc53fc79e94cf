// One connection to the dome: a request at a time, its answer, then idle until the next. Says whether an
// error means that the dome never saw the request, and whether its machine has forgotten the connection.

import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { DomeError } from './error.ts';
import { type RawReply, ReplyReader } from './reply-reader.ts';

/** The dome ended a kept connection before it answered anything: it may be asked again on another. */
export class StaleConnection extends DomeError {
  /** Its machine answered with a reset. A server that closes a connection says so first, so this one
   * does not know of it: it has restarted since. */
  readonly forgotten: boolean;

  constructor(message: string, forgotten: boolean, cause?: unknown) {
    super('broken', message, cause === undefined ? {} : { cause });
    this.forgotten = forgotten;
  }
}

/** Errors of a socket on which no request can have reached the dome. */
const notReached = [
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
];
/** Probes of an idle connection, so that a dome that vanished is not waited for. */
const keepAliveMs = 1000;

interface Exchange {
  readonly reader: ReplyReader;
  readonly done: (reply: RawReply) => void;
  readonly failed: (error: DomeError) => void;
}

export class Connection {
  readonly #socket: Socket;
  readonly #gone: (it: Connection) => void;
  #exchange: Exchange | null = null;
  #heard = false;
  #answers = 0;

  /** `gone` is called when no request can go out on it any more. */
  constructor(
    to: { readonly host: string; readonly port: number },
    tls: ConnectionOptions | null,
    gone: (it: Connection) => void,
  ) {
    this.#gone = gone;
    this.#socket = tls ? connectTls({ ...to, ...tls }) : connectTcp(to);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk) => this.#data(chunk));
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('error', (error) => this.#end(error));
    this.#socket.on('close', () => this.#end(null));
  }

  /** False while it is still being made. */
  get connected(): boolean {
    return !this.#socket.connecting;
  }

  /** `bytes`: head and body, one byte a character. They leave with the loop's next tick: who asks may be
   * in the middle of a commit, and nothing is told before it (rule 1). */
  ask(bytes: string): Promise<RawReply> {
    this.#heard = false;
    this.#socket.ref();
    this.#socket.cork();
    this.#socket.write(bytes, 'latin1');
    process.nextTick(() => this.#socket.uncork());
    return new Promise((done, failed) => {
      this.#exchange = { reader: new ReplyReader(), done, failed };
    });
  }

  /** Ends it; the request in hand fails with `reason`. */
  destroy(reason: DomeError): void {
    this.#fail(reason);
    this.#socket.destroy();
  }

  #data(chunk: Buffer): void {
    const exchange = this.#exchange;
    if (!exchange) return void this.#socket.destroy();
    this.#heard = true;
    try {
      const reply = exchange.reader.take(chunk);
      if (reply) this.#answered(exchange, reply);
    } catch (error) {
      if (!(error instanceof DomeError)) throw error;
      this.destroy(error);
    }
  }

  #answered({ done }: Exchange, reply: RawReply): void {
    this.#exchange = null;
    this.#answers += 1;
    if (reply.reusable) {
      // An idle daemon may end.
      this.#socket.unref();
      this.#socket.setKeepAlive(true, keepAliveMs);
    } else this.#socket.destroy();
    done(reply);
  }

  #ended(): void {
    const exchange = this.#exchange;
    if (exchange && this.#heard) {
      try {
        this.#answered(exchange, exchange.reader.end());
      } catch (error) {
        if (!(error instanceof DomeError)) throw error;
        this.#fail(error);
      }
    }
    this.#end(null);
    this.#socket.destroy();
  }

  #end(error: Error | null): void {
    this.#gone(this);
    if (this.#exchange) this.#fail(this.#explain(error));
  }

  #explain(error: Error | null): DomeError {
    const code = error && 'code' in error && typeof error.code === 'string' ? error.code : '';
    const told = error
      ? code && !error.message.includes(code)
        ? `${error.message} (${code})`
        : error.message
      : 'the dome closed the connection';
    const more = error ? { cause: error } : {};
    if (notReached.includes(code)) return new DomeError('unreachable', told, more);
    if (this.#answers > 0 && !this.#heard && (!error || ['ECONNRESET', 'EPIPE'].includes(code)))
      return new StaleConnection(told, code === 'ECONNRESET', error ?? undefined);
    return new DomeError('broken', told, more);
  }

  #fail(error: DomeError): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#gone(this);
    exchange?.failed(error);
  }
}
