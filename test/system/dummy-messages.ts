// What the supervisor's tests and their dummy say to each other.

import * as z from 'zod';

export const tells = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('echo'), text: z.string() }),
  z.strictObject({ do: z.enum(['env', 'exit', 'abort', 'hang', 'grow', 'garbage', 'long']) }),
  z.strictObject({ do: z.enum(['flood', 'wrong', 'offspring', 'deaf']) }),
]);
export const hears = z.strictObject({ text: z.string() });
export type Told = z.infer<typeof tells>;
export type Heard = z.infer<typeof hears>;
