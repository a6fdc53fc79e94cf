// What stands around the daemon: mosquitto, a box on a pty pair, a dome in a process of its own,
// the platform, and a configuration. The database lies on the disk of the checkout, not in a RAM
// disk.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from '#agent/contract.ts';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { within } from '#test/support/wait.ts';
import { BenchBox } from './box.ts';
import { Daemon, type Mark } from './daemon.ts';
import type { DomeSays } from './dome.ts';
import { endChild, forkHere } from './floor-child.ts';
import { type Heard, Platform } from './platform.ts';

const root = join(import.meta.dirname, '../..');
export const terminal = 'bench-1';
export const inputs = 4;
/** The configuration's default. */
export const capMb = 256;
export const identity: Identity = {
  divisionCode: '330106',
  jurisdiction: '文新派出所',
  school: '演练小学',
  address: '演练路 1 号',
  position: { lat: 30.274151, lon: 120.15507 },
  gate: '东门',
  gateRoomPhone: '0571-88880012',
  contacts: [{ name: '值班室', phone: '0571-88880013' }],
};

export type Strobe = DomeSays & { kind: 'strobe' };

export interface RigSetup {
  readonly marks?: (mark: Mark) => void;
  readonly strobe?: (request: Strobe) => void;
  readonly alarm?: (message: Heard, payload: Buffer) => void;
  /** Default: 5 ms after the message, as over a network; its work is then out of the way. */
  readonly receiptMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Rig {
  readonly broker: Mosquitto;
  readonly box: BenchBox;
  readonly platform: Platform;
  readonly domePort: number;
  readonly daemon: Daemon;
  /** Short-lived files. */
  readonly dir: string;
  /** On the disk of the checkout; holds the database. */
  readonly dataDir: string;
  close(): Promise<void>;
}

/** Everything but the daemon runs when it resolves. */
export async function openRig(setup: RigSetup = {}): Promise<Rig> {
  const dir = mkdtempSync(join(tmpdir(), 'gate-bench-'));
  mkdirSync(join(root, '.cache'), { recursive: true });
  const dataDir = mkdtempSync(join(root, '.cache/bench-'));
  const broker = await Mosquitto.start();
  const box = await BenchBox.open(dir, 'box', inputs);
  const dome = await startDome(setup.strobe ?? (() => undefined));
  const platform = await Platform.open({
    port: broker.port,
    terminal,
    alarm: setup.alarm ?? (() => undefined),
    receiptMs: setup.receiptMs ?? 5,
    receiptIds: 200,
  });
  const socket = join(dir, 'control.sock');
  const configFile = join(dir, 'gate-agent.yaml');
  const places = { broker: broker.url, box: box.path, domePort: dome.port, socket, dataDir, dir };
  writeFileSync(configFile, JSON.stringify(configOf(places)));
  const daemon = new Daemon({
    configFile,
    socket,
    ...(setup.env ? { env: setup.env } : {}),
    ...(setup.marks ? { onMark: setup.marks } : {}),
  });
  return {
    ...{ broker, box, platform, daemon, dir, dataDir, domePort: dome.port },
    async close() {
      await daemon.stop();
      platform.close();
      await box.close();
      await endChild(dome.child);
      await broker.remove();
      for (const place of [dir, dataDir]) rmSync(place, { recursive: true, force: true });
    },
  };
}

interface Places {
  readonly broker: string;
  readonly box: string;
  readonly domePort: number;
  readonly socket: string;
  readonly dataDir: string;
  readonly dir: string;
}

/** Defaults wherever there is one: that is what is measured. */
function configOf({ broker, box, domePort, socket, dataDir, dir }: Places) {
  const passwordFile = join(dir, 'dome-password');
  writeFileSync(passwordFile, 'bench', { mode: 0o600 });
  const numbers = Array.from({ length: inputs }, (_, n) => n + 1);
  return {
    terminal: { id: terminal },
    identity,
    data: { dir: dataDir, capMb },
    control: { socket },
    broker: { url: broker },
    boxes: [
      {
        id: 'desk',
        path: box,
        inputs: Object.fromEntries(
          numbers.map((n) => [n, { id: `button-${n}`, name: `按钮 ${n}`, kind: 'emergency' }]),
        ),
      },
    ],
    dome: {
      url: `http://127.0.0.1:${domePort}/onvif/device_service`,
      username: 'admin',
      passwordFile,
      profile: join(root, 'config/domes/rehearsal.yaml'),
    },
  };
}

async function startDome(strobe: (request: Strobe) => void) {
  const child = forkHere('dome.ts');
  const listening = new Promise<number>((done) => {
    child.on('message', (message: DomeSays) => {
      if (message.kind === 'listening') done(message.port);
      else strobe(message);
    });
  });
  const port = await within(listening, { withinMs: 10_000, what: 'the dome' });
  return { child, port };
}
