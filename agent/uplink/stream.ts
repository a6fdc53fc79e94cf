// The bytes to a broker: TCP, or TLS with the chain verified up to the configured authority. While the
// clock is behind, TLS ends unverified and nothing is sent, not even our name, until the chain has been
// judged by the later time (judge.ts) and the name compared.

import { X509Certificate } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect as connectTls,
  type DetailedPeerCertificate,
  type TLSSocket,
} from 'node:tls';
import type { Clock } from '../ports.ts';
import type { Broker } from './client.ts';
import type { Dates } from './dates.ts';
import { judge } from './judge.ts';

export function streamTo(broker: Broker, dates: Dates, clock: Clock): Duplex {
  const url = new URL(broker.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol !== 'mqtts:')
    return atOnce(connectTcp({ host, port: Number(url.port || 1883) }));
  const { ca, cert, key } = broker;
  const options: ConnectionOptions = {
    ...{ host, port: Number(url.port || 8883), rejectUnauthorized: true },
    ...Object.fromEntries(Object.entries({ ca, cert, key }).filter(([, pem]) => pem !== undefined)),
    ...(isIP(host) === 0 ? { servername: host } : {}),
  };
  if (!dates.isBehind || ca === undefined) return atOnce(connectTls(options));
  const judged = async (socket: TLSSocket): Promise<Error | null> => {
    const peer = socket.getPeerCertificate(true);
    const refused = await judge({ chain: chainOf(peer), ca, atMs: dates.judgedMs }, clock);
    return refused ?? checkServerIdentity(host, peer) ?? null;
  };
  return new JudgedStream(atOnce(connectTls({ ...options, rejectUnauthorized: false })), judged);
}

/** Or the kernel holds an alarm for 40 ms behind a QoS 0 message that it follows: until the broker's machine
 * acknowledges that one (Nagle's algorithm, delayed acknowledgement). */
function atOnce<S extends Socket>(socket: S): S {
  socket.setNoDelay(true);
  return socket;
}

/** From the broker's own certificate upwards, as far as it sent them. */
function chainOf(peer: DetailedPeerCertificate): string[] {
  const chain: string[] = [];
  const seen = new Set<string>();
  // The last names itself as its issuer, or none.
  for (let at = peer; at?.raw && !seen.has(at.fingerprint256); at = at.issuerCertificate) {
    seen.add(at.fingerprint256);
    chain.push(new X509Certificate(at.raw).toString());
  }
  return chain;
}

/** Holds everything back until `judged` has resolved with null; ends with its error otherwise. */
export class JudgedStream extends Duplex {
  readonly #socket: TLSSocket;
  #trusted = false;
  #held: (() => void) | null = null;

  constructor(socket: TLSSocket, judged: (socket: TLSSocket) => Promise<Error | null>) {
    super();
    this.#socket = socket;
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    socket.once('secureConnect', () => {
      judged(socket).then(
        (error) => (error ? this.destroy(error) : this.#trust()),
        (error: Error) => this.destroy(error),
      );
    });
  }

  #trust(): void {
    if (this.destroyed) return;
    this.#trusted = true;
    this.#socket.on('data', (chunk) => {
      if (!this.push(chunk)) this.#socket.pause();
    });
    this.#socket.on('end', () => this.push(null));
    this.#held?.();
    this.#held = null;
  }

  override _read(): void {
    if (this.#trusted) this.#socket.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#trusted) this.#socket.write(chunk, done);
    else this.#held = () => this.#socket.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
