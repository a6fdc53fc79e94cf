// Networks of a test's own: a namespace for who looks, one for each who is looked for, a wire between. Needs
// root. What a run that was killed has left behind is removed by the next.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ip = (...args: string[]) => run('ip', args, { timeout: 20_000 });
const prefix = 'gate-nets-';
const mine = `${prefix}${process.pid}`;

export interface Ran {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export class Networks {
  /** Where the looking is done from. */
  readonly inside = `${mine}-in`;
  readonly #far: string[] = [];
  readonly #children: ChildProcess[] = [];

  async open(): Promise<void> {
    await removeLeftovers();
    await ip('netns', 'add', this.inside);
    await ip('-n', this.inside, 'link', 'set', 'lo', 'up');
  }

  /** A wire from inside to a namespace: its interface inside is `gateN`, its network 198.18.N.0/24 (RFC
   * 2544), .1 inside and .2 at the other end. Returns the namespace and that address. */
  async wire(n: number): Promise<{ namespace: string; host: string }> {
    const namespace = `${mine}-${n}`;
    await ip('netns', 'add', namespace);
    this.#far.push(namespace);
    const [near, far] = [`gate${n}`, 'eth0'];
    const pair = ['type', 'veth', 'peer', 'name', far, 'netns', namespace];
    await ip('-n', this.inside, 'link', 'add', near, ...pair);
    const host = `198.18.${n}.2`;
    for (const [where, device, address] of [
      [this.inside, near, `198.18.${n}.1/24`],
      [namespace, far, `${host}/24`],
    ] as const) {
      await ip('-n', where, 'addr', 'add', address, 'dev', device);
      await ip('-n', where, 'link', 'set', device, 'up');
    }
    await ip('-n', namespace, 'link', 'set', 'lo', 'up');
    return { namespace, host };
  }

  /** Another address at the other end of the wire `n`. */
  async address(n: number, last: number): Promise<string> {
    const host = `198.18.${n}.${last}`;
    await ip('-n', `${mine}-${n}`, 'addr', 'add', `${host}/24`, 'dev', 'eth0');
    return host;
  }

  /** A wire from inside to the first of those namespaces that nobody has given an IPv4 address. */
  async bare(name: string): Promise<void> {
    const [far = this.inside] = this.#far;
    await ip(
      '-n',
      this.inside,
      'link',
      'add',
      name,
      'type',
      'veth',
      'peer',
      'name',
      'bare0',
      'netns',
      far,
    );
    await ip('-n', this.inside, 'link', 'set', name, 'up');
    await ip('-n', far, 'link', 'set', 'bare0', 'up');
  }

  /** A process in a namespace, until `close`; resolves when it has said `ready`. */
  async keep(namespace: string, command: readonly string[]): Promise<void> {
    const child = spawn('ip', ['netns', 'exec', namespace, ...command], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    for await (const chunk of child.stdout) if (String(chunk).includes('ready')) return;
    throw new Error(`${command.join(' ')} ended before it was ready`);
  }

  /** Runs to its end inside. */
  run(command: readonly string[], timeoutMs: number): Promise<Ran> {
    const args = ['netns', 'exec', this.inside, ...command];
    return new Promise((done) => {
      execFile('ip', args, { timeout: timeoutMs }, (error, stdout, stderr) =>
        done({ ok: error === null, stdout, stderr }),
      );
    });
  }

  async close(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await exit;
    }
    for (const namespace of [...this.#far, this.inside]) await ip('netns', 'delete', namespace);
  }
}

async function removeLeftovers(): Promise<void> {
  const { stdout } = await ip('netns', 'list');
  for (const [, namespace = '', pid] of stdout.matchAll(/^(gate-nets-(\d+)-\w+)/gm))
    if (!isAlive(Number(pid))) await ip('netns', 'delete', namespace);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
