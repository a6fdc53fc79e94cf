// A file to an address that the platform hands out: PUT in pieces, resumed where the server says it is
// (`Content-Range` there, 308 and `Range` back). A line that breaks is tried again, a refusal is not.

import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { Refused } from '../outward.ts';
import { isDiskError } from './disk.ts';
import { Put, type PutOptions } from './put.ts';

export interface UploadOptions extends PutOptions {
  readonly path: string;
  readonly pauseMs?: { readonly first: number; readonly most: number };
}

/** Small enough that an alarm on the same line waits for no more than that. */
const pieceBytes = 256 * 1024;
const pauses = { first: 1_000, most: 60_000 } as const;

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
    const put = new Put(this.#options);
    const handle = await open(this.#options.path);
    try {
      const { size } = await handle.stat();
      const digest = await digestOf(handle, size);
      let answer = await put.send(Buffer.alloc(0), `*/${size}`, digest);
      while (answer.status === 308 && this.#isOpen) {
        const { has } = answer;
        if (has > size) throw new Refused(`the server has ${has} bytes of ${size}`);
        const piece = Buffer.alloc(Math.min(pieceBytes, size - has));
        const { bytesRead } = await handle.read(piece, 0, piece.length, has);
        if (bytesRead === 0) throw new Refused('the server has all of it and is not content');
        const range = `${has}-${has + bytesRead - 1}/${size}`;
        answer = await put.send(piece.subarray(0, bytesRead), range, digest);
        if (answer.status === 308 && answer.has <= has) throw new Error('it has taken nothing');
        moved();
      }
    } finally {
      await handle.close();
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((done) => {
      if (!this.#isOpen) return done();
      const cancel = this.#options.clock.after(delayMs, done);
      this.#wake = () => {
        cancel();
        done();
      };
    });
  }
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
