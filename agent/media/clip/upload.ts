// A file to an address that the platform hands out: PUT in pieces, resumed where the server says it is
// (`Content-Range` there, 308 and `Range` back). A line that breaks is tried again, a refusal is not.

import { createHash } from 'node:crypto';
import { type Master, SealBroken } from '../../sealed/format.ts';
import { KeptFile } from '../../sealed/kept-file.ts';
import { Refused } from '../outward.ts';
import { isDiskError } from './disk.ts';
import { Put, type PutOptions } from './put.ts';

export interface UploadOptions extends PutOptions {
  readonly path: string;
  /** Under which it is sealed. */
  readonly master?: Master | null;
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
        if (error instanceof Refused || error instanceof SealBroken) return error.message;
        if (isDiskError(error) && error.syscall === 'open') return `no such file here`;
        // Whatever else it was: the line, the server, the disk. Another time it may work.
      }
      await this.#pause(Math.min(pause.most, pause.first * 2 ** Math.min(tries, 10)));
    }
    return undefined;
  }

  async #once(moved: () => void): Promise<void> {
    const put = new Put(this.#options);
    const { path, master = null } = this.#options;
    const file = await KeptFile.open(path, master);
    try {
      const { size } = file;
      const digest = await digestOf(file);
      let answer = await put.send(Buffer.alloc(0), `*/${size}`, digest);
      while (answer.status === 308 && this.#isOpen) {
        const { has } = answer;
        if (has > size) throw new Refused(`the server has ${has} bytes of ${size}`);
        const piece = await file.read(has, pieceBytes);
        if (piece.length === 0) throw new Refused('the server has all of it and is not content');
        const range = `${has}-${has + piece.length - 1}/${size}`;
        answer = await put.send(piece, range, digest);
        if (answer.status === 308 && answer.has <= has) throw new Error('it has taken nothing');
        moved();
      }
    } finally {
      await file.close();
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

async function digestOf(file: KeptFile): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < file.size; ) {
    const piece = await file.read(at, pieceBytes);
    if (piece.length === 0) break;
    hash.update(piece);
    at += piece.length;
  }
  return hash.digest('base64');
}
