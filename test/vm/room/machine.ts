// The gate-room PC: a QEMU process and the two lines into it, QMP and the hands inside the guest.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { until, within } from '#test/support/wait.ts';
import { Lines } from './lines.ts';
import { commandLine, type Devices } from './qemu.ts';

const bootWithinMs = 300_000;
const reply = z.union([
  z.object({ return: z.unknown() }),
  z.object({ error: z.object({ desc: z.string() }) }),
]);
type Reply = z.infer<typeof reply>;

export interface Said {
  readonly status: number;
  readonly text: string;
}

export class Machine {
  readonly #devices: Devices;
  #child: ChildProcess | null = null;
  #ended: Promise<unknown> = Promise.resolve();
  #errors = '';
  #hands: Lines | null = null;
  #qmp: Lines | null = null;
  #replies: Reply[] = [];
  /** What QEMU said about itself: a reset, the watchdog. */
  #events: string[] = [];
  #orders = 0;
  readonly #said = new Map<string, { lines: string[]; done: (said: Said) => void }>();

  constructor(devices: Devices) {
    this.#devices = devices;
  }

  /** Power on; resolves when the hands in the guest answer. */
  async on(): Promise<void> {
    const { dir } = this.#devices;
    mkdirSync(dir, { recursive: true });
    for (const name of ['ctl', 'qmp', 'console.log']) rmSync(join(dir, name), { force: true });
    const args = ['-n', '5', 'qemu-system-x86_64', ...commandLine(this.#devices)];
    const child = spawn('nice', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    this.#ended = once(child, 'exit');
    this.#errors = '';
    this.#events = [];
    child.stderr.on('data', (chunk) => {
      this.#errors += chunk;
    });
    process.once('exit', this.#kill);
    this.#qmp = await Lines.open(join(dir, 'qmp'), (line) => this.#replied(line));
    await this.qmp('qmp_capabilities');
    this.#hands = await Lines.open(join(dir, 'ctl'), (line) => this.#heard(line));
    await this.sh('true', bootWithinMs);
  }

  /** Runs a line of bash in the guest, one at a time; throws where it fails. */
  async sh(command: string, withinMs = 180_000): Promise<string> {
    const { status, text } = await this.ask(command, withinMs);
    if (status !== 0) throw new Error(`${command}: exit ${status}\n${text}`);
    return text;
  }

  /** The same, for a command that may fail. */
  async ask(command: string, withinMs = 180_000): Promise<Said> {
    const id = `o${++this.#orders}`;
    const said = new Promise<Said>((done) => this.#said.set(id, { lines: [], done }));
    this.#hands?.say(`${id} ${command.replaceAll('\n', '; ')}`);
    try {
      const ended = this.#ended.then((how) => {
        const events = this.#events.slice(-4).join('\n');
        throw new Error(`QEMU ended: ${how} ${this.#errors}\n${events}`);
      });
      return await within(Promise.race([said, ended]), { withinMs, what: `the guest: ${command}` });
    } catch (cause) {
      throw new Error(`no answer from the guest\n${this.console(25)}`, { cause });
    } finally {
      this.#said.delete(id);
    }
  }

  /** QEMU's own control. */
  async qmp(execute: string, args: object = {}): Promise<unknown> {
    const before = this.#replies.length;
    this.#qmp?.say(JSON.stringify({ execute, arguments: args }));
    await until(() => this.#replies.length > before, { withinMs: 20_000, what: `QMP ${execute}` });
    const answer = this.#replies[before];
    if (!answer || 'error' in answer)
      throw new Error(`QMP ${execute}: ${answer?.error.desc ?? 'no answer'}`);
    return answer.return;
  }

  /** The last of what the kernel said. */
  console(lines = 10_000): string {
    const text = readFileSync(join(this.#devices.dir, 'console.log'), 'utf8');
    return text.split('\n').slice(-lines).join('\n');
  }

  /** Nothing in the guest goes on from here. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  /** Pulls the plug. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.ended(20_000);
  }

  /** As `systemctl poweroff`. */
  async off(): Promise<void> {
    await this.sh('systemctl poweroff');
    await this.ended(120_000);
  }

  /** Waits for the end of QEMU: power off or a reset. */
  async ended(withinMs: number): Promise<void> {
    await within(this.#ended, { withinMs, what: 'the end of QEMU' });
    process.off('exit', this.#kill);
    for (const line of [this.#hands, this.#qmp]) line?.close();
    this.#child = null;
  }

  readonly #kill = (): void => {
    this.#child?.kill('SIGKILL');
  };

  #heard(line: string): void {
    const [, id = '', sign, rest = ''] = /^(o\d+)(\| | )(.*)$/.exec(line.trimEnd()) ?? [];
    const order = this.#said.get(id);
    if (sign === '| ') order?.lines.push(rest);
    else order?.done({ status: Number(rest), text: order.lines.join('\n') });
  }

  #replied(line: string): void {
    const parsed = reply.safeParse(JSON.parse(line));
    if (parsed.success) this.#replies.push(parsed.data);
    else this.#events.push(line);
  }
}
