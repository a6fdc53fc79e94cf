// Fetches a file by GET from an address that the platform hands out, behind everything else: a piece at a
// time with a rest after each, and nothing while an alarm may need the line. What is here already is not
// asked for again (Range), in another life of the daemon neither. A line that breaks is tried again.

import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { BlockList } from 'node:net';
import { judgedUrl, lookupOf, Refused } from '../media/outward.ts';
import type { Clock } from '../ports.ts';

export interface DownloadOptions {
  readonly clock: Clock;
  readonly url: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** Where it grows. */
  readonly path: string;
  /** PEM; null: what the program trusts by itself. */
  readonly ca: string | null;
  /** Where it may not lead; null: anywhere. Asked anew for each attempt. */
  readonly own: () => BlockList | null;
  readonly pauseMs?: { readonly first: number; readonly most: number; readonly rest: number };
}

/** One rest after so much: some 2 MB a second at most. */
const pieceBytes = 64 * 1024;
const pauses = { first: 1_000, most: 60_000, rest: 30 } as const;
const timeoutMs = 30_000;
const redirectsMax = 3;

export class Download {
  /** An alarm is open: the line is for it. */
  isPaused = false;
  /** So much of it is here. */
  has = 0;
  readonly #options: DownloadOptions;
  #isOpen = true;
  /** An earlier life has left some of it. */
  #isOld: boolean | null = null;
  #wake: () => void = () => undefined;
  #answer: IncomingMessage | null = null;

  constructor(options: DownloadOptions) {
    this.#options = options;
  }

  close(): void {
    this.#isOpen = false;
    this.#answer?.destroy();
    this.#wake();
  }

  /** Null when all of it is here, else why it never will be; undefined where it was closed before. Rejects
   * with what the disk throws. */
  async run(): Promise<string | null | undefined> {
    const { first, most } = this.#pauses;
    const handle = await open(this.#options.path, 'a+', 0o600);
    try {
      for (let tries = 0; this.#isOpen; tries++) {
        const had = this.has;
        try {
          if (await this.#once(handle)) return null;
        } catch (error) {
          if (error instanceof Refused) return error.message;
          if (isOfDisk(error)) throw error;
          // Whatever else it was: the line, the server. Another time it may work.
        }
        if (this.has > had) tries = 0;
        await this.#pause(Math.min(most, first * 2 ** Math.min(tries, 10)));
      }
      return undefined;
    } finally {
      await handle.close();
    }
  }

  get #pauses() {
    return this.#options.pauseMs ?? pauses;
  }

  /** True when it is all there, and right. */
  async #once(handle: FileHandle): Promise<boolean> {
    const { bytes, sha256 } = this.#options;
    await this.#whilePaused();
    const hash = await this.#hashed(handle);
    if (this.has < bytes) {
      this.#answer = await this.#ask(this.has);
      if (this.#answer.statusCode !== 206 && this.has > 0)
        throw await this.#anew(handle, new Error('the server begins at the beginning'));
      await this.#takeAll(handle, hash, this.#answer);
    }
    if (!this.#isOpen || this.has < bytes) return false;
    if (hash.digest('hex') !== sha256) {
      const isOld = this.#isOld;
      this.#isOld = false;
      const why = 'what came is not what was offered: SHA-256';
      // What an earlier life has left may have lost its end with the power: once more from the beginning.
      throw await this.#anew(handle, isOld ? new Error(why) : new Refused(why));
    }
    await handle.sync();
    return true;
  }

  async #takeAll(handle: FileHandle, hash: Hash, answer: IncomingMessage): Promise<void> {
    const chunks: AsyncIterator<Buffer> = answer[Symbol.asyncIterator]();
    for (;;) {
      const late = () => answer.destroy(new Error('nothing comes'));
      const cancel = this.#options.clock.after(timeoutMs, late);
      const { done, value } = await chunks.next().finally(cancel);
      if (done) return;
      await this.#take(handle, hash, value);
    }
  }

  async #take(handle: FileHandle, hash: Hash, chunk: Buffer): Promise<void> {
    const { bytes } = this.#options;
    if (this.has + chunk.length > bytes)
      throw await this.#anew(handle, new Refused(`there are more than ${bytes} bytes`));
    await handle.write(chunk);
    hash.update(chunk);
    const before = this.has;
    this.has += chunk.length;
    const isPiece = Math.floor(before / pieceBytes) < Math.floor(this.has / pieceBytes);
    if (isPiece) await this.#pause(this.#pauses.rest);
    await this.#whilePaused();
  }

  async #whilePaused(): Promise<void> {
    while (this.isPaused && this.#isOpen) await this.#pause(this.#pauses.first);
  }

  /** What is here is of no use. */
  async #anew(handle: FileHandle, why: Error): Promise<Error> {
    await handle.truncate(0);
    this.has = 0;
    return why;
  }

  /** Of what is here, from its beginning. */
  async #hashed(handle: FileHandle): Promise<Hash> {
    const { size } = await handle.stat();
    this.#isOld ??= size > 0;
    if (size > this.#options.bytes) await handle.truncate(0);
    const hash = createHash('sha256');
    const piece = Buffer.alloc(pieceBytes);
    this.has = 0;
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, piece.length, this.has);
      if (bytesRead === 0) return hash;
      hash.update(piece.subarray(0, bytesRead));
      this.has += bytesRead;
    }
  }

  async #ask(from: number): Promise<IncomingMessage> {
    let address = this.#options.url;
    const own = this.#options.own();
    for (let redirects = 0; redirects <= redirectsMax; redirects++) {
      const url = judgedUrl(address, own);
      const answer = await this.#get(url, own, from);
      const { statusCode: status = 0, headers } = answer;
      if (
        status === 200 ||
        status === 416 ||
        (status === 206 && beginsAt(headers['content-range'], from))
      )
        return answer;
      answer.destroy();
      if ([301, 302, 303, 307, 308].includes(status) && headers.location !== undefined)
        address = URL.parse(headers.location, url)?.href ?? '';
      else if (status >= 500 || status === 408 || status === 429) throw new Error(`HTTP ${status}`);
      else throw new Refused(`the server says HTTP ${status}`);
    }
    throw new Refused('the server sends it on and on');
  }

  #get(url: URL, own: BlockList | null, from: number): Promise<IncomingMessage> {
    const { ca, clock } = this.#options;
    return new Promise((done, failed) => {
      const asked = request(url, {
        ...{ agent: false, ...(ca === null ? {} : { ca }), ...lookupOf(own) },
        headers: from > 0 ? { Range: `bytes=${from}-` } : {},
      });
      const cancel = clock.after(timeoutMs, () => asked.destroy(new Error('no answer')));
      asked.on('error', (error) => {
        cancel();
        failed(error);
      });
      asked.on('response', (answer) => {
        cancel();
        done(answer);
      });
      asked.end();
    });
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

/** "bytes 100-199/200" */
const beginsAt = (range: string | undefined, from: number): boolean =>
  range?.startsWith(`bytes ${from}-`) ?? false;

const isOfDisk = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'].includes(String(error.code));
