// The tracker's eyes and hands at a real dome: its metadata stream, its status, moves in its field of view,
// and the stick's hand for speeds. Moves in the field of view go out only where nothing is private: how far
// they lead is the dome's own affair.

import type { Credentials } from '../../digest.ts';
import type { Clock } from '../../ports.ts';
import { DomeError } from '../error.ts';
import { getSpaces, inViewSpace, relativeMove } from '../motion-operations.ts';
import type { Means } from '../perform.ts';
import type { PresetControl } from '../preset.ts';
import type { Profile } from '../profile.ts';
import { isLimited } from '../range.ts';
import type { CallOptions } from '../soap.ts';
import type { Steer } from '../steer.ts';
import { type Device, metadataAddress } from '../streams.ts';
import type { Turner } from '../turn.ts';
import { Metadata } from './metadata.ts';
import { Tracker } from './tracker.ts';

export interface AgentParts {
  readonly clock: Clock;
  readonly means: Means;
  readonly turner: Turner;
  readonly steer: Steer;
  readonly preset: PresetControl;
  readonly profile: Profile;
  readonly device: Device;
  readonly credentials: Credentials;
  /** Sends a command where one may go out. */
  readonly guarded: <T>(call: () => Promise<T>) => Promise<T>;
  /** Of one call. */
  readonly deadlineMs: number;
  /** It follows somebody new. */
  readonly met: () => void;
}

/** Null where the profile does not have the agent follow anybody. */
export function trackerOf(parts: AgentParts): Tracker | null {
  const { clock, means, turner, steer, preset, profile, guarded, deadlineMs, met } = parts;
  const recipe = profile.tracking.find((one) => one.kind === 'agent');
  if (recipe?.kind !== 'agent') return null;
  const { soap, ptz } = means;
  const options: CallOptions = { deadlineMs };
  const metadata = new Metadata({
    clock,
    source: () => guarded(() => sourceOf(parts)),
    frame: (frame) => tracker.saw(frame),
  });
  const tracker: Tracker = new Tracker({
    ...{ clock, metadata, rate: recipe.rate, met },
    look: () => guarded(() => turner.look(options)),
    run: (motion) => steer.want(motion),
    turn: (by, signal) =>
      guarded(async () => {
        const profile = await ptz.profile(options);
        const to = { pan: by.x, tilt: by.y, zoom: null };
        await soap.call(relativeMove, { profile, to, space: inViewSpace }, { ...options, signal });
      }),
    canTurn: async () =>
      !isLimited(profile.range) &&
      (await guarded(() => soap.call(getSpaces, null, options))).includes(inViewSpace),
    stop: () => guarded(() => turner.stop(true, options)),
    back: () => preset.assert(),
  });
  return tracker;
}

/** Where what it sees is to be had. Rejects with a `DomeError`. */
export async function sourceOf({
  means,
  device,
  credentials,
  deadlineMs,
}: Pick<AgentParts, 'means' | 'device' | 'credentials' | 'deadlineMs'>) {
  const { soap, ptz } = means;
  const url = await metadataAddress(soap, ptz, device, { deadlineMs });
  if (url === null)
    throw new DomeError('missing', 'it tells no address of a stream with what it sees');
  return { url, username: credentials.username, password: credentials.password };
}
