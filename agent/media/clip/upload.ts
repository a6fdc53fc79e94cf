// A file to an address that the platform hands out: PUT in pieces, resumed where the server says it is
// (`Content-Range` there, 308 and `Range` back). A line that breaks is tried again, a refusal is not.

import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Clock } from '../../ports.ts';
import { isDiskError } from './disk.ts';

export interface UploadOptions {
  readonly clock: Clock;
  readonly path: string;
  readonly url: string;
  /** PEM; null: what the program trusts by itself. */
  readonly ca: string | null;
  readonly pauseMs?: { readonly first: number; readonly most: number };
}

/** Small enough that an alarm on the same line waits for no more than that. */
const pieceBytes = 256 * 1024;
const timeoutMs = 30_000;
const pauses = { first: 1_000, most: 60_000 } as const;

/** Will not be better the next time; the message says why, and holds no secret. */
class Refused extends Error {}

interface Answer {
  readonly status: number;
  /** What the server has, bytes. */
  readonly has: number;
}

export class Upload {
  readonly #options: UploadOptions;
  #isOpen = true;
  #wake: () => void = () => undefined;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  close(): void {
    this.#isOpen = false;
    this.#wake();
  }

  /** Null when all of it is there, else why it never will be; undefined where it was closed before. */
  async run(): Promise<string | null | undefined> {
    const pause = this.#options.pauseMs ?? pauses;
    for (let tries = 0; this.#isOpen; tries++) {
      try {
        await this.#once(() => {
          tries = 0;
        });
        return this.#isOpen ? null : undefined;
      } catch (error) {
        if (error instanceof Refused) return error.message;
        if (isDiskError(error) && error.syscall === 'open') return `no such file here`;
        // Whatever else it was: the line, the server, the disk. Another time it may work.
      }
      await this.#pause(Math.min(pause.most, pause.first * 2 ** Math.min(tries, 10)));
    }
    return undefined;
  }

  async #once(moved: () => void): Promise<void> {
    const handle = await open(this.#options.path);
    try {
      const { size } = await handle.stat();
      const digest = await digestOf(handle, size);
      let answer = await this.#put(Buffer.alloc(0), `*/${size}`, digest);
      while (answer.status === 308 && this.#isOpen) {
        const { has } = answer;
        if (has > size) throw new Refused(`the server has ${has} bytes of ${size}`);
        const piece = Buffer.alloc(Math.min(pieceBytes, size - has));
        const { bytesRead } = await handle.read(piece, 0, piece.length, has);
        if (bytesRead === 0) throw new Refused('the server has all of it and is not content');
        const range = `${has}-${has + bytesRead - 1}/${size}`;
        answer = await this.#put(piece.subarray(0, bytesRead), range, digest);
        moved();
      }
    } finally {
      await handle.close();
    }
  }

  #put(body: Buffer, range: string, digest: string): Promise<Answer> {
    const { url, ca, clock } = this.#options;
    return new Promise((done, failed) => {
      const asked = request(url, {
        ...{ method: 'PUT', agent: false, ...(ca === null ? {} : { ca }) },
        headers: {
          'Content-Type': 'application/octet-stream',
          'Content-Length': body.length,
          'Content-Range': `bytes ${range}`,
          'Repr-Digest': `sha-256=:${digest}:`,
        },
      });
      const cancel = clock.after(timeoutMs, () => asked.destroy(new Error('no answer')));
      asked.on('error', (error) => {
        cancel();
        failed(error);
      });
      asked.on('response', (response) => {
        response.on('error', failed);
        response.on('end', () => {
          cancel();
          judge(response, done, failed);
        });
        response.resume();
      });
      asked.end(body);
    });
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((done) => {
      const cancel = this.#options.clock.after(delayMs, done);
      this.#wake = () => {
        cancel();
        done();
      };
    });
  }
}

function judge(
  { statusCode: status = 0, headers }: IncomingMessage,
  done: (answer: Answer) => void,
  failed: (error: Error) => void,
): void {
  const last = /^bytes=0-(\d{1,15})$/.exec(String(headers.range ?? ''))?.[1];
  if (status === 200 || status === 201 || status === 204 || status === 308)
    return done({ status, has: last === undefined ? 0 : Number(last) + 1 });
  const again = status >= 500 || status === 408 || status === 429;
  failed(again ? new Error(`HTTP ${status}`) : new Refused(`the server says HTTP ${status}`));
}

async function digestOf(handle: FileHandle, size: number): Promise<string> {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(pieceBytes);
  for (let at = 0; at < size; ) {
    const { bytesRead } = await handle.read(piece, 0, piece.length, at);
    if (bytesRead === 0) break;
    hash.update(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash.digest('base64');
}
