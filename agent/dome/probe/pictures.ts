// Eyes for the probe: snapshots of the dome, small and as colours, and whether something in them is now red,
// now blue where it was neither before, or all of it brighter. Fetches with digest where it is asked for;
// ffmpeg decodes.

import { spawn } from 'node:child_process';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { type Credentials, Digest } from '../../digest.ts';
import type { Clock } from '../../ports.ts';
import { trusting } from '../../trust.ts';

const columns = 32;
const rows = 18;
const cells = columns * rows;
/** Red, green and blue of each cell, line by line. */
export type Picture = Uint8Array;

const jpegBytesMax = 8 * 1024 * 1024;
const fetchMs = 8000;
/** Between two; no divisor of a usual flash. */
const everyMs = 130;
const decodeMs = 10_000;

/** A cell is red when red stands so far above the mean of the others; of 255. */
const strong = 30;
/** Such a share of the picture must do it: a lamp, and not a passing car's. */
const shareMin = 0.01;

type Tint = (red: number, green: number, blue: number) => number;
const redness: Tint = (red, green, blue) => red - (green + blue) / 2;
const blueness: Tint = (red, green, blue) => blue - (red + green) / 2;

/** How much more of a tint each cell has at most than it ever had before. */
function gains(tint: Tint, before: readonly Picture[], after: readonly Picture[]): number[] {
  const most = (pictures: readonly Picture[], cell: number) =>
    Math.max(
      ...pictures.map((picture) =>
        tint(picture[cell * 3] ?? 0, picture[cell * 3 + 1] ?? 0, picture[cell * 3 + 2] ?? 0),
      ),
    );
  return Array.from({ length: cells }, (_, cell) => most(after, cell) - most(before, cell));
}

/** The same places are red at one time and blue at another, and were neither before. */
export function showsRedAndBlue(before: readonly Picture[], after: readonly Picture[]): boolean {
  if (before.length === 0 || after.length < 2) return false;
  const [red, blue] = [gains(redness, before, after), gains(blueness, before, after)];
  const both = red.filter((gain, cell) => gain > strong && (blue[cell] ?? 0) > strong);
  return both.length >= cells * shareMin;
}

/** How bright a picture is in the mean, of 255. */
const brightness = (pictures: readonly Picture[]): number =>
  pictures.reduce((sum, picture) => sum + picture.reduce((all, level) => all + level, 0), 0) /
  (pictures.length * cells * 3);

/** So much of 255 a lamp adds, and a cloud that passes within a second does not. */
const lampMin = 15;

/** The whole picture has become brighter. */
export const isBrighter = (before: readonly Picture[], after: readonly Picture[]): boolean =>
  before.length > 0 && after.length > 0 && brightness(after) - brightness(before) > lampMin;

export interface EyesOptions {
  /** Null: the dome has no snapshots, and nothing is ever seen. */
  readonly url: string | null;
  readonly credentials: Credentials;
  readonly ca: string | null;
  readonly clock: Clock;
}

export class Eyes {
  readonly #options: EyesOptions;
  readonly #digest: Digest;
  /** Snapshots that could not be had; after a few it is not tried any more. */
  #failures = 0;
  #isBlind = false;

  constructor(options: EyesOptions) {
    this.#options = options;
    this.#digest = new Digest(options.credentials);
  }

  /** So many, spread over time, for a strobe has its dark moments; fewer where the dome gives no more. Never
   * rejects. */
  async look(count: number): Promise<readonly Picture[]> {
    const jpegs: Buffer[] = [];
    for (let n = 0; n < count && this.#failures < 3; n += 1) {
      if (n > 0) await new Promise<void>((done) => this.#options.clock.after(everyMs, done));
      const jpeg = await this.#snapshot();
      if (jpeg) jpegs.push(jpeg);
      else this.#failures += 1;
    }
    if (jpegs.length === 0) return [];
    return await decode(jpegs, this.#options.clock, () => {
      this.#isBlind = true;
    });
  }

  /** ffmpeg is not there: nothing can be seen in any picture. */
  get isBlind(): boolean {
    return this.#isBlind;
  }

  async #snapshot(): Promise<Buffer | null> {
    const { url } = this.#options;
    if (url === null) return null;
    const path = new URL(url).pathname + new URL(url).search;
    for (let tries = 0; tries < 2; tries += 1) {
      const signed = this.#digest.sign('GET', path);
      const reply = await this.#get(url, signed?.header ?? null);
      if (reply?.status === 200) return reply.body;
      // A login that was refused is not tried again: it was the right one a moment ago.
      if (reply?.status !== 401 || signed?.fresh || !this.#digest.adopt(reply.challenges))
        return null;
    }
    return null;
  }

  #get(url: string, authorization: string | null) {
    const { clock, ca } = this.#options;
    const headers = authorization === null ? {} : { Authorization: authorization };
    const secure = url.startsWith('https:');
    return new Promise<{ status: number; body: Buffer; challenges: string[] } | null>((done) => {
      const asking = secure
        ? requestTls(url, { headers, ...trusting(ca) })
        : request(url, { headers });
      const end = (reply: Parameters<typeof done>[0]) => {
        cancel();
        asking.destroy();
        done(reply);
      };
      const cancel = clock.after(fetchMs, () => end(null));
      asking.on('error', () => end(null));
      asking.on('response', (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('error', () => end(null));
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > jpegBytesMax) end(null);
          else chunks.push(chunk);
        });
        response.on('end', () => {
          const named = response.headersDistinct['www-authenticate'] ?? [];
          end({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), challenges: named });
        });
      });
      asking.end();
    });
  }
}

/** One ffmpeg for all of them; none where it fails. */
function decode(
  jpegs: readonly Buffer[],
  clock: Clock,
  blind: () => void,
): Promise<readonly Picture[]> {
  const input = ['-f', 'image2pipe', '-c:v', 'mjpeg', '-i', 'pipe:0'];
  const output = ['-vf', `scale=${columns}:${rows}:flags=area`, '-pix_fmt', 'rgb24'];
  const raw = ['-f', 'rawvideo', 'pipe:1'];
  const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'quiet', '-threads', '1'];
  return new Promise((done) => {
    const child = spawn(
      'ffmpeg',
      [...quiet, ...input, ...output, '-fps_mode', 'passthrough', ...raw],
      {
        stdio: ['pipe', 'pipe', 'ignore'],
      },
    );
    const cancel = clock.after(decodeMs, () => child.kill('SIGKILL'));
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = () => {
      cancel();
      const all = Buffer.concat(chunks);
      const count = Math.floor(all.length / (cells * 3));
      done(
        Array.from({ length: count }, (_, n) => all.subarray(n * cells * 3, (n + 1) * cells * 3)),
      );
    };
    child.on('error', () => {
      blind();
      end();
    });
    child.on('close', end);
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= jpegs.length * cells * 3) chunks.push(chunk);
    });
    // It may end before it has read everything.
    child.stdin.on('error', () => child.kill('SIGKILL'));
    child.stdin.end(Buffer.concat(jpegs));
  });
}
