// The main job, told once and checked at every step: a press up to *taken*, a SIGKILL in the middle of
// a press of a second button, a restart, its receipt, both resolved, light off. Plain lines; each says
// what was looked at, and where: the lamp at the box, the actuators of the dome, the platform's file.

import { setTimeout as pause } from 'node:timers/promises';
import { LampReader } from './lamp-reader.ts';
import { type Room, terminalId } from './room.ts';

export class StoryFailed extends Error {}

export class StoryTeller {
  readonly #room: Room;
  readonly #print: (line: string) => void;
  readonly #reader = new LampReader();
  readonly #beganMs = performance.now();

  constructor(room: Room, print: (line: string) => void) {
    this.#room = room;
    this.#print = print;
  }

  async tell(): Promise<void> {
    await this.#starts();
    const first = await this.#firstPress();
    await this.#people(first);
    const second = await this.#killedInMidPress(first);
    await this.#ends([first, second]);
  }

  async #starts(): Promise<void> {
    this.#say('the daemon starts 启动');
    this.#room.daemon.start();
    await this.#until('lamp says ready', () => this.#word() === 'ready');
    await this.#until('the platform has its birth message', () => this.#born());
  }

  async #firstPress(): Promise<string> {
    const { box, dome } = this.#room;
    const from = box.history.length;
    this.#say('the guard presses the first button 门卫按下第一个按钮');
    await box.tap(1);
    const words = () => this.#words(from);
    for (const word of ['stored', 'sent', 'received'])
      await this.#until(`lamp says ${word}`, () => words().includes(word));
    const ladder = words().filter((word) => ['stored', 'sent', 'received'].includes(word));
    this.#check('each word once and in order', ladder.join() === 'stored,sent,received');
    await this.#until('strobe on at the dome', () => dome.actuators.strobe);
    await this.#until('siren on at the dome', () => dome.actuators.siren);
    await this.#until('dome turned to the alarm preset', () => dome.actuators.preset === '2');
    return this.#raisedBy('button-1');
  }

  async #people(incident: string): Promise<void> {
    for (const verb of ['seen', 'take']) {
      this.#say(`a dispatcher: ${verb}`);
      const answer = await this.#room.platform.desk.command(terminalId, verb, { incident });
      this.#check(`answered ${JSON.stringify(answer.result ?? answer.reason)}`, answer.ok);
      const word = verb === 'take' ? 'taken' : verb;
      await this.#until(`lamp says ${word}`, () => this.#word() === word);
    }
  }

  async #killedInMidPress(first: string): Promise<string> {
    const { box, daemon, dome } = this.#room;
    this.#say('the second button goes down, and the daemon is killed with it: SIGKILL');
    box.press(2);
    const killed = daemon.end('SIGKILL');
    await pause(200);
    box.release(2);
    await killed;
    this.#check('strobe still on at the dome', dome.actuators.strobe);
    const from = box.history.length;
    this.#say('the daemon starts again 重新启动');
    daemon.start();
    await this.#until('the platform has the second alarm', () => this.#has('button-2'));
    await this.#until('lamp says received', () => this.#words(from).includes('received'));
    this.#check('the first alarm kept its id', this.#raisedBy('button-1') === first);
    return this.#raisedBy('button-2');
  }

  async #ends(incidents: readonly string[]): Promise<void> {
    const { dome, platform } = this.#room;
    for (const incident of incidents) {
      this.#say(`the platform resolves ${incident.slice(0, 8)}`);
      const answer = await platform.desk.resolve(terminalId, incident);
      this.#check('answered', answer.ok);
    }
    await this.#until('strobe off', () => !dome.actuators.strobe);
    await this.#until('siren off', () => !dome.actuators.siren);
    await this.#until('dome back at the guard preset', () => dome.actuators.preset === '1');
    await this.#until('lamp says resolved', () => this.#word() === 'resolved');
    await this.#until('outbox is empty', async () => {
      const status = await this.#room.status();
      return status?.store?.outboxRows === 0;
    });
    this.#check('no press under two ids', this.#raised().length === 2);
    this.#check(
      `nothing that breaks the contract ${JSON.stringify(platform.violations)}`,
      platform.violations.length === 0,
    );
    await this.#until('lamp says ready', () => this.#word() === 'ready', 15_000);
  }

  #born(): boolean {
    const state = this.#room.platform.states.get(terminalId);
    return state?.online === true;
  }

  #raised() {
    return [...this.#room.platform.alarms.values()].flatMap((alarm) =>
      alarm.kind === 'alarm.raised' ? [alarm] : [],
    );
  }

  #has(input: string): boolean {
    return this.#raised().some((alarm) => alarm.input === input);
  }

  #raisedBy(input: string): string {
    const alarms = this.#raised().filter((alarm) => alarm.input === input);
    this.#check(`the platform has one alarm of ${input}`, alarms.length === 1);
    return alarms[0]?.incident ?? '';
  }

  #word(): string {
    return this.#reader.read(this.#room.box.lamp).word;
  }

  #words(from: number): string[] {
    return this.#room.box.history.slice(from).map(({ lamp }) => this.#reader.read(lamp).word);
  }

  #say(what: string): void {
    this.#print(`${this.#at()}      ${what}`);
  }

  #check(what: string, holds: boolean): void {
    this.#print(`${this.#at()} ${holds ? ' ok ' : 'FAIL'}   ${what}`);
    if (!holds) throw new StoryFailed(what);
  }

  async #until(
    what: string,
    holds: () => boolean | Promise<boolean>,
    withinMs = 10_000,
  ): Promise<void> {
    const endMs = performance.now() + withinMs;
    while (!(await holds())) {
      if (performance.now() > endMs) this.#check(`${what} (not within ${withinMs} ms)`, false);
      await pause(5);
    }
    this.#check(what, true);
  }

  #at(): string {
    return `${((performance.now() - this.#beganMs) / 1000).toFixed(2).padStart(6)} s`;
  }
}
