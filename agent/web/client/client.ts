// A client of the published contract: the terminals and their alarms, commands, and sessions kept alive.
// Knows nothing of a browser; `browser.ts` gives it talk and picture.

import {
  type AlarmMessage,
  alarmMessage,
  answerMessage,
  type EventMessage,
  eventMessage,
  filtersOf,
  sessionNotice,
  stateMessage,
  stickNotice,
} from '../../contract.ts';
import type { CommandVerb, Role } from '../../core/command.ts';
import type { Asked } from './attempt.ts';
import { type ClientClock, newId, systemClock } from './clock.ts';
import { type Args, Commands, type Result } from './commands.ts';
import { Emitter } from './emitter.ts';
import {
  type Asking,
  type Fetched,
  type Fetching,
  fetchEvidence,
  type Wanted,
} from './evidence.ts';
import { type CaseFile, type ExportOptions, exportCase } from './export.ts';
import { Link, type LinkOptions } from './link.ts';
import type { PeerMaker } from './peer.ts';
import { Session } from './session.ts';
import { Stick } from './stick.ts';
import { Terminals, type TerminalView } from './terminals.ts';

export interface ClientOptions {
  /** Of the broker: `wss://..` or, on localhost, `ws://..`. */
  readonly url: string;
  /** As the broker ties them to the login. */
  readonly role: Role;
  readonly user: string;
  readonly username?: string;
  /** Asked at each connect, and before the last one's time is over; see `Login`. */
  readonly password?: LinkOptions['password'];
  /** Of the jurisdiction, asked at each connect; absent or null: all. */
  readonly terminals?: () => readonly string[] | null;
  readonly clock?: ClientClock;
}

export interface ClientEvents {
  /** Connected and subscribed, or no longer. */
  line: { readonly up: boolean };
  /** A terminal is new or has changed. */
  terminal: TerminalView;
  /** Each once. */
  alarm: AlarmMessage;
  event: EventMessage;
  /** What the broker or a terminal said that cannot be understood; for a log. */
  trouble: { readonly detail: string };
}

export class GateClient extends Emitter<ClientEvents> {
  protected readonly clock: ClientClock;
  readonly #commands: Commands;
  readonly #link: Link;
  readonly #login: Pick<LinkOptions, 'url' | 'username' | 'password' | 'trouble' | 'clock'>;
  readonly #terminals = new Terminals();
  readonly #sessions = new Set<Session>();
  readonly #sticks = new Map<string, Stick>();

  constructor(options: ClientOptions) {
    super();
    const { url, role, user, username, password, terminals, clock = systemClock } = options;
    this.clock = clock;
    // One a window: windows of the same user do not hear each other's answers.
    const clientId = `web-${newId()}`;
    const trouble = (detail: string) => this.emit('trouble', { detail });
    this.#login = { url, username, password, trouble, clock };
    this.#link = new Link({
      ...{ ...this.#login, clientId },
      subscribe: () => [
        ...filtersOf(terminals?.() ?? null),
        `gate/v1/+/reply/${role}/${user}/${clientId}`,
      ],
      up: (up) => this.#line(up),
      message: (topic, json, isLate) => this.#message(topic, json, isLate),
    });
    this.#commands = new Commands({
      ...{ role, user, clientId, clock },
      bootIdOf: (terminal) => this.#terminals.get(terminal)?.bootId ?? null,
      post: (topic, payload, how) => this.#link.post(topic, payload, how),
    });
  }

  get up(): boolean {
    return this.#link.up;
  }

  get terminals(): readonly TerminalView[] {
    return this.#terminals.all;
  }

  terminal(id: string): TerminalView | null {
    return this.#terminals.get(id);
  }

  /** Begins to connect, and goes on until `close`. */
  open(): void {
    this.#link.open();
  }

  /** Ends the sessions, each with a bye, and the line. */
  async close(): Promise<void> {
    for (const session of this.#sessions) session.close();
    await Promise.all([...this.#sticks.values()].map((stick) => stick.close()));
    await this.#link.close();
  }

  /** Asks once. Rejects with `CommandRefused` (and why) or `NoAnswer`. */
  command<V extends CommandVerb>(terminal: string, verb: V, args: Args<V>): Promise<Result<V>> {
    return this.#commands.ask(terminal, verb, args);
  }

  /** Asked again, with a new id and against the newest birth, until the terminal has answered. */
  resolve(terminal: string, args: Args<'resolve'>): Promise<Result<'resolve'>> {
    return this.#commands.insist(terminal, 'resolve', args, () => true);
  }

  /** What was pressed as a drill or in service becomes an alarm; asked as often as `resolve`. */
  makeReal(terminal: string, incident: string): Promise<Result<'make-real'>> {
    return this.#commands.insist(terminal, 'make-real', { incident }, () => true);
  }

  /** Opens a window in which presses are marked. Asked once: it is refused while a case is open. */
  openWindow(terminal: string, asked: Args<'window.open'>): Promise<Result<'window.open'>> {
    return this.#commands.ask(terminal, 'window.open', asked);
  }

  /** Ends the window, whichever it is, unless `mark` names another. */
  closeWindow(
    terminal: string,
    mark: Args<'window.close'>['mark'] = null,
  ): Promise<Result<'window.close'>> {
    return this.#commands.insist(terminal, 'window.close', { mark }, () => true);
  }

  /** A clip or snapshot, as `evidence.stored` told of it. */
  evidence(terminal: string, wanted: Wanted, fetching: Fetching): Promise<Fetched> {
    return fetchEvidence(this.#asking(), terminal, wanted, fetching);
  }

  /** A case as one signed file (`gate-agent verify` checks it), made and fetched. */
  exportCase(
    terminal: string,
    asked: Args<'evidence.export'>,
    options?: ExportOptions,
  ): Promise<CaseFile> {
    const onEvent = (call: (event: EventMessage) => void) => this.on('event', call);
    return exportCase({ ...this.#asking(), onEvent }, terminal, asked, options);
  }

  #asking(): Asking {
    const commands = this.#commands;
    return { clock: this.clock, ask: commands.ask.bind(commands) };
  }

  /** The stick of a terminal's dome; there is one. Who has it now, the birth message says. */
  stick(terminal: string): Stick {
    const stick = this.#sticks.get(terminal) ?? this.#newStick(terminal);
    this.#sticks.set(terminal, stick);
    return stick;
  }

  #newStick(terminal: string): Stick {
    const commands = this.#commands;
    const line = new Link({
      ...{ ...this.#login, clientId: `stick-${newId()}`, subscribe: () => [] },
      will: { topic: commands.topic(terminal, 'stick.stop'), payload: { v: 1 } },
      ...{ up: () => undefined, message: () => undefined },
    });
    return new Stick({
      ...{ terminal, line, clock: this.clock },
      ask: (verb, args) => commands.ask(terminal, verb, args),
      move: (verb, payload) => {
        const said = [commands.topic(terminal, verb), payload, { qos: 0, expiryS: 1 }] as const;
        if (!line.post(...said)) this.#link.post(...said);
      },
    });
  }

  /** A session over peer connections that `peer` makes, one for each offer. */
  session(terminal: string, asked: Asked, peer: PeerMaker): Session {
    const { clock } = this;
    const session = new Session({ terminal, asked, peer, clock, commands: this.#commands });
    this.#sessions.add(session);
    session.on('status', ({ state }) => {
      if (state === 'over') this.#sessions.delete(session);
    });
    session.open();
    return session;
  }

  #line(up: boolean): void {
    if (up) for (const session of this.#sessions) session.arrived('back');
    this.emit('line', { up });
  }

  #message(topic: string, json: unknown, isLate: boolean): void {
    switch (topic.split('/')[3]) {
      case 'state':
        // The newer line has had the newest, which this may not be any more.
        return isLate ? undefined : this.#state(json);
      case 'alarm':
        return this.#alarm(json);
      case 'event': {
        const event = eventMessage.safeParse(json);
        if (!event.success) return this.#odd(topic, event.error);
        return this.#terminals.isNew(event.data) ? this.emit('event', event.data) : undefined;
      }
      case 'reply':
        return this.#reply(topic, json);
    }
  }

  #state(json: unknown): void {
    const state = stateMessage.safeParse(json);
    if (!state.success) return this.#odd('state', state.error);
    const { view, arrival } = this.#terminals.state(state.data);
    for (const session of this.#sessions)
      if (session.terminal === view.id) session.arrived(arrival);
    if (arrival !== 'same') this.#sticks.get(view.id)?.forget();
    this.emit('terminal', view);
  }

  #alarm(json: unknown): void {
    const alarm = alarmMessage.safeParse(json);
    if (!alarm.success) return this.#odd('alarm', alarm.error);
    const view = this.#terminals.alarm(alarm.data);
    if (!view) return;
    this.emit('terminal', view);
    this.emit('alarm', alarm.data);
  }

  #reply(topic: string, json: unknown): void {
    const notice = sessionNotice.safeParse(json);
    if (notice.success) {
      for (const session of this.#sessions) if (session.hear(notice.data)) return;
      return;
    }
    const ofStick = stickNotice.safeParse(json);
    if (ofStick.success) {
      for (const stick of this.#sticks.values()) stick.hear(ofStick.data);
      return;
    }
    const answer = answerMessage.safeParse(json);
    if (answer.success) this.#commands.answer(answer.data);
    else this.#odd(topic, answer.error);
  }

  #odd(topic: string, { message }: Error): void {
    this.emit('trouble', { detail: `${topic}: ${message}` });
  }
}
