// Events that tell what becomes of the machine under a terminal.

import * as z from 'zod';
import * as part from './parts.ts';

const user = z.string().describe('Who did it, as the machine names them');

export const lifecycleEvents = <E extends z.ZodRawShape>(envelope: E) =>
  [
    z
      .object({
        ...envelope,
        kind: z.literal('terminal.replaced'),
        user,
        from: z.string().describe('Name of the machine that the backup is of'),
        backupWallMs: part.wallMs('When the backup was made'),
        chain: part.chainHead,
      })
      .meta({
        title: 'Terminal replaced',
        description:
          'Another machine goes on in place of one that is gone, under its id and its keys. `seq` and the ' +
          'records have leapt; what was unsent comes under its old ids. See that the old machine stays off.',
      }),
    z
      .object({
        ...envelope,
        kind: z.literal('terminal.retired'),
        user,
        unsent: z.number().int().nonnegative().describe('Messages without a receipt'),
        reason: z
          .string()
          .nullable()
          .describe('Why they, or an open case, may be lost; null: there were none'),
        chain: part.chainHead,
      })
      .meta({
        title: 'Terminal retired',
        description:
          'The last word of this terminal: its keys and records are wiped. Withdraw certificate and login.',
      }),
  ] as const;
