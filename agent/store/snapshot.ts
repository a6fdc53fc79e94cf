// What a half of the alarm journal says, checked as it comes from the disk.

import * as z from 'zod';
import type { OutboxRow } from '../ports.ts';
import type { ChainAt } from './chain.ts';
import type { EntityRow } from './protocol.ts';

export interface Snapshot {
  /** Last turn that went into it. The database is ahead of a snapshot of an older turn. */
  readonly turn: number;
  /** Head of the chain after that turn. */
  readonly chain: ChainAt;
  /** Open incidents, inputs, site; also what was closed while the database took no commits. */
  readonly entities: readonly EntityRow[];
  /** Alarms that the platform has not confirmed. */
  readonly alarms: readonly OutboxRow[];
  /** Rows there was no room for. */
  readonly missing: number;
}

const count = z.number().int().nonnegative();
/** A later release may add keys; it may not change these. */
const schema = z.object({
  turn: count,
  chain: z.object({ seq: count, hash: z.string().regex(/^[0-9a-f]{64}$/) }),
  entities: z.array(z.tuple([z.string(), z.string(), z.string()])),
  alarms: z.array(
    z.object({ id: z.string(), seq: count, lane: z.literal('alarm'), payload: z.string() }),
  ),
  missing: count,
}) satisfies z.ZodType<Snapshot>;

/** null where the text is none of ours. */
export function parseSnapshot(text: string): Snapshot | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
