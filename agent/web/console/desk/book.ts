// The book of cases: what this page has heard of each, open and past, kept in the browser's own database so
// that a reload loses nothing. It is this desk's memory and no record: platform and terminal have that.

import { computed, effect, signal } from '@preact/signals';
import type { AlarmMessage, BirthMessage, EventMessage, PastCase } from '../../../contract.ts';
import type { GateClient } from '../../client/client.ts';
import type { TerminalView } from '../../client/terminals.ts';
import { type CaseLog, casesIn, changesBetween, follow, heard, withLine } from '../model/log.ts';
import { fromPast } from '../model/past.ts';
import { logsMax, Shelf } from './shelf.ts';
import type { Watch } from './watch.ts';

const raisedMsOf = ({ raisedMs }: CaseLog): number => raisedMs;

export class Book {
  readonly logs = signal<ReadonlyMap<string, CaseLog>>(new Map());
  /** Those that have ended, the newest first. */
  readonly ended = computed<readonly CaseLog[]>(() => {
    const open = new Set(this.#watch.cases.value.map(({ id }) => id));
    return [...this.logs.value.values()]
      .filter(({ id }) => !open.has(id))
      .sort((a, b) => b.raisedMs - a.raisedMs);
  });
  readonly #client: GateClient;
  readonly #watch: Watch;
  readonly #births = new Map<string, BirthMessage>();
  readonly #shelf = new Shelf();
  readonly #ends: (() => void)[] = [];

  constructor(client: GateClient, watch: Watch) {
    this.#client = client;
    this.#watch = watch;
  }

  async open(): Promise<void> {
    const kept = await this.#shelf.open();
    this.logs.value = new Map(kept.map((log) => [log.id, log]));
    this.#ends.push(
      effect(() => this.#follow()),
      this.#client.on('alarm', (alarm) => this.#hear(alarm)),
      this.#client.on('event', (event) => this.#hear(event)),
      this.#client.on('terminal', (view) => this.#compare(view)),
    );
  }

  close(): void {
    for (const end of this.#ends.splice(0)) end();
    this.#shelf.close();
  }

  /** What a terminal lists of its past. */
  past(cases: readonly PastCase[], of: Parameters<typeof fromPast>[2]): void {
    const logs = this.logs.peek();
    const oldestMs = logs.size < logsMax ? 0 : Math.min(...[...logs.values()].map(raisedMsOf));
    this.#put(
      cases
        .filter(({ raisedWallMs }) => raisedWallMs > oldestMs)
        .map((one) => fromPast(logs.get(one.id), one, of)),
    );
  }

  #follow(): void {
    const logs = this.logs.peek();
    this.#put(this.#watch.cases.value.map((one) => follow(logs.get(one.id), one)));
  }

  /** What somebody has done at another desk shows in the birth message alone. */
  #compare({ id, birth, incidents }: TerminalView): void {
    const before = this.#births.get(id);
    if (birth) this.#births.set(id, birth);
    if (!before || !birth || before === birth || incidents.length === 0) return;
    const lines = changesBetween(before, birth, birth.wallMs);
    const logs = this.logs.peek();
    this.#put(
      incidents.flatMap((incident) => {
        const log = logs.get(incident.id);
        return log ? [lines.reduce(withLine, log)] : [];
      }),
    );
  }

  #hear(message: AlarmMessage | EventMessage): void {
    const logs = this.logs.peek();
    this.#put(
      casesIn(message).flatMap((id) => {
        const log = logs.get(id);
        return log ? [heard(log, message)] : [];
      }),
    );
  }

  #put(logs: readonly CaseLog[]): void {
    const before = this.logs.peek();
    const changed = logs.filter((log) => before.get(log.id) !== log);
    if (changed.length === 0) return;
    this.logs.value = new Map([...before, ...changed.map((log) => [log.id, log] as const)]);
    for (const log of changed) this.#shelf.put(log);
  }
}
