// A person at a terminal of 80 columns and 25 rows: a program in tmux, keys in, the screen as it is read out.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { until } from '#test/support/wait.ts';

const run = promisify(execFile);
const withinMs = 30_000;
let count = 0;

export interface Session {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export class Tmux {
  readonly #name = `gate-${process.pid}-${count++}`;

  /** Runs the program in a screen of its own. */
  async start({ command, env }: Session): Promise<void> {
    const given = Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
    const line = `${command.map((word) => `'${word}'`).join(' ')}; echo "[exit $?]"; sleep 600`;
    await this.#tmux(
      ...['-u', '-f', '/dev/null', 'new-session', '-d', '-x', '80', '-y', '25', ...given],
      ...['/bin/sh', '-c', line],
    );
  }

  /** What is on the screen, and what has scrolled out of it. */
  async screen(): Promise<string> {
    const { stdout } = await this.#tmux('capture-pane', '-p', '-J', '-S', '-2000');
    return stdout.trimEnd();
  }

  /** The last rows: what a person looks at. */
  async #end(): Promise<string> {
    return (await this.screen()).split('\n').slice(-14).join('\n');
  }

  /** Waits until the end of the screen says so. */
  async sees(what: string | RegExp, patienceMs = withinMs): Promise<void> {
    const isThere = async () => {
      const text = await this.#end();
      return typeof what === 'string' ? text.includes(what) : what.test(text);
    };
    try {
      await until(isThere, { withinMs: patienceMs, what: `the screen to show ${what}` });
    } catch (cause) {
      throw new Error(`the screen shows\n${await this.screen()}`, { cause });
    }
  }

  /** Keys by tmux's names: Enter, Escape, Down, C-c. */
  async keys(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#tmux('send-keys', key);
  }

  async types(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', '--', text);
  }

  /** A question that waits for its answer: what was answered has another sign before it. */
  async asked(): Promise<string | null> {
    const row = (await this.#end()).split('\n').findLast((one) => one.startsWith('? '));
    return row ?? null;
  }

  async #asks(question: string): Promise<void> {
    const isAsked = async () => (await this.asked())?.includes(question);
    try {
      await until(isAsked, { withinMs, what: `the question ${question}` });
    } catch (cause) {
      throw new Error(`the screen shows\n${await this.screen()}`, { cause });
    }
  }

  /** Answers it and presses Enter; what stands there already is replaced. */
  async answers(question: string, text: string): Promise<void> {
    await this.#asks(question);
    await this.keys('C-u');
    if (text !== '') await this.types(text);
    await this.keys('Enter');
  }

  /** Answers yes or no. */
  async confirms(question: string, isYes: boolean): Promise<void> {
    await this.#asks(question);
    await this.types(isYes ? 'y' : 'n');
    await this.keys('Enter');
  }

  /** Goes to the entry that begins so, and takes it. */
  async chooses(question: string, entry: string): Promise<void> {
    await this.#asks(question);
    for (let tries = 0; tries < 30; tries++) {
      const list = await until(() => this.#list(), { withinMs, what: `a list under ${question}` });
      const [at, to] = [
        list.findIndex(isMarked),
        list.findIndex((row) => nameIn(row).startsWith(entry)),
      ];
      if (to === at) return this.keys('Enter');
      await this.keys(to >= 0 && to < at ? 'Up' : 'Down');
      const before = list[at];
      const hasMoved = async () => (await this.#list())?.find(isMarked) !== before;
      await until(hasMoved, { withinMs: 5000, what: `another entry than ${before}` });
    }
    throw new Error(`no entry ${entry} in\n${await this.screen()}`);
  }

  /** Rows of the list that is open; null: there is none. */
  async #list(): Promise<string[] | null> {
    const rows = (await this.#end()).split('\n');
    const from = rows.findLastIndex((row) => row.startsWith('? '));
    const list = rows.slice(from + 1).filter((row) => /^(❯| ) \S/.test(row));
    return list.some(isMarked) ? list : null;
  }

  /** Ends the program as a power cut would. */
  async kill(pid: number): Promise<void> {
    process.kill(pid, 'SIGKILL');
    await this.sees('[exit 137]');
  }

  async close(): Promise<void> {
    await this.#tmux('kill-server').catch((error: Error) => {
      if (!/no server running|error connecting/.test(error.message)) throw error;
    });
  }

  #tmux(...args: readonly string[]) {
    const { TMUX: _, ...env } = process.env;
    const options = {
      timeout: withinMs,
      env: { ...env, LC_ALL: 'C.UTF-8', TERM: 'screen-256color' },
    };
    return run('tmux', ['-L', this.#name, ...args], options);
  }
}

const isMarked = (row: string): boolean => row.startsWith('❯');
const nameIn = (row: string): string => row.slice(2);
