// What a dome says it can, asked once and without switching anything. What it does not answer, it has not
// got: the difference is no use to who wants to light a strobe. A dome that is gone, or refuses us, ends it.

import type { DomeStreams } from '../../core/fact.ts';
import { asDomeError } from '../error.ts';
import type { MediaProfile } from '../media-profiles.ts';
import {
  type DeviceInformation,
  getDeviceInformation,
  type Operation,
  type Preset,
} from '../operations.ts';
import type { Reach } from '../reach.ts';
import { askStreams } from '../streams.ts';
import {
  getAudioClips,
  getAudioOutputs,
  getDeviceAuxiliary,
  getIrCutFilters,
  getMoveAndTrack,
  getNodes,
  getRelayOutputs,
  type RelayOutput,
} from './operations.ts';

export interface Abilities {
  readonly device: DeviceInformation;
  readonly login: string;
  readonly deviceAuxiliary: readonly string[];
  readonly ptzAuxiliary: readonly string[];
  readonly relays: readonly RelayOutput[];
  readonly presets: readonly Preset[];
  readonly profiles: readonly MediaProfile[];
  readonly irCutFilters: readonly string[];
  readonly audioOutputs: number;
  readonly audioClips: readonly string[];
  readonly movesAndTracks: boolean;
  readonly moves: boolean;
  readonly movesInView: boolean;
  /** A media profile says that what its analytics see comes beside its picture. */
  readonly tellsWhatItSees: boolean;
  readonly streams: DomeStreams;
}

const callMs = 8000;
const options = { deadlineMs: callMs };
const none: DomeStreams = { main: null, sub: null, snapshot: null };

/** Rejects with a `DomeError` where the dome is away, or refuses user or password. */
export async function askAbilities(reach: Reach): Promise<Abilities> {
  const { soap, ptz, endpoint, scheme } = reach;
  // A clock behind a password is learnt from the refusal.
  await orNothing(soap.measureClock(options), 0, ['unauthorized']);
  const device = await soap.call(getDeviceInformation, null, options);
  const ask = <A, R>(operation: Operation<A, R>, args: A, otherwise: R): Promise<R> =>
    orNothing(soap.call(operation, args, options), otherwise);
  const moves = await orNothing(
    ptz.learn(callMs).then(() => true),
    false,
  );
  const { profiles } = ptz;
  const nodes = await ask(getNodes, null, []);
  const source = profiles.find((one) => one.source !== null)?.source;
  return {
    ...{ device, login: soap.scheme, moves, profiles },
    deviceAuxiliary: await ask(getDeviceAuxiliary, null, []),
    ptzAuxiliary: nodes.flatMap(({ auxiliary }) => auxiliary),
    relays: await ask(getRelayOutputs, null, []),
    presets: ptz.presets,
    irCutFilters: source ? await ask(getIrCutFilters, { source }, []) : [],
    audioOutputs: await ask(getAudioOutputs, null, 0),
    audioClips: await ask(getAudioClips, null, []),
    movesAndTracks: moves && (await ask(getMoveAndTrack, null, false)),
    movesInView: nodes.some(({ movesInView }) => movesInView),
    tellsWhatItSees: profiles.some(({ metadata }) => metadata),
    streams: await orNothing(askStreams(soap, profiles, { endpoint, scheme }, options), none),
  };
}

/** What says that it is not there, or not now. */
const declines = ['fault', 'wrong-reply', 'http', 'malformed', 'missing'];

async function orNothing<T>(
  asking: Promise<T>,
  otherwise: T,
  also: readonly string[] = [],
): Promise<T> {
  try {
    return await asking;
  } catch (error) {
    const { kind } = asDomeError(error);
    if (![...declines, ...also].includes(kind)) throw error;
    return otherwise;
  }
}
