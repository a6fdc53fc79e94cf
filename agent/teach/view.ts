// What `teach.look` on control.sock answers: every line and serial port of this machine, and what each of
// their contacts has done since the session began. Plain values only.

import * as z from 'zod';
import { biases } from '../gpio/kernel.ts';

const count = z.number().int().nonnegative();
const level = z.union([z.literal(0), z.literal(1)]);
/** In the daemon's monotonic clock. */
const monoMs = z.number();

/** What a contact has done; 1 is high on a line, up on a modem-control line, pressed on a box. */
const signal = z.object({
  level: level.nullable(),
  /** The level it has been at for most of the time. */
  rest: level.nullable(),
  edges: count,
  /** How often it has left its rest and come back. */
  presses: count,
  press: z.object({ atMs: monoMs, ms: z.number().nonnegative() }).nullable(),
  /** It never comes to rest, or changes more often than a hand can. */
  isNoise: z.boolean(),
});
export type Signal = z.infer<typeof signal>;

const line = z.object({
  chip: z.string(),
  label: z.string(),
  offset: count,
  name: z.string(),
  /**
   * - `watched`: by this session. `configured`: the running driver has it. `busy`: somebody else has.
   * - `output`: somebody sets it. `spared`: on the processor's own chip (lines.ts).
   * - `waiting`: to be opened in a moment; 512 are watched at once. `refused`: it cannot be had.
   */
  state: z.enum(['watched', 'configured', 'busy', 'output', 'spared', 'waiting', 'refused']),
  /** Id of the input or output; who has it, perhaps ''; or why it cannot be had. */
  by: z.string().nullable(),
  /** The chip has no interrupts: presses shorter than 10 ms are not seen. */
  isPolled: z.boolean(),
  signal: signal.nullable(),
});
export type LineView = z.infer<typeof line>;

const contact = z.object({
  /** Where it is: an input of a button box, a modem-control line, an input of the configuration. */
  on: z.enum(['box', 'modem', 'input']),
  /** `1` to `16`, `cts` .., or the input's id. */
  name: z.string(),
  signal,
});

const port = z.object({
  /** The name that stays, where it has one. */
  path: z.string(),
  device: z.string(),
  /** As a line's. */
  state: z.enum(['watched', 'configured', 'busy', 'waiting', 'refused']),
  by: z.string().nullable(),
  /** The speed it is heard at now; null where it is not open. */
  baud: count.nullable(),
  bytes: count,
  /** Good frames of a button box. */
  frames: count,
  contacts: z.array(contact),
});
export type PortView = z.infer<typeof port>;
export type ContactView = PortView['contacts'][number];

export const teachView = z.object({
  nowMs: monoMs,
  bias: z.enum(biases),
  /** What is wrong with the ways to lines and ports as a whole. */
  troubles: z.array(z.string()),
  lines: z.array(line),
  ports: z.array(port),
});
export type TeachView = z.infer<typeof teachView>;
