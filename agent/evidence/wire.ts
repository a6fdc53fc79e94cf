// What the daemon's loop and the thread that makes a bundle say to each other. The thread asks, one question
// after the other; the loop answers each when it may.

import type { Records } from '../store/protocol.ts';
import type { Made, Order } from './bundle.ts';

export type Ask =
  | { readonly t: 'page'; readonly before: number | null }
  | { readonly t: 'sign'; readonly text: string }
  | { readonly t: 'leave' };

/** In their order: the answer of the last question, or why there is none. */
export type Told = { readonly value: Records | string | null } | { readonly error: string };

export type Said =
  | Ask
  | ({ readonly t: 'made' } & Made)
  /** One sentence. */
  | { readonly t: 'none'; readonly detail: string };

/** No disk is asked on the daemon's loop: which keys there were, the thread finds out. */
export interface Start extends Omit<Order, 'earlier'> {
  readonly dataDir: string;
}
