// What must be known before a preset or a PTZ auxiliary command can go out: address of the service, a
// profile that can move, tokens of the presets. Learnt beforehand, kept when a later look fails.

import { asDomeError, DomeError } from './error.ts';
import type { Endpoint } from './line.ts';
import { askProfiles, declines, type MediaProfile } from './media-profiles.ts';
import type { Place } from './motion-operations.ts';
import { getCapabilities, getPresets, getServices, type Preset } from './operations.ts';
import type { CallOptions, SoapClient } from './soap.ts';

interface Known {
  readonly profile: string;
  readonly presets: readonly Preset[];
}

export class Ptz {
  readonly #soap: SoapClient;
  readonly #device: Endpoint;
  readonly #scheme: Scheme;
  #known: Known | null = null;
  #profiles: readonly MediaProfile[] = [];
  #learning: Promise<Known> | null = null;

  constructor(soap: SoapClient, device: Endpoint, scheme: Scheme) {
    this.#soap = soap;
    this.#device = device;
    this.#scheme = scheme;
  }

  /** Token of the profile to name in PTZ calls. Asks the dome only while it is unknown. */
  async profile(options: CallOptions): Promise<string> {
    return (this.#known ?? (await this.learn(options.deadlineMs))).profile;
  }

  /** A camera that cannot turn has a picture all the same. */
  async #learnAtLeastProfiles({ deadlineMs }: CallOptions): Promise<void> {
    try {
      await this.learn(deadlineMs);
    } catch (error) {
      if (asDomeError(error).kind !== 'missing') throw error;
    }
  }

  /** As far as they have been learnt. */
  get profiles(): readonly MediaProfile[] {
    return this.#profiles;
  }

  /** Token of the video source behind it, for focus. */
  async source(options: CallOptions): Promise<string> {
    if (this.#profiles.length === 0) await this.#learnAtLeastProfiles(options);
    const moving = this.#profiles.find(({ token }) => token === this.#known?.profile);
    const source = moving?.source ?? this.#profiles.find((one) => one.source !== null)?.source;
    if (!source) throw new DomeError('missing', 'the dome names no video source');
    return source;
  }

  /** As far as they have been learnt. */
  get presets(): readonly Preset[] {
    return this.#known?.presets ?? [];
  }

  /** Null where the dome does not tell all of it. */
  presetPlace(token: string): Place | null {
    const place = this.#known?.presets.find((one) => one.token === token)?.place;
    return place && place.pan !== null && place.tilt !== null ? place : null;
  }

  /** A token as it is; a name becomes its token. Unknown ones are taken for tokens: lists are often cut. */
  presetToken(tokenOrName: string): string {
    const presets = this.#known?.presets ?? [];
    if (presets.some((one) => one.token === tokenOrName)) return tokenOrName;
    return presets.find((one) => one.name === tokenOrName)?.token ?? tokenOrName;
  }

  /** Whoever asks while the dome is being asked already gets the same answer. */
  learn(deadlineMs: number): Promise<Known> {
    this.#learning ??= this.#ask({ deadlineMs }).finally(() => {
      this.#learning = null;
    });
    return this.#learning;
  }

  async #ask(options: CallOptions): Promise<Known> {
    const addresses = await this.#addresses(options);
    for (const service of ['media', 'media2', 'ptz', 'imaging', 'events'] as const) {
      const address = addresses[service];
      if (address) this.#soap.locate(service, reachable(address, this.#device, this.#scheme));
    }
    this.#profiles = await askProfiles(this.#soap, options);
    const ptzProfile = this.#profiles.find(({ moves }) => moves)?.token;
    if (ptzProfile === undefined)
      throw new DomeError('missing', 'no media profile of the dome can move it');
    const presets = await this.#presets(ptzProfile, options);
    this.#known = { profile: ptzProfile, presets };
    return this.#known;
  }

  async #addresses(options: CallOptions) {
    try {
      return await this.#soap.call(getServices, null, options);
    } catch (error) {
      if (!declines.includes(asDomeError(error).kind)) throw error;
      return await this.#soap.call(getCapabilities, null, options);
    }
  }

  /** A dome whose list is broken may still know its presets by token. */
  async #presets(profile: string, options: CallOptions): Promise<Known['presets']> {
    try {
      return await this.#soap.call(getPresets, { profile }, options);
    } catch (error) {
      const { kind } = asDomeError(error);
      if (kind === 'unreachable' || kind === 'superseded' || kind === 'unauthorized') throw error;
      return this.#known?.presets ?? [];
    }
  }
}

export type Scheme = 'http:' | 'https:';

/** Behind NAT a dome tells its inner address (agsh/onvif#170), and what it tells never decides to whom
 * the password goes: the configured host stays, and its port unless host and scheme are the same. A
 * dome behind https that tells an http address would otherwise be spoken TLS to on port 80. */
export function reachable(address: string, configured: Endpoint, scheme: Scheme): Endpoint {
  if (!/^https?:/i.test(address) || !URL.canParse(address)) return configured;
  const { hostname, port, pathname, search, protocol } = new URL(address);
  const { host } = configured;
  const same = hostname.replace(/^\[|\]$/g, '') === host && protocol === scheme;
  const told = Number(port) || (protocol === 'https:' ? 443 : 80);
  return {
    host,
    port: same ? told : configured.port,
    path: pathname + search,
  };
}
