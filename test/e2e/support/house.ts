// A real terminal in the rehearsal room, around a real broker: what the e2e suites have in common.
// Every wait is bounded, and one that fails tells the last the daemon said.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlarmMessage } from '#agent/contract.ts';
import { LampReader, type LampReading } from '#agent/sim/lamp-reader.ts';
import { Room, type RoomButton, type RoomSetup, terminalId } from '#agent/sim/room.ts';
import { Mosquitto, type MosquittoOptions } from '#test/support/mosquitto.ts';
import { until, within } from '#test/support/wait.ts';
import { Ears } from './ears.ts';

export const launcher = join(import.meta.dirname, '../../../scripts/gate-agent');

export interface HouseSetup {
  /** Emergency buttons on the box. */
  readonly buttons: number;
  readonly mosquitto?: MosquittoOptions;
  /** What depends on the broker that has just been started. */
  readonly room?: (broker: Mosquitto, dir: string) => Promise<Partial<RoomSetup>>;
}

type Raised = Extract<AlarmMessage, { kind: 'alarm.raised' }>;
type Repeated = Extract<AlarmMessage, { kind: 'press.repeated' }>;

export class House {
  readonly dir: string;
  readonly broker: Mosquitto;
  readonly room: Room;
  /** Hear all that the platform hears and says; a message that the published contract does not allow
   * fails the suite at `close`. */
  readonly ears: Ears;
  readonly #reader = new LampReader();

  private constructor(parts: Pick<House, 'dir' | 'broker' | 'room' | 'ears'>) {
    this.dir = parts.dir;
    this.broker = parts.broker;
    this.room = parts.room;
    this.ears = parts.ears;
  }

  /** Everything but the daemon is running when this resolves. */
  static async open({ buttons, mosquitto = {}, room: more }: HouseSetup): Promise<House> {
    const dir = await mkdtemp(join(tmpdir(), 'gate-e2e-'));
    const broker = await Mosquitto.start(mosquitto);
    const inputs = Array.from({ length: buttons }, (_, i) => button(i + 1));
    const ears = new Ears(terminalId);
    const { login, ...parts } = (await more?.(broker, dir)) ?? {};
    const room = await Room.open({
      dir,
      command: [launcher],
      inputs,
      broker: {
        url: broker.url,
        running: true,
        start: () => broker.up(),
        stop: () => broker.down(),
      },
      ...parts,
      login: { ...login, tap: ears.tap },
    });
    return new House({ dir, broker, room, ears });
  }

  /** SIGTERM; one that hangs in the kernel would not heed it. */
  async endDaemon(): Promise<void> {
    const { daemon } = this.room;
    const ended = within(daemon.end('SIGTERM'), { withinMs: 6_000, what: 'the daemon to end' });
    await ended.catch(() => daemon.end('SIGKILL'));
  }

  async close(): Promise<void> {
    await this.endDaemon().finally(() => this.room.close());
    await this.broker.remove();
    await rm(this.dir, { recursive: true, force: true });
    this.ears.close();
  }

  get dataDir(): string {
    return join(this.dir, 'data');
  }

  /** All that the lamp says now. */
  get reading(): LampReading {
    return this.#reader.read(this.room.box.lamp);
  }

  /** Its word. */
  get word(): string {
    return this.reading.word;
  }

  /** What the lamp has said since `from`, an index of the box's history. */
  wordsSince(from: number): string[] {
    return this.room.box.history.slice(from).map(({ lamp }) => this.#reader.read(lamp).word);
  }

  get raised(): Raised[] {
    return this.#alarms().filter((alarm) => alarm.kind === 'alarm.raised');
  }

  get repeated(): Repeated[] {
    return this.#alarms().filter((alarm) => alarm.kind === 'press.repeated');
  }

  /** Presses that the platform has been told of, of one input or of all. */
  pressesTold(input?: string): number {
    const mine = <M extends { readonly input: string }>(messages: readonly M[]) =>
      messages.filter((message) => input === undefined || message.input === input);
    return mine(this.repeated).reduce((sum, { count }) => sum + count, mine(this.raised).length);
  }

  /** Incidents that the platform has not seen the end of. */
  get open(): string[] {
    const ended = new Set(
      this.#alarms().flatMap((alarm) => (alarm.kind === 'incident.resolved' ? alarm.incident : [])),
    );
    return this.raised.map(({ incident }) => incident).filter((id) => !ended.has(id));
  }

  /** As `until`; a failure tells how lamp, dome and daemon were. */
  async until<T>(what: string, condition: () => T | Promise<T>, withinMs = 10_000) {
    try {
      return await until(condition, { withinMs, what });
    } catch (cause) {
      throw new Error(`${cause instanceof Error ? cause.message : cause}\n${this.diagnosis()}`, {
        cause,
      });
    }
  }

  /** Fails with a diagnosis where `holds` is false. */
  check(what: string, holds: boolean): void {
    if (!holds) throw new Error(`${what}\n${this.diagnosis()}`);
  }

  /** Starts the daemon and waits until it is online and its lamp says `ready` or a step. */
  async start(withinMs = 60_000): Promise<void> {
    this.room.daemon.start();
    const isOnline = async () => (await this.room.status())?.online;
    await this.until('the daemon to be online', isOnline, withinMs);
  }

  async outboxEmpty(): Promise<boolean> {
    return (await this.room.status())?.store?.outboxRows === 0;
  }

  diagnosis(): string {
    const { dome, platform, daemon, box } = this.room;
    const { strobe, siren, preset } = dome.actuators;
    return [
      `lamp: ${this.word}; dome: ${JSON.stringify({ strobe, siren, preset })}`,
      `the last words of the lamp: ${this.wordsSince(Math.max(0, box.history.length - 12))}`,
      `the platform has ${this.raised.length} alarms, ${this.pressesTold()} presses`,
      `violations: ${JSON.stringify(platform.violations.slice(0, 3))}`,
      'the last the daemon said:',
      ...daemon.lines.slice(-25).map((line) => `  ${line.slice(0, 400)}`),
    ].join('\n');
  }

  #alarms(): AlarmMessage[] {
    return [...this.room.platform.alarms.values()];
  }
}

export const inputId = (number: number): string => `button-${number}`;

/** An emergency button. */
export const button = (number: number): RoomButton => ({
  id: inputId(number),
  name: `按钮 ${number}`,
  kind: 'emergency',
});
