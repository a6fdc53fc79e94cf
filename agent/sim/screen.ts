// The rehearsal room on a terminal: keys on the left of the legend, what the world looks like above
// it. Draws at most ten times a second and flashes nothing faster than that.

import { allHostilities, hostilities } from './dome/hostile.ts';
import { LampReader } from './lamp-reader.ts';
import { type Room, type RoomStatus, terminalId } from './room.ts';

const colours: Record<string, string> = { R: '41', Y: '43', G: '42', B: '44', W: '47', '-': '100' };
const marks = { drill: 'drill 演练', service: 'service 检修' } as const;
type Mark = keyof typeof marks;
const eventsShown = 14;
const tapMs = 300;

interface Key {
  readonly keys: string;
  readonly does: string;
  readonly press: (key: string) => unknown;
}

export class Screen {
  readonly #room: Room;
  readonly #page: string;
  readonly #people: readonly string[];
  readonly #reader = new LampReader();
  readonly #events: string[] = [];
  #status: RoomStatus | null = null;
  #domeUp = true;
  #word = '';
  #lampSeen = 0;
  #domeSeen = 0;
  #quit: () => void = () => {};

  /** `page`: where the same room is on a page. */
  /** `people`: a line each, who may log in and how. */
  constructor(room: Room, page: string, people: readonly string[]) {
    this.#people = people;
    this.#room = room;
    this.#page = page;
  }

  /** Resolves when the person at the keys quits. */
  async run(): Promise<void> {
    const { stdin, stdout } = process;
    stdin.setRawMode(true);
    stdin.resume();
    stdin.on('data', (keys: Buffer) => {
      for (const key of keys.toString()) this.#key(key);
    });
    stdout.write('\x1b[?1049h\x1b[?25l');
    this.#room.platform.watch(({ what, message }) => this.#heard(what, message));
    this.#room.daemon.start();
    this.#note('daemon started');
    const draw = setInterval(() => this.#draw(), 100);
    const ask = setInterval(() => void this.#ask(), 250);
    await new Promise<void>((quit) => {
      this.#quit = quit;
    });
    clearInterval(draw);
    clearInterval(ask);
    stdout.write('\x1b[?25h\x1b[?1049l');
    stdin.setRawMode(false);
    stdin.pause();
  }

  get #keys(): readonly Key[] {
    const { box, broker, daemon, platform } = this.#room;
    const desk = (verb: string, note: string) => () => this.#command(verb, note);
    return [
      { keys: '1234', does: 'press a button', press: (key) => this.#tap(Number(key)) },
      { keys: 'f', does: 'false alarm 误报', press: () => this.#tap(5) },
      { keys: 'l', does: 'local reset 复位', press: () => this.#tap(6) },
      { keys: 's', does: 'seen', press: desk('seen', 'seen') },
      { keys: 't', does: 'take 接警', press: desk('take', 'take') },
      { keys: 'r', does: 'resolve 解除', press: () => this.#resolve() },
      { keys: 'o', does: 'strobe off', press: desk('strobe-off', 'strobe off') },
      { keys: 'e', does: 'drill 演练 on/off', press: () => this.#toggleWindow('drill') },
      { keys: 'i', does: 'service 检修 on/off', press: () => this.#toggleWindow('service') },
      { keys: 'm', does: 'make real 转为真实警情', press: () => this.#makeReal() },
      { keys: 'h', does: 'hold receipts', press: () => this.#toggleReceipts(platform) },
      {
        keys: 'b',
        does: 'broker kill/start',
        press: () =>
          this.#toggle(
            'broker',
            broker.running,
            () => broker.stop(),
            () => broker.start(),
          ),
      },
      { keys: 'd', does: 'dome kill/start', press: () => this.#toggleDome() },
      { keys: 'x', does: 'dome hostile, next way', press: () => this.#nextHostility() },
      {
        keys: 'a',
        does: 'agent SIGKILL/start',
        press: () =>
          this.#toggle(
            'agent',
            daemon.running,
            () => daemon.end('SIGKILL'),
            () => daemon.start(),
          ),
      },
      { keys: 'u', does: 'unplug/plug box', press: () => this.#toggleBox(box) },
      { keys: 'q\x03', does: 'quit', press: () => this.#quit() },
    ];
  }

  #key(key: string): void {
    const found = this.#keys.find(({ keys }) => keys.includes(key));
    if (found) Promise.resolve(found.press(key)).catch((error: Error) => this.#note(error.message));
  }

  async #tap(number: number): Promise<void> {
    this.#note(`button ${number} pressed`);
    this.#room.box.press(number);
    setTimeout(() => this.#room.box.release(number), tapMs);
  }

  async #toggle(
    what: string,
    running: boolean,
    stop: () => Promise<void>,
    start: () => Promise<void> | void,
  ): Promise<void> {
    await (running ? stop() : start());
    this.#note(`${what} ${running ? 'killed' : 'started'}`);
  }

  async #toggleDome(): Promise<void> {
    const up = this.#domeUp;
    this.#domeUp = !up;
    const { dome } = this.#room;
    await this.#toggle(
      'dome',
      up,
      () => dome.down(),
      () => dome.up(),
    );
  }

  /** Through all of them and back to well; its history tells the screen. */
  #nextHostility(): void {
    const { dome } = this.#room;
    const at = dome.hostility === null ? -1 : allHostilities.indexOf(dome.hostility);
    dome.turn(allHostilities[at + 1] ?? null);
  }

  async #toggleBox(box: Room['box']): Promise<void> {
    const plugged = box.path !== '';
    await (plugged ? box.unplug() : box.replug());
    this.#note(`box ${plugged ? 'unplugged' : 'plugged in'}`);
  }

  #toggleReceipts(platform: Room['platform']): void {
    if (platform.holdReceipts) platform.releaseReceipts();
    else platform.holdReceipts = true;
    this.#note(platform.holdReceipts ? 'platform holds its receipts' : 'receipts released');
  }

  /** Incidents the platform may still act on, oldest first. */
  #open(): string[] {
    const all = [...this.#room.platform.alarms.values()];
    const resolved = new Set(
      all.flatMap((alarm) => (alarm.kind === 'incident.resolved' ? [alarm.incident] : [])),
    );
    const raised = all.flatMap((alarm) => (alarm.kind === 'alarm.raised' ? [alarm.incident] : []));
    return raised.filter((incident) => !resolved.has(incident));
  }

  async #command(verb: string, note: string): Promise<void> {
    const incidents = verb === 'seen' || verb === 'take' ? this.#open() : [null];
    for (const incident of incidents) {
      const args = incident ? { incident } : {};
      const answer = await this.#room.platform.desk.command(terminalId, verb, args);
      this.#note(`${note}: ${answer.ok ? 'ok' : answer.detail}`);
    }
  }

  async #toggleWindow(mark: 'drill' | 'service'): Promise<void> {
    const { desk, states } = this.#room.platform;
    const state = states.get(terminalId);
    const isOpen = state?.online === true && state.window !== null;
    const answer = isOpen
      ? await desk.command(terminalId, 'window.close')
      : await desk.command(terminalId, 'window.open', { mark, minutes: 15 });
    this.#note(`${mark}: ${answer.ok ? (isOpen ? 'closed' : 'open') : answer.detail}`);
  }

  async #makeReal(): Promise<void> {
    const state = this.#room.platform.states.get(terminalId);
    const marked = state?.online ? state.incidents.filter(({ mark }) => mark !== null) : [];
    for (const { id: incident } of marked) {
      const answer = await this.#room.platform.desk.command(terminalId, 'make-real', { incident });
      this.#note(`make real: ${answer.ok ? 'ok' : answer.detail}`);
    }
    if (marked.length === 0) this.#note('nothing is marked');
  }

  async #resolve(): Promise<void> {
    const [oldest] = this.#open();
    if (!oldest) return this.#note('nothing to resolve');
    this.#note(`resolving ${oldest.slice(0, 8)}, repeated until it is answered`);
    const answer = await this.#room.platform.desk.resolve(terminalId, oldest);
    this.#note(`resolve: ${answer.ok ? 'ok' : answer.detail}`);
  }

  #heard(what: string, message: unknown): void {
    const told = (typeof message === 'object' ? message : {}) as {
      kind?: string;
      mark?: Mark | null;
    };
    const mark = told.mark ? `  ${marks[told.mark]}` : '';
    if (what === 'alarm' || what === 'event') this.#note(`platform got ${told.kind}${mark}`);
  }

  async #ask(): Promise<void> {
    this.#status = await this.#room.status();
  }

  #note(what: string): void {
    this.#events.push(`${new Date().toISOString().slice(11, 23)}  ${what}`);
    if (this.#events.length > eventsShown) this.#events.shift();
  }

  #draw(): void {
    const { box, dome, broker, daemon } = this.#room;
    const reading = this.#reader.read(box.lamp);
    const { strobe, siren, preset } = dome.actuators;
    this.#noteChanges();
    const { hostility } = dome;
    const hostile = hostility ? `  \x1b[31mhostile: ${hostilities[hostility]}\x1b[0m` : '';
    const onOff = (on: boolean, word: string) =>
      on ? `\x1b[41;97m ${word} \x1b[0m` : `${word} off`;
    const signs = [
      reading.fault ? 'fault 故障' : '',
      reading.linkDown ? 'link down 网络中断' : '',
      reading.silent ? 'silent 静默' : '',
      reading.mark ? marks[reading.mark] : '',
    ].filter(Boolean);
    const lit = `\x1b[${colours[box.colour] ?? '100'}m      \x1b[0m`;
    const up = (name: string, is: boolean) => `${name} ${is ? 'up' : '\x1b[31mDOWN\x1b[0m'}`;
    const rows = [
      `gate-agent rehearsal room 演练室   ${this.#page}`,
      '',
      `lamp    ${lit}  ${this.#reader.both(reading.word)}  ${signs.join(', ')}`,
      `dome    ${onOff(strobe, 'strobe')}  ${onOff(siren, 'siren')}  preset ${preset || '-'}${hostile}`,
      `outbox  ${this.#status?.store?.outboxRows ?? '-'} rows waiting for a receipt`,
      `parts   ${up('agent', daemon.running)}  ${up('broker', broker.running)}  ${up('dome', this.#domeUp)}`,
      '',
      ...(this.#status?.incidents ?? []).map(
        ({ id, input, step, mark }) =>
          `incident ${id.slice(0, 8)}  ${input}  ${this.#reader.both(step)}  ${mark ? marks[mark] : ''}`,
      ),
      ...(this.#status?.faults ?? []).map(({ detail }) => `fault   ${detail.slice(0, 100)}`),
      '',
      ...this.#events,
      '',
      ...this.#people,
      '',
      ...this.#legend(),
    ];
    process.stdout.write(`\x1b[H${rows.map((row) => `${row}\x1b[K`).join('\r\n')}\x1b[J`);
  }

  #legend(): string[] {
    const columns = process.stdout.columns || 80;
    const lines: string[] = [];
    for (const { keys, does } of this.#keys) {
      const word = `[${keys.replace('\x03', '')}] ${does}`;
      const last = lines.at(-1) ?? '';
      // Chinese characters are two columns wide, which length does not know: stay well inside.
      if (last === '' || last.length + word.length + 8 > columns) lines.push(word);
      else lines[lines.length - 1] = `${last}  ${word}`;
    }
    return lines;
  }

  /** Every step that lamp and dome took, also those too quick for the eye. */
  #noteChanges(): void {
    const { box, dome } = this.#room;
    for (const { lamp } of box.history.slice(this.#lampSeen)) {
      const { word } = this.#reader.read(lamp);
      if (word !== this.#word) this.#note(`lamp: ${this.#reader.both(word)}`);
      this.#word = word;
    }
    this.#lampSeen = box.history.length;
    for (const { what, on } of dome.actuators.history.slice(this.#domeSeen))
      this.#note(`dome: ${what} ${typeof on === 'string' ? on : on ? 'ON' : 'off'}`);
    this.#domeSeen = dome.actuators.history.length;
  }
}
