// A terminal's file system in a folder, root's updater on it as it ships, and a daemon that is only what the
// updater sees of one: its answers on control.sock, and that a restart starts what `current` leads to.

import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '#test/support/wait.ts';
import { writeUpdate } from '../../scripts/update-file.ts';

const script = join(import.meta.dirname, '../../systemd/update-apply');
export const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';

export const keyPair = () =>
  generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

/** The updater syncs whole file systems, and others write to the disk. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** What a version's folder holds. */
export const filesOf = (version: string): Record<string, string> => ({
  launch: `#!/bin/sh\necho ${version}\n`,
  'lib/main.cjs': `${version}\n`.repeat(20_000),
  'lib/deep/other.js': `// ${version}\n`,
});

function lay(folder: string, version: string): void {
  for (const [name, text] of Object.entries(filesOf(version))) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), name === 'launch' ? 0o755 : 0o644);
  }
}

export class Rig {
  readonly root: string;
  readonly key = keyPair();
  /** What the daemon says when it is asked for leave: `yes`, or why not. */
  leave: () => string = () => 'yes';
  /** What it says of itself; null: it does not answer. */
  health: (version: string) => readonly string[] | null = () => ['ok:armed', 'ok:store'];
  /** Verbs that it was asked. */
  readonly asked: string[] = [];
  /** What the updater has said. */
  said = '';
  readonly #home: string;
  #daemon: Server | null = null;
  #running: ChildProcess | null = null;

  constructor(root = mkdtempSync(join(memory, 'gate-updater-'))) {
    this.root = root;
    this.#home = join(root, 'opt/gate-agent');
  }

  /** Versions 0.9.0 and 1.0.0, the later one running; a terminal that is there already is left as it is. */
  async open(): Promise<this> {
    if (!existsSync(this.#home)) {
      for (const version of ['0.9.0', '1.0.0']) lay(join(this.#home, 'versions', version), version);
      symlinkSync('versions/1.0.0', join(this.#home, 'current'));
    }
    for (const place of ['etc/gate-agent', 'run/gate-agent', 'var/lib/gate-agent/update'])
      mkdirSync(join(this.root, place), { recursive: true });
    this.trust(this.key.publicKey);
    const service = join(this.root, 'service');
    const now = `basename "$(readlink ${this.#home}/current)"`;
    const restart = `${now} >${this.root}/running; echo >>${this.root}/lives`;
    const count = `cat ${this.root}/crashes`;
    writeFileSync(
      service,
      `#!/bin/sh\nif [ "$1" = restart ]; then ${restart}; else ${count}; fi\n`,
    );
    chmodSync(service, 0o755);
    const running = existsSync(join(this.#home, 'current')) ? this.current : '1.0.0';
    for (const [name, text] of [
      ['crashes', '0\n'],
      ['lives', '\n'],
      ['running', running],
    ] as const)
      writeFileSync(join(this.root, name), text);
    this.#daemon = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', (data) => socket.end(this.#answer(String(data))));
    });
    const socket = join(this.root, 'run/gate-agent/control.sock');
    rmSync(socket, { force: true });
    this.#daemon.listen(socket);
    await once(this.#daemon, 'listening');
    return this;
  }

  /** Ends the daemon; what lies on the disk stays. */
  async ends(): Promise<void> {
    await new Promise((done) => this.#daemon?.close(done));
  }

  async close(): Promise<void> {
    await this.ends();
    rmSync(this.root, { recursive: true, force: true });
  }

  trust(pem: string): void {
    writeFileSync(join(this.root, 'etc/gate-agent/release.pub'), pem);
  }

  get spool(): string {
    return join(this.root, 'var/lib/gate-agent/update/ready');
  }

  /** A release of the usual files, at a place of its own. */
  release(version = '2.0.0', more: { arch?: string; from?: string; key?: string } = {}): string {
    const program = join(this.root, `made-${version}`);
    const file = join(this.root, `${version}.update`);
    lay(program, version);
    const key = this.key.privateKey;
    writeUpdate({ program, version, arch, from: '0.9.0', key, seconds: 1e9, file, ...more });
    return file;
  }

  offer(file: string): void {
    copyFileSync(file, this.spool);
  }

  /** Runs the updater to its end, or kills it and all its children at a line of its trace. */
  async run(
    words: readonly string[] = [],
    { killAtLine = 0, blocks = 0 }: { killAtLine?: number; blocks?: number } = {},
  ): Promise<number> {
    const given = [
      `root=${this.root}`,
      'every=0.02',
      'pause=0.02',
      'watch=0',
      'answer=0',
      ...words,
    ];
    // `blocks`: no file may become longer, as where a disk is full in the middle.
    const limit = blocks > 0 ? `ulimit -f ${blocks}; ` : '';
    const child = spawn('sh', ['-c', `${limit}exec sh -x "$@"`, 'sh', script, ...given], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running = child;
    let lines = 0;
    child.stdout.on('data', (text) => {
      this.said += text;
    });
    createInterface({ input: child.stderr }).on('line', () => {
      lines += 1;
      if (lines === killAtLine && child.pid) process.kill(-child.pid, 'SIGKILL');
    });
    await once(child, 'close');
    return lines;
  }

  /** Waits until it looks how the new version does. */
  async judging(): Promise<void> {
    const looks = () => this.isMarked && this.running !== '1.0.0' && this.current !== '1.0.0';
    await until(looks, { withinMs: 15_000, what: 'a switch' });
    const before = this.asked.length;
    await until(() => this.asked.length > before + 2, { withinMs: 15_000, what: 'a look' });
  }

  /** Of the updater that was started last, and of its group. */
  get pid(): number | undefined {
    return this.#running?.pid;
  }

  /** The power goes for it and all its children. */
  cut(): void {
    const pid = this.#running?.pid;
    if (pid) process.kill(-pid, 'SIGKILL');
  }

  /** The machine is started: whatever `current` leads to runs, in another boot. */
  boots(): void {
    writeFileSync(join(this.root, 'running'), this.current);
    writeFileSync(join(this.root, 'lives'), '\n', { flag: 'a' });
    const marker = join(this.#home, 'update/switch');
    if (!existsSync(marker)) return;
    writeFileSync(marker, readFileSync(marker, 'utf8').replace(/^boot .*$/m, 'boot another'));
  }

  get current(): string {
    return readlinkSync(join(this.#home, 'current')).slice('versions/'.length);
  }

  get running(): string {
    return readFileSync(join(this.root, 'running'), 'utf8').trim();
  }

  /** Names under versions/, those in the making, too. */
  get versions(): string[] {
    return readdirSync(join(this.#home, 'versions')).sort();
  }

  get isMarked(): boolean {
    return existsSync(join(this.#home, 'update/switch'));
  }

  /** Whether what `current` leads to is all that its version is. */
  get isComplete(): boolean {
    const [there, whole] = [this.filesOf(this.current), filesOf(this.current)];
    const names = Object.keys(whole);
    return (
      names.length === Object.keys(there).length &&
      names.every((name) => there[name] === whole[name])
    );
  }

  /** As it lies there; files by name. */
  filesOf(version: string): Record<string, string> {
    const folder = join(this.#home, 'versions', version);
    const found = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'manifest')
      .map((entry) => join(entry.parentPath, entry.name));
    return Object.fromEntries(
      found.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
    );
  }

  get result(): Record<string, string> {
    const file = join(this.#home, 'update/result');
    if (!existsSync(file)) return {};
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return Object.fromEntries(lines.map((line) => line.split(/ (.*)/s).slice(0, 2)));
  }

  #answer(line: string): string {
    const { verb } = JSON.parse(line);
    this.asked.push(verb);
    const result = this.#resultOf(verb);
    return result ? `${JSON.stringify({ id: '1', ok: true, result })}\n` : '';
  }

  #resultOf(verb: string): readonly string[] | null {
    if (verb === 'update.leave') return [this.leave()];
    if (verb !== 'update.health') return ['known'];
    const lives = readFileSync(join(this.root, 'lives'), 'utf8').length;
    const words = this.health(this.running);
    return words && [`version:${this.running}`, `life:${lives}`, ...words];
  }
}
