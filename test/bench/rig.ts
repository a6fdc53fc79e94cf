// What stands around the daemon: mosquitto, a box on a pty pair, a dome in a process of its own,
// the platform, and a configuration. The database lies on the disk of the checkout, not in a RAM
// disk.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from '#agent/contract.ts';
import { freePort, Mosquitto } from '#test/support/mosquitto.ts';
import { within } from '#test/support/wait.ts';
import { BenchBox } from './box.ts';
import { Daemon, type Mark } from './daemon.ts';
import type { DomeOrder, DomeSays } from './dome.ts';
import { endChild, forkHere } from './floor-child.ts';
import { Platform, type PlatformSetup } from './platform.ts';

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
export type Move = DomeSays & { kind: 'move' };

export interface RigSetup {
  readonly marks?: (mark: Mark) => void;
  readonly strobe?: (request: Strobe) => void;
  readonly move?: (request: Move) => void;
  /** The dome has been asked something and misbehaves. */
  readonly misbehaved?: () => void;
  /** ALSA names: calls are taken, and the dome has pictures. */
  readonly sound?: { readonly speaker: string; readonly microphone: string };
  /** The dome has pictures, and cases are recorded, or not. */
  readonly clips?: 'on' | 'off';
  readonly alarm?: PlatformSetup['alarm'];
  /** Default: 5 ms after the message, as over a network; its work is then out of the way. */
  readonly receiptMs?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Between daemon and broker; the platform is on the broker's own port. */
  readonly via?: (brokerPort: number) => Promise<Between>;
  /** The daemon speaks TLS and shows a certificate of its own; the platform does not. */
  readonly tls?: boolean;
  /** Further lines of the broker's configuration. */
  readonly brokerLines?: (dataDir: string) => readonly string[];
}

export interface Between {
  readonly port: number;
  close(): Promise<void>;
}

export interface Rig {
  readonly broker: Mosquitto;
  /** Of the broker, without TLS. */
  readonly plainPort: number;
  readonly box: BenchBox;
  readonly platform: Platform;
  readonly domePort: number;
  /** From the next request on. */
  readonly domeMode: (mode: DomeOrder['mode']) => void;
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
  const { broker, plainPort } = await startBroker(setup, dataDir);
  const between = await setup.via?.(broker.port);
  const box = await BenchBox.open(dir, 'box', inputs);
  const dome = await startDome(setup);
  const platform = await Platform.open({
    port: plainPort,
    terminal,
    alarm: setup.alarm ?? (() => undefined),
    receiptMs: setup.receiptMs ?? 5,
    receiptIds: 200,
  });
  const socket = join(dir, 'control.sock');
  const configFile = join(dir, 'gate-agent.yaml');
  const line = await lineTo(broker, between?.port ?? broker.port, dir);
  const { sound, clips } = setup;
  const places = { line, sound, clips, box: box.path, domePort: dome.port, socket, dataDir, dir };
  writeFileSync(configFile, JSON.stringify(configOf(places)));
  const daemon = new Daemon({
    configFile,
    socket,
    ...(setup.env ? { env: setup.env } : {}),
    ...(setup.marks ? { onMark: setup.marks } : {}),
  });
  return {
    ...{ broker, plainPort, box, platform, daemon, dir, dataDir, domePort: dome.port },
    domeMode: (mode) => dome.child.send({ mode } satisfies DomeOrder),
    async close() {
      await daemon.stop();
      platform.close();
      await box.close();
      await endChild(dome.child);
      await between?.close();
      await broker.remove();
      for (const place of [dir, dataDir]) rmSync(place, { recursive: true, force: true });
    },
  };
}

/** With TLS it has a second, plain port for those who only look on. */
async function startBroker({ tls = false, brokerLines }: RigSetup, dataDir: string) {
  const otherPort = tls ? await freePort() : null;
  const other = otherPort === null ? [] : [`listener ${otherPort} 127.0.0.1`];
  const broker = await Mosquitto.start({
    tls,
    config: [...(brokerLines?.(dataDir) ?? []), ...other],
  });
  return { broker, plainPort: otherPort ?? broker.port };
}

/** The daemon's way to the broker, as its configuration has it. */
async function lineTo({ certs }: Mosquitto, port: number, dir: string) {
  if (!certs) return { url: `mqtt://127.0.0.1:${port}` };
  const made = await certs.client(terminal);
  const files = { ca: certs.caFile, cert: join(dir, 'client.pem'), key: join(dir, 'client.key') };
  writeFileSync(files.cert, made.cert);
  writeFileSync(files.key, made.key, { mode: 0o600 });
  return { url: `mqtts://127.0.0.1:${port}`, ...files };
}

interface Places {
  readonly line: { readonly url: string };
  readonly sound: RigSetup['sound'];
  readonly clips: RigSetup['clips'];
  readonly box: string;
  readonly domePort: number;
  readonly socket: string;
  readonly dataDir: string;
  readonly dir: string;
}

/** Defaults wherever there is one: that is what is measured. */
function configOf({ line, sound, clips, box, domePort, socket, dataDir, dir }: Places) {
  const passwordFile = join(dir, 'dome-password');
  writeFileSync(passwordFile, 'bench', { mode: 0o600 });
  const numbers = Array.from({ length: inputs }, (_, n) => n + 1);
  return {
    terminal: { id: terminal },
    identity,
    data: { dir: dataDir, capMb },
    control: { socket },
    broker: line,
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
    ...(sound || clips ? { media: mediaOf(sound, clips) } : {}),
  };
}

const mediaOf = (sound: RigSetup['sound'], clips: RigSetup['clips']) => ({
  ...{ ownNetwork: 'allow', ...(sound ? { sound } : {}) },
  ...(clips === 'on' ? { clips: { capMb: 1024, reserveMb: 512 } } : {}),
});

/** The dome of dome.ts, listening. */
export async function startDome({ strobe, move, misbehaved, sound, clips }: RigSetup) {
  const child = forkHere('dome.ts', sound || clips ? ['streams'] : []);
  const listening = new Promise<number>((done) => {
    child.on('message', (message: DomeSays) => {
      if (message.kind === 'listening') done(message.port);
      else if (message.kind === 'strobe') strobe?.(message);
      else if (message.kind === 'move') move?.(message);
      else misbehaved?.();
    });
  });
  const port = await within(listening, { withinMs: 10_000, what: 'the dome' });
  return { child, port };
}
