// The agent among the others. A message is a press that opens an incident; four buttons take turns.
// Taken: the commit has returned, which is before the lamp says *stored*.

import { until, within } from '#test/support/wait.ts';
import type { Mark } from '../daemon.ts';
import { resolve } from '../presser.ts';
import { inputs, type Rig } from '../rig.ts';
import type { Arrival, Candidate, City, Sent } from './candidate.ts';

const withinMs = 20_000;

interface Span {
  readonly from: number;
  to: number;
}

interface Pressed {
  readonly edgeMs: number;
  readonly durable: boolean;
}

/** Tells when a press has been committed; its `take` belongs into `openRig`. */
export class Marks {
  #edgeMs: number | null = null;
  #wanted: ((pressed: Pressed) => void) | null = null;
  edges = 0;

  readonly take = (mark: Mark): void => {
    if (mark.at === 'stepped' && mark.kind === 'input.changed') {
      this.edges += 1;
      this.#edgeMs ??= mark.monoMs;
    }
    if (mark.at !== 'committed' || this.#edgeMs === null) return;
    this.#wanted?.({ edgeMs: this.#edgeMs, durable: mark.durable });
    this.#wanted = null;
  };

  next(): Promise<Pressed> {
    this.#edgeMs = null;
    const pressed = new Promise<Pressed>((done) => {
      this.#wanted = done;
    });
    return within(pressed, { withinMs, what: 'the commit of a press' });
  }
}

export class Agent implements Candidate {
  readonly #rig: Rig;
  readonly #marks: Marks;
  readonly #city: City;
  readonly #held = new Set<number>();
  #presses = 0;
  /** Of presses since the last rest, in what the city has heard. */
  readonly #spans: Span[] = [];

  constructor(rig: Rig, marks: Marks, city: City) {
    this.#rig = rig;
    this.#marks = marks;
    this.#city = city;
  }

  get pid(): number {
    return this.#rig.daemon.pid;
  }

  async start(): Promise<void> {
    await this.#rig.daemon.start();
    await this.#rig.daemon.settled(60_000);
  }

  async send(): Promise<Sent> {
    const button = 1 + (this.#presses++ % inputs);
    const from = this.#city.alarms.length;
    const committed = this.#marks.next();
    this.#rig.box.press(button);
    this.#held.add(button);
    const { edgeMs, durable } = await committed;
    const span = { from, to: Infinity };
    this.#spans.push(span);
    const arrivals = () => this.#raisedBy(`button-${button}`, span);
    return { taken: durable, callMs: async () => edgeMs, arrivals };
  }

  /** Every incident resolved, every button let go. */
  async rest(): Promise<void> {
    const { alarms } = this.#city;
    const ended = () => alarms.filter(({ kind }) => kind === 'incident.resolved');
    const open = () =>
      alarms
        .filter(({ kind }) => kind === 'alarm.raised')
        .map(({ arrival }) => arrival.id)
        .filter((id) => !ended().some(({ incident }) => incident === id));
    for (const id of new Set(open())) resolve(this.#rig, id);
    await until(() => open().length === 0, { withinMs, what: 'the incidents to be resolved' });
    // What is raised from now on belongs to later presses.
    for (const span of this.#spans.splice(0)) span.to = alarms.length;
    for (const button of this.#held) {
      const before = this.#marks.edges;
      this.#rig.box.release(button);
      await until(() => this.#marks.edges > before, { withinMs, what: 'a button to be let go' });
    }
    this.#held.clear();
  }

  /** Alarms of a button that were new in the span, and all that came again of them. */
  #raisedBy(button: string, { from, to }: Span): Arrival[] {
    const { alarms } = this.#city;
    const raised = alarms
      .slice(from, to)
      .filter(({ kind, input }) => kind === 'alarm.raised' && input === button);
    const ids = new Set(raised.map(({ arrival }) => arrival.id));
    return alarms.filter(({ arrival }) => ids.has(arrival.id)).map(({ arrival }) => arrival);
  }

  async kill(): Promise<void> {
    await this.#rig.daemon.stop('SIGKILL');
  }

  /** The rig ends it. */
  async close(): Promise<void> {}
}
