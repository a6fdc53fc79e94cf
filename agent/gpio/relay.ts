// A warning light of our own on a relay: on while the dome's would be. A test lights it for a moment, and
// gives way to an alarm by being the same thing.

import type { Job } from '../core/state.ts';
import type { Clock, Sink, Strobe } from '../ports.ts';
import type { OutputLine } from './output.ts';

const testMs = 2000;

export class Relay implements Strobe {
  readonly #line: OutputLine;
  readonly #clock: Clock;
  #isWanted = false;
  #sink: Sink | null = null;
  #test: { readonly id: string; readonly cancel: () => void } | null = null;

  constructor(line: OutputLine, clock: Clock) {
    this.#line = line;
    this.#clock = clock;
  }

  open(sink: Sink): void {
    this.#sink = sink;
  }

  close(): void {
    this.#test?.cancel();
    this.#test = null;
    this.#sink = null;
    this.#isWanted = false;
  }

  want(isOn: boolean): void {
    this.#isWanted = isOn;
    this.#line.set(isOn || this.#test !== null);
  }

  run({ id }: Job): void {
    if (this.#test?.id === id) return;
    if (this.#test) {
      this.#sink?.emit({ kind: 'job.failed', id, reason: 'the same test is running' });
      return;
    }
    this.#line.set(true);
    const cancel = this.#clock.after(testMs, () => {
      this.#test = null;
      this.#line.set(this.#isWanted);
      const { where } = this.#line.figures();
      if (where === null)
        this.#sink?.emit({ kind: 'job.failed', id, reason: 'its line is not there' });
      else this.#sink?.emit({ kind: 'job.done', id, result: { relay: where, shownMs: testMs } });
    });
    this.#test = { id, cancel };
  }
}
