// Teach-in: shows every line and serial port live, so that a press finds the one it hangs on. A session
// begins with the first look and ends a moment after the last, whatever became of who was looking; then
// every line and port is given back. Judges no press and stores nothing.

import * as z from 'zod';
import { chooseKernel } from '../gpio/choose.ts';
import { biases, type DriverName, type Kernel } from '../gpio/kernel.ts';
import type { Clock } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import { Lines } from './lines.ts';
import { portNamed, type SeenPort, serialPorts } from './port-names.ts';
import { Ports } from './ports.ts';
import type { Uses } from './uses.ts';
import type { TeachView } from './view.ts';

/** After the last look. */
export const endAfterMs = 3000;
const tickMs = 10;
const surveyMs = 2000;

export interface TeachSetup {
  readonly clock: Clock;
  /** As the configuration wants it. */
  readonly driver: 'auto' | DriverName;
  readonly uses: Uses;
  /** In place of this machine's. */
  readonly kernel?: Kernel;
  readonly serialPorts?: () => readonly SeenPort[];
}

const lookArgs = z.strictObject({
  /** What free lines are opened with: `as-is` changes nothing of them. */
  bias: z.enum(biases, { error: `one of: ${biases.join(', ')}` }).default('as-is'),
  /** A chip of the processor's own that is to be looked at, too. */
  chip: z.string().min(1).max(64).nullable().default(null),
  /** Serial ports beside the system's own. */
  ports: z.array(z.string().max(256)).max(8).default([]),
});
type Look = z.infer<typeof lookArgs>;

export class Teach {
  readonly #setup: TeachSetup;
  #session: Session | null = null;
  #cancelEnd: (() => void) | null = null;
  #ended: Promise<void> = Promise.resolve();

  constructor(setup: TeachSetup) {
    this.#setup = setup;
  }

  /** The verb `teach.look`. Throws a `Refusal`. */
  async look(args: { readonly [name: string]: unknown }): Promise<TeachView> {
    const look = lookOf(args);
    await this.#ended;
    this.#session ??= new Session(this.#setup, look);
    const session = this.#session;
    if (!session.isFor(look))
      throw new Refusal([
        { field: 'bias', value: look.bias, hint: 'somebody else is teaching with other options' },
      ]);
    this.#cancelEnd?.();
    this.#cancelEnd = this.#setup.clock.after(endAfterMs, () => this.#end());
    await session.open();
    return session.view();
  }

  async close(): Promise<void> {
    this.#cancelEnd?.();
    this.#end();
    await this.#ended;
  }

  #end(): void {
    this.#cancelEnd = null;
    const session = this.#session;
    this.#session = null;
    if (session) this.#ended = session.close();
  }
}

function lookOf(args: { readonly [name: string]: unknown }): Look {
  const parsed = lookArgs.safeParse(args);
  if (parsed.success) return parsed.data;
  throw new Refusal(
    parsed.error.issues.map(({ path, message }) => ({
      ...{ field: path.join('.') || '(arguments)', value: null, hint: message },
    })),
  );
}

class Session {
  readonly #setup: TeachSetup;
  readonly #look: Look;
  readonly #ports: Ports;
  #lines: Lines | null = null;
  #trouble: string | null = null;
  #opening: Promise<void> | null = null;
  #cancelTick: (() => void) | null = null;
  #surveyedMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(setup: TeachSetup, look: Look) {
    this.#setup = setup;
    this.#look = look;
    const named = look.ports.map(portNamed);
    const { clock, uses } = setup;
    const seen = () => [...(setup.serialPorts ?? serialPorts)(), ...named];
    this.#ports = new Ports({ clock, seen, used: uses.ports });
  }

  isFor(look: Look): boolean {
    return JSON.stringify(look) === JSON.stringify(this.#look);
  }

  /** Once, however often it is called. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  view(): TeachView {
    const nowMs = this.#nowMs();
    const troubles = [this.#trouble, ...(this.#lines?.troubles ?? [])].filter(
      (one) => one !== null,
    );
    const lines = this.#lines?.view(nowMs) ?? [];
    return { nowMs, bias: this.#look.bias, troubles, lines, ports: this.#ports.view(nowMs) };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTick?.();
    this.#lines?.close();
    await this.#ports.close();
  }

  async #open(): Promise<void> {
    const { bias, chip } = this.#look;
    try {
      const { driver, clock, uses } = this.#setup;
      const kernel = this.#setup.kernel ?? (await chooseKernel(driver, clock)).kernel;
      this.#lines = new Lines({ kernel, bias, chip, uses, nowMs: () => this.#nowMs() });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#trouble = `GPIO cannot be used: ${why}. Install the terminal again`;
    }
    if (!this.#isClosed) this.#tick();
  }

  #tick(): void {
    const { clock } = this.#setup;
    this.#cancelTick = clock.after(tickMs, () => this.#tick());
    const isDue = this.#nowMs() - this.#surveyedMs >= surveyMs;
    if (isDue) this.#surveyedMs = this.#nowMs();
    for (const part of [this.#lines, this.#ports]) {
      if (isDue) part?.survey();
      part?.tick();
    }
  }

  #nowMs(): number {
    return this.#setup.clock.now().monoMs;
  }
}
