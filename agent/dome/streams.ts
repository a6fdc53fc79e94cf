// Where the dome's pictures are to be had: its main stream, a smaller one, a JPEG. Learnt when it connects,
// told when it is news, without user and password. And key pictures out of turn. Never on the way of an
// alarm.

import type { DomeStreams } from '../core/fact.ts';
import type { KeyPictures, StreamName } from '../core/picture.ts';
import type { Clock } from '../ports.ts';
import { asDomeError } from './error.ts';
import type { Endpoint } from './line.ts';
import {
  askOf,
  getSnapshotUri,
  getStreamUri,
  type MediaProfile,
  setSynchronizationPoint,
} from './media-profiles.ts';
import { type Ptz, reachable, type Scheme } from './ptz.ts';
import type { CallOptions, SoapClient } from './soap.ts';

/** Until it is asked again, where it did not answer. */
const againMs = 10_000;

export interface StreamsParts {
  readonly clock: Clock;
  readonly soap: SoapClient;
  readonly ptz: Ptz;
  readonly device: Device;
  readonly callMs: number;
  /** Sends a command where one may go out. */
  readonly guarded: <T>(call: () => Promise<T>) => Promise<T>;
  readonly tell: (streams: DomeStreams) => void;
}

export class Streams {
  readonly #parts: StreamsParts;
  #told = '';
  #asked: KeyPictures = { main: null, sub: null };
  #closed = false;
  #stopTimer: () => void = () => {};

  constructor(parts: StreamsParts) {
    this.#parts = parts;
  }

  /** Asks for them; the profiles have just been learnt, or could not be. */
  async look(): Promise<void> {
    this.#stopTimer();
    const { soap, ptz, device, callMs, tell } = this.#parts;
    const { profiles } = ptz;
    if (profiles.length === 0) return this.#later();
    try {
      const streams = await askStreams(soap, profiles, device, { deadlineMs: callMs });
      const key = JSON.stringify(streams);
      if (this.#closed || key === this.#told) return;
      this.#told = key;
      tell(streams);
    } catch (error) {
      asDomeError(error);
      this.#later();
    }
  }

  /** Asks for a key picture once for each time that one is wanted. */
  want(keyPictures: KeyPictures): void {
    const before = this.#asked;
    if (keyPictures === before) return;
    this.#asked = keyPictures;
    const nowMs = this.#parts.clock.now().monoMs;
    for (const name of ['main', 'sub'] as const) {
      const untilMs = keyPictures[name];
      if (untilMs !== null && untilMs !== before[name] && nowMs < untilMs)
        void this.#refresh(name, untilMs - nowMs);
    }
  }

  async #refresh(name: StreamName, leftMs: number): Promise<void> {
    const { soap, ptz, guarded } = this.#parts;
    const profile = mainAndSub(ptz.profiles)[name];
    if (!profile) return;
    try {
      const [asking, of] = [setSynchronizationPoint[profile.service], { profile: profile.token }];
      await guarded(() => soap.call(asking, of, { deadlineMs: leftMs }));
    } catch (error) {
      // The dome's own next one will come, be it later.
      asDomeError(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#stopTimer();
  }

  #later(): void {
    if (this.#closed) return;
    this.#stopTimer = this.#parts.clock.after(againMs, () => void this.#again());
  }

  async #again(): Promise<void> {
    try {
      await this.#parts.ptz.learn(this.#parts.callMs);
    } catch (error) {
      // A dome that cannot be turned has a picture all the same.
      asDomeError(error);
    }
    if (!this.#closed) await this.look();
  }
}

export interface Device {
  readonly endpoint: Endpoint;
  readonly scheme: Scheme;
}

/** Rejects where the dome is away; what it has not got is null. */
export async function askStreams(
  soap: SoapClient,
  profiles: readonly MediaProfile[],
  device: Device,
  options: CallOptions,
): Promise<DomeStreams> {
  const { main, sub } = mainAndSub(profiles);
  const ask = async (asking: typeof getStreamUri, profile: MediaProfile | null) =>
    profile && (await askOf(soap, asking, profile, options));
  const [rtspMain, rtspSub] = [await ask(getStreamUri, main), await ask(getStreamUri, sub)];
  const jpeg = (await ask(getSnapshotUri, main)) ?? (await ask(getSnapshotUri, sub));
  return {
    main: rtspMain && streamAddress(rtspMain, device),
    sub: rtspSub && streamAddress(rtspSub, device),
    snapshot: jpeg && snapshotAddress(jpeg, device),
  };
}

/** Where what its analytics see is to be had: beside the smallest picture that has it, or beside the main
 * one where no profile says so. Rejects where the dome is away. */
export async function metadataAddress(
  soap: SoapClient,
  ptz: Ptz,
  device: Device,
  options: CallOptions,
): Promise<string | null> {
  if (ptz.profiles.length === 0) await ptz.learn(options.deadlineMs);
  const having = ptz.profiles.filter(({ metadata }) => metadata);
  const [least] = [...having].sort((a, b) => a.pixels - b.pixels);
  const profile = least ?? mainAndSub(ptz.profiles).main;
  const told = profile && (await askOf(soap, getStreamUri, profile, options));
  return told && streamAddress(told, device);
}

/** The largest picture, and the smallest of the others: H.264 where there is a choice. */
function mainAndSub(profiles: readonly MediaProfile[]) {
  const pictures = profiles.filter(({ encoding }) => encoding !== null && encoding !== 'JPEG');
  const largestFirst = [...pictures].sort((a, b) => b.pixels - a.pixels);
  const main = largestFirst[0] ?? null;
  const others = largestFirst.filter((one) => one !== main && one.pixels < (main?.pixels ?? 0));
  const sub = others.findLast(({ encoding }) => encoding === 'H264') ?? others.at(-1) ?? null;
  return { main, sub };
}

/** Behind NAT a dome tells its inner address; the configured host is the one that is there. */
function streamAddress(told: string, { endpoint }: Device): string | null {
  if (!/^rtsps?:/i.test(told) || !URL.canParse(told)) return null;
  const { protocol, port, pathname, search } = new URL(told);
  const at = port === '' ? '' : `:${port}`;
  return `${protocol}//${hostOf(endpoint)}${at}${pathname}${search}`;
}

function snapshotAddress(told: string, { endpoint, scheme }: Device): string | null {
  if (!/^https?:/i.test(told)) return null;
  const { port, path } = reachable(told, endpoint, scheme);
  return `${scheme}//${hostOf(endpoint)}:${port}${path}`;
}

const hostOf = ({ host }: Endpoint): string => (host.includes(':') ? `[${host}]` : host);
