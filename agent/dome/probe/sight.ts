// What the dome's analytics tell beside its picture, for a while: whether the agent could follow people with
// it, where the dome does not do so itself.

import type { Credentials } from '../../digest.ts';
import type { Clock } from '../../ports.ts';
import { asDomeError } from '../error.ts';
import type { Reach } from '../reach.ts';
import { sourceOf } from '../track/agent.ts';
import { Metadata } from '../track/metadata.ts';

export interface Sight {
  readonly pictures: number;
  /** Boxes in them. */
  readonly objects: number;
}

export interface SightParts {
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly waitMs: number;
  /** Waits no longer. */
  readonly enough: (sight: Sight) => boolean;
}

const deadlineMs = 5000;
/** The stream of a dome that nobody watches may take its time to begin; after its own pause. */
const againMs = 1500;

/** Rejects with a `DomeError` where nothing of it is to be had. */
export async function look(reach: Reach, parts: SightParts): Promise<Sight> {
  const { clock, credentials, waitMs, enough } = parts;
  const sight = { pictures: 0, objects: 0 };
  let done = () => {};
  const finished = new Promise<void>((end) => {
    done = end;
  });
  const metadata = new Metadata({
    clock,
    source: () => sourceOf({ means: reach, device: reach, credentials, deadlineMs }),
    frame: ({ objects }) => {
      sight.pictures += 1;
      sight.objects += objects.length;
      if (enough(sight)) done();
    },
  });
  let cancel = () => {};
  try {
    await opened(metadata, clock);
    cancel = clock.after(waitMs, done);
    await finished;
    return sight;
  } finally {
    cancel();
    metadata.close();
  }
}

/** Tried twice; a refused password, which it remembers, is not shown again. */
async function opened(metadata: Metadata, clock: Clock): Promise<void> {
  try {
    await metadata.open();
  } catch (error) {
    asDomeError(error);
    await new Promise<void>((done) => void clock.after(againMs, done));
    await metadata.open();
  }
}
