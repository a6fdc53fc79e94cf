// Another version of the program: offered by the platform, and told of when it runs or could not be put in
// place.

import * as z from 'zod';
import { updateLimits } from '../core/update.ts';
import { versionShape } from '../core/version.ts';

const version = z
  .string()
  .regex(versionShape, 'a version: 1.2.0, 1.2.0~rc1')
  .describe('Compared in Debian’s order: it must be higher than the one that runs');
const told = z.string().describe('Version of the release; "?" where its file did not say');

/** Payload of the verb, with what every command has. */
export const updatePayloads = <E extends z.ZodRawShape>(envelope: E) => ({
  'update.offer': z
    .strictObject({
      ...envelope,
      version,
      url: z
        .string()
        .max(2048)
        .regex(/^https:\/\/[^\s@]+$/, 'https, without a user')
        .describe('May carry a secret; never stored'),
      bytes: z.number().int().min(1).max(updateLimits.bytesMax),
      sha256: z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256, hex'),
    })
    .meta({
      title: 'Offer a release',
      description:
        'The terminal fetches the file by GET, resumable by Range, behind everything else and never while ' +
        'a case is open; no address, name or redirect may lead into its own network, unless its ' +
        'configuration allows it. It is put in place only when signed by a release key that is installed ' +
        'at the terminal, and when no case, drill, service or call is open; it goes back by itself where ' +
        'the new version does worse. `update.applied` or `update.failed` tells the end. The terminal ' +
        'forgets an offer when it restarts before the file is there: offer it again, and it goes on from ' +
        'where it was.',
    }),
});

/** `result` of the obeyed verb. */
export const updateResults = {
  'update.offer': z.object({ update: z.string().describe('`update.failed` names it') }),
} as const;

/** With what every event has. */
export const updateEvents = <E extends z.ZodRawShape>(envelope: E) =>
  [
    z
      .object({
        ...envelope,
        kind: z.literal('update.applied'),
        version: told,
        from: z.string().describe('The version before'),
      })
      .meta({
        title: 'Update applied',
        description: 'The new version runs, and does as well as the one before did.',
      }),
    z
      .object({
        ...envelope,
        kind: z.literal('update.failed'),
        update: z
          .string()
          .nullable()
          .describe(
            'As the answer to `update.offer` named it; null: it failed after it was fetched',
          ),
        version: told,
        detail: z.string().describe('One sentence for a person: why'),
      })
      .meta({
        title: 'Update failed',
        description: 'The version before runs on, or runs again.',
      }),
  ] as const;
