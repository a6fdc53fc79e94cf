// A PC dies with an alarm that nobody has: its backup makes another PC the same terminal, and the alarm
// arrives from there, once, under its id. Real daemons, killed; a real broker; the command line as it is
// typed.

import { createHash, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askControl } from '#agent/control.ts';
import { SimBox } from '#agent/sim/box.ts';
import { Daemon } from '#agent/sim/daemon.ts';
import { Platform } from '#agent/sim/platform.ts';
import { statusReport } from '#agent/status.ts';
import { verifyChain } from '#agent/store/chain.ts';
import { systemClock } from '#agent/system/clock.ts';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';
import { runToEnd } from './support/commands.ts';
import { lookInto } from './support/database.ts';
import { launcher } from './support/house.ts';

const terminal = 'hz-0012';
let dir: string;
let broker: Mosquitto;
let platform: Platform;
let box: SimBox;
const daemons: Daemon[] = [];

/** A machine: its own /etc, /var/lib and /run. */
class Pc {
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly daemon: Daemon;

  constructor(name: string) {
    this.dir = join(dir, name);
    this.env = {
      GATE_AGENT_CONFIG: join(this.dir, 'etc/gate-agent.yaml'),
      STATE_DIRECTORY: join(this.dir, 'var'),
      RUNTIME_DIRECTORY: join(this.dir, 'run'),
    };
    const configFile = join(this.dir, 'etc/gate-agent.yaml');
    this.daemon = new Daemon({ command: [launcher], configFile, env: this.env });
    daemons.push(this.daemon);
  }

  async make(): Promise<this> {
    for (const place of ['etc', 'var', 'run'])
      await mkdir(join(this.dir, place), { recursive: true });
    return this;
  }

  /** A command on it. */
  type(...args: string[]) {
    return runToEnd(launcher, args, { env: this.env, withinMs: 60_000 });
  }

  async start(): Promise<void> {
    this.daemon.start();
    const armed = () => this.daemon.lines.some((line) => line.includes('"msg":"armed"'));
    await until(armed, { withinMs: 60_000, what: 'an armed terminal' });
  }

  async status() {
    const path = join(this.dir, 'run/control.sock');
    const said = await askControl({ path, verb: 'status', timeoutMs: 5_000, clock: systemClock() });
    return statusReport.parse(said);
  }

  get left() {
    return lookInto(join(this.dir, 'var'));
  }
}

const yaml = () => `
terminal: { id: ${terminal} }
identity:
  divisionCode: 330106
  jurisdiction: 文新派出所
  school: 文新小学
  address: 文二西路 12 号
  gate: 东门
  gateRoomPhone: 0571-88880012
data: { capMb: 16 }
broker:
  url: ${broker.url}
  username: ${terminal}
  passwordFile: secrets/broker
boxes:
  - id: desk
    path: ${box.path}
    inputs:
      1: { id: desk-button, name: 值班台按钮, kind: emergency }
      2: { id: wall-button, name: 墙上按钮, kind: emergency }
`;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gate-replace-'));
  broker = await Mosquitto.start();
  platform = new Platform({ broker: broker.url, file: join(dir, 'platform.jsonl') });
  await platform.open();
  box = new SimBox({ dir, inputs: 2 });
  await box.open();
});

afterAll(async () => {
  for (const daemon of daemons) await daemon.end('SIGKILL');
  await box.close();
  await platform.close();
  await broker.remove();
  await rm(dir, { recursive: true, force: true });
});

const raised = () => platform.log.filter(({ message }) => kindOf(message) === 'alarm.raised');
const kindOf = (message: unknown): unknown =>
  typeof message === 'object' && message !== null && 'kind' in message ? message.kind : null;
const seqOf = (message: unknown): number =>
  typeof message === 'object' && message !== null && 'seq' in message ? Number(message.seq) : 0;

async function pressed(pc: Pc, input: number, cases: number): Promise<void> {
  box.press(input);
  const open = async () => (await pc.status()).incidents.length === cases;
  await until(open, { withinMs: 20_000, what: `${cases} open cases` });
  box.release(input);
}

test('a dead PC, its backup, another PC', { timeout: 180_000 }, async () => {
  const old = await new Pc('old').make();
  await mkdir(join(old.dir, 'etc/secrets'));
  await writeFile(join(old.dir, 'etc/gate-agent.yaml'), yaml());
  await writeFile(join(old.dir, 'etc/secrets/broker'), 'first-word\n', { mode: 0o640 });
  await mkdir(join(old.dir, 'etc-panel'));
  await writeFile(join(old.dir, 'etc-panel/pin.json'), '{}', { mode: 0o600 });
  const word = join(dir, 'word');
  await writeFile(word, 'correct horse battery\n', { mode: 0o600 });
  const [mine, other] = [await keyPair('mine'), await keyPair('other')];
  await old.start();
  await pressed(old, 1, 1);
  await until(() => raised().length === 1, { withinMs: 20_000, what: 'the first alarm' });
  const receipt = async () => (await old.status()).store?.outboxRows === 0;
  await until(receipt, { withinMs: 20_000, what: 'its receipt' });

  // The line is cut; a press while nobody hears it; a backup of the running terminal.
  await broker.down('SIGKILL');
  await pressed(old, 2, 2);
  const file = join(dir, 'terminal.backup');
  const made = await old.type('backup', '--out', file, '--to', mine.to);
  expect(made, made.err).toMatchObject({
    code: 0,
    out: expect.stringContaining(`${terminal} (running)`),
  });
  await old.daemon.end('SIGKILL');
  const before = old.left;
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const secrets = [readFileSync(join(old.dir, 'var/evidence-key.pem')), Buffer.from('first-word')];
  for (const secret of secrets) expect(readFileSync(file).includes(secret)).toBe(false);

  // Of the dead one's disk it is the same, and nothing on it is touched.
  const untouched = digestsOf(join(old.dir, 'var'));
  const dead = await old.type('backup', '--out', `${file}2`, '--passphrase-file', word);
  expect(dead, dead.err).toMatchObject({ code: 0, out: expect.stringContaining('(not running)') });
  expect(digestsOf(join(old.dir, 'var'))).toEqual(untouched);

  // Another key, or a file that was cut: nothing changes.
  const fresh = await new Pc('fresh').make();
  const wrong = await fresh.type('replace', '--from', file, '--key', other.key);
  expect(wrong).toMatchObject({ code: 64, err: expect.stringContaining('another key') });
  await writeFile(`${file}.cut`, readFileSync(file).subarray(0, -100));
  const cut = await fresh.type('replace', '--from', `${file}.cut`, '--key', mine.key);
  expect(cut).toMatchObject({ code: 64, err: expect.stringContaining('damaged or cut off') });
  expect([await readdir(join(fresh.dir, 'etc')), await readdir(join(fresh.dir, 'var'))]).toEqual([
    [],
    [],
  ]);

  const put = await fresh.type('replace', '--from', file, '--key', mine.key);
  expect(put, put.err).toMatchObject({
    code: 0,
    out: expect.stringMatching(/this machine is hz-0012 now.*\nunsent alarms: 1; open cases: 2\n/),
  });
  const again = await fresh.type('replace', '--from', file, '--key', mine.key);
  expect(again).toMatchObject({ code: 64, err: expect.stringContaining('is a terminal already') });
  const config = join(fresh.dir, 'etc/secrets/broker');
  expect([readFileSync(config, 'utf8'), statSync(config).mode & 0o777]).toEqual([
    'first-word\n',
    0o640,
  ]);

  expect(readFileSync(join(fresh.dir, 'etc-panel/pin.json'), 'utf8')).toBe('{}');

  // The line is back, and the other PC runs in place of the first.
  const heard = platform.log.length;
  await broker.up();
  await fresh.start();
  await until(() => raised().length >= 2, { withinMs: 60_000, what: 'the unsent alarm' });
  const told = () => platform.log.find(({ message }) => kindOf(message) === 'terminal.replaced');
  await until(told, { withinMs: 60_000, what: 'the event' });
  const settled = async () => (await fresh.status()).store?.outboxRows === 0;
  await until(settled, { withinMs: 60_000, what: 'all receipts' });

  const unsent = before.outbox.filter(({ lane }) => lane === 0);
  const arrived = platform.log.slice(heard).filter(({ what }) => what === 'alarm');
  expect(arrived.map(({ message }) => message)).toEqual(
    unsent.map(({ payload }) => JSON.parse(payload)),
  );
  expect(arrived.every(({ again: known }) => !known)).toBe(true);
  // Its case is open there, and the next press is a press again of it.
  expect((await fresh.status()).incidents).toHaveLength(2);
  await pressed(fresh, 2, 2);
  const seqs = platform.log.map(({ message }) => seqOf(message));
  const oldest = Math.max(...before.outbox.map(({ seq }) => seq));
  expect(seqOf(told()?.message)).toBeGreaterThan(oldest + 100_000);
  expect(Math.max(...seqs)).toBeGreaterThanOrEqual(seqOf(told()?.message));
  expect(platform.violations).toEqual([]);

  // The chain goes on, over a gap under a signed checkpoint, and its first record there says why.
  await fresh.daemon.end('SIGTERM');
  const rows = fresh.left.audit;
  const at = rows.findIndex(({ kind }) => kind === 'terminal.replaced');
  const last = before.audit.at(-1);
  expect(rows[at - 1]?.seq).toBeLessThanOrEqual(last?.seq ?? 0);
  expect(rows[at]?.seq).toBeGreaterThan(1_000_000);
  const verdict = verifyChain(rows, null, checkpointsOf(join(fresh.dir, 'var/gate.db')));
  expect(verdict).toMatchObject({ ok: true, gaps: [{ to: (rows[at]?.seq ?? 0) - 1 }] });
});

async function keyPair(name: string): Promise<{ readonly key: string; readonly to: string }> {
  const pair = generateKeyPairSync('x25519');
  const [key, to] = [join(dir, `${name}.pem`), join(dir, `${name}.pub`)];
  await writeFile(key, pair.privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  await writeFile(to, pair.publicKey.export({ format: 'pem', type: 'spki' }));
  return { key, to };
}

function digestsOf(place: string): Record<string, string> {
  const names = ['gate.db', 'gate.db-wal', 'alarm.journal', 'evidence-key.pem'];
  const there = names.filter((name) => existsSync(join(place, name)));
  const digest = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(place, name)))
      .digest('hex');
  return Object.fromEntries(there.map((name) => [name, digest(name)]));
}

function checkpointsOf(file: string) {
  const db = new Sqlite(file, { readonly: true });
  try {
    const found = db.prepare<[], string>("select value from meta where key like 'lost:%'").pluck();
    return found.all().map((text) => JSON.parse(text));
  } finally {
    db.close();
  }
}
