// The rehearsal room: button box, dome, broker and platform around a real daemon, each of which can
// break and come back. Knows the daemon by its configuration file and its control socket only.

import { mkdir, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import * as z from 'zod';
import { SimBox } from './box.ts';
import { startBroker } from './broker.ts';
import { Daemon } from './daemon.ts';
import { type SimDome, type SimDomeOptions, startDome } from './dome/dome.ts';
import { Platform, type PlatformOptions } from './platform.ts';
import { type Room as SoundRoom, startRoom } from './sound/room.ts';

/** A broker that can be killed and started again on the same port. */
export interface RoomBroker {
  readonly url: string;
  readonly running: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface RoomButton {
  readonly id: string;
  readonly name: string;
  readonly kind?: string;
  readonly role?: 'button' | 'false-alarm' | 'local-reset';
}

export interface RoomSetup {
  readonly dir: string;
  /** Default: `terminalId`. Another one of a town has a school of its own. */
  readonly terminal?: {
    readonly id: string;
    readonly school: string;
    readonly jurisdiction: string;
  };
  /** One that several rooms have in common, and that none of them closes. */
  readonly platform?: Platform;
  /** Command line of the daemon. */
  readonly command: readonly [string, ...string[]];
  /** Inputs of the box, in order, from number 1. */
  readonly inputs: readonly RoomButton[];
  /** Default: an embedded one. */
  readonly broker?: RoomBroker;
  /** Fields of the daemon's `broker`, where it goes another way than the platform, with TLS, or has a
   * second one. */
  readonly daemonBroker?: {
    readonly [field: string]: string | { readonly [field: string]: string };
  };
  readonly dome?: SimDomeOptions;
  /** Absent: no calls and no picture. */
  readonly media?: RoomMedia;
  /** How the platform logs in. */
  readonly login?: Omit<PlatformOptions, 'broker' | 'file'>;
  readonly logLevel?: 'debug' | 'info';
  readonly onLine?: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

export interface RoomMedia {
  /** The machine's own sound cards, or a room in software (sound/room.ts). */
  readonly sound: 'cards' | 'simulated';
  /** STUN and TURN servers of the terminal. */
  readonly iceServers?: readonly string[];
  /** The dome's stream is kept open while nobody watches; default: yes. */
  readonly warm?: boolean;
  /** Of `media.clips`; default: no clips. */
  readonly clips?: { readonly [field: string]: string | number };
}

export const terminalId = 'rehearsal-1';
/** For a room on anybody's disk. */
export const roomClips = { capMb: 512, reserveMb: 512 } as const;
const profile = join(import.meta.dirname, '../../config/domes/rehearsal.yaml');
const prompts = join(import.meta.dirname, '../../config/prompts/zh');
const domePassword = 'dome-of-the-room';

export class Room {
  readonly box: SimBox;
  readonly dome: SimDome;
  readonly broker: RoomBroker;
  readonly platform: Platform;
  readonly daemon: Daemon;
  /** The gate room in software; null where it has real cards, or none. */
  readonly sound: SoundRoom | null;
  readonly #setup: RoomSetup;

  private constructor(
    setup: RoomSetup,
    parts: Pick<Room, 'box' | 'dome' | 'broker' | 'platform' | 'sound'>,
  ) {
    this.#setup = setup;
    this.sound = parts.sound;
    this.box = parts.box;
    this.dome = parts.dome;
    this.broker = parts.broker;
    this.platform = parts.platform;
    const { command, onLine } = setup;
    const env = { ...setup.env, ...parts.sound?.env };
    this.daemon = new Daemon({
      command,
      configFile: join(setup.dir, 'gate-agent.yaml'),
      ...(onLine ? { onLine } : {}),
      env,
    });
  }

  /** Everything but the daemon is running when this resolves. */
  static async open(setup: RoomSetup): Promise<Room> {
    await mkdir(setup.dir, { recursive: true });
    const broker = setup.broker ?? (await startBroker());
    const dome = await startDome({ ...setup.dome, password: domePassword });
    const box = new SimBox({ dir: setup.dir, inputs: setup.inputs.length });
    await box.open();
    const platform = setup.platform ?? (await openPlatform(setup, broker));
    const sound = setup.media?.sound === 'simulated' ? await startRoom() : null;
    const room = new Room(setup, { box, dome, broker, platform, sound });
    await room.#configure();
    return room;
  }

  async close(): Promise<void> {
    await this.daemon.end('SIGTERM');
    if (!this.#setup.platform) await this.platform.close();
    await this.box.close();
    await this.dome.close();
    await this.sound?.close();
    await this.broker.stop();
  }

  /** Writes the daemon's configuration, as an installer would. */
  async #configure(): Promise<void> {
    const { dir, inputs, logLevel = 'info', daemonBroker, terminal } = this.#setup;
    const { id = terminalId, school = '演练小学', jurisdiction = '文新派出所' } = terminal ?? {};
    await writeFile(join(dir, 'dome-password'), domePassword, { mode: 0o600 });
    const buttons = inputs.map(
      (input, n) => [String(n + 1), { role: 'button', ...input }] as const,
    );
    const config = {
      terminal: { id },
      identity: {
        divisionCode: '330106',
        ...{ jurisdiction, school },
        address: '演练路 1 号',
        position: { lat: 30.274151, lon: 120.15507 },
        gate: '东门',
        gateRoomPhone: '0571-88880012',
        contacts: [{ name: '值班室', phone: '0571-88880013' }],
      },
      data: { dir: join(dir, 'data'), capMb: 64 },
      control: { socket: this.socket },
      broker: { url: this.broker.url, ...daemonBroker },
      boxes: [{ id: 'desk', path: this.box.path, inputs: Object.fromEntries(buttons) }],
      dome: {
        url: this.dome.url,
        username: 'admin',
        passwordFile: join(dir, 'dome-password'),
        profile,
      },
      ...(this.#setup.media ? { media: this.#media(this.#setup.media) } : {}),
      log: { level: logLevel },
    };
    // JSON is YAML.
    await writeFile(join(dir, 'gate-agent.yaml'), JSON.stringify(config, null, 2));
  }

  /** Browser and terminal are on one machine. */
  #media({ iceServers = [], warm = true, clips }: RoomMedia) {
    const cards = this.sound
      ? { speaker: this.sound.speaker, microphone: this.sound.microphone }
      : {};
    const kept = clips && { clips };
    return { ownNetwork: 'allow', iceServers, warm, sound: { ...cards, prompts }, ...kept };
  }

  get inputs(): readonly RoomButton[] {
    return this.#setup.inputs;
  }

  get socket(): string {
    return join(this.#setup.dir, 'control.sock');
  }

  /** What the daemon says of itself on its control socket; null while it does not answer. */
  status(): Promise<RoomStatus | null> {
    return askStatus(this.socket);
  }
}

async function openPlatform(setup: RoomSetup, broker: RoomBroker): Promise<Platform> {
  const file = join(setup.dir, 'platform.jsonl');
  const platform = new Platform({ ...setup.login, broker: broker.url, file });
  await platform.open();
  return platform;
}

const roomStatus = z.object({
  ok: z.literal(true),
  result: z.object({
    armed: z.boolean(),
    online: z.boolean(),
    broker: z.string().nullable(),
    lamp: z.object({ word: z.string() }).nullable(),
    store: z.object({ outboxRows: z.number(), transactions: z.number() }).nullable(),
    incidents: z.array(
      z.object({
        id: z.string(),
        input: z.string(),
        step: z.string(),
        presses: z.number(),
        mark: z.enum(['drill', 'service']).nullable(),
      }),
    ),
    faults: z.array(z.object({ fault: z.string(), detail: z.string() })),
  }),
});
export type RoomStatus = z.infer<typeof roomStatus>['result'];

const askWithinMs = 1000;

function askStatus(path: string): Promise<RoomStatus | null> {
  return new Promise((done) => {
    const socket = createConnection(path);
    const finish = (status: RoomStatus | null) => {
      socket.destroy();
      done(status);
    };
    socket.setTimeout(askWithinMs, () => finish(null));
    socket.once('error', () => finish(null));
    socket.once('close', () => done(null));
    let said = '';
    socket.on('data', (chunk) => {
      said += chunk;
      if (!said.includes('\n')) return;
      const answer = roomStatus.safeParse(JSON.parse(said));
      finish(answer.success ? answer.data.result : null);
    });
    socket.write(`${JSON.stringify({ id: '1', verb: 'status' })}\n`);
  });
}
