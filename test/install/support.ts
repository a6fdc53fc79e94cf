// A site as a person has it on a stick: answers, certificates, passwords; and the room around it: broker with
// TLS and client certificates, simulated dome, button box, a daemon that somebody restarts.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { stringify } from 'yaml';
import { surroundings } from '#agent/config.ts';
import { ControlFailed } from '#agent/control.ts';
import { parseProfile } from '#agent/dome/profile.ts';
import type { World } from '#agent/install/draft.ts';
import { unattended } from '#agent/install/unattended.ts';
import type { ExitCode } from '#agent/install/words.ts';
import type { SimDomeOptions } from '#agent/sim/dome/dome.ts';
import { systemClock } from '#agent/system/clock.ts';
import { Companion } from '#test/e2e/support/commands.ts';
import { launcher } from '#test/e2e/support/house.ts';
import { until } from '#test/support/wait.ts';

export const terminal = 'hz-0012';

/** As whoever prints the codes does it. */
export function qrOf(pairs: readonly (readonly [string, string])[]): string {
  const body = `GATE1?${pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')}`;
  return `${body}&k=${crc32(body).toString(16).padStart(8, '0')}`;
}

export const identityPairs = [
  ['id', terminal],
  ['d', '330106'],
  ['j', '西湖分局文新派出所'],
  ['s', '文新小学'],
  ['a', '文二西路 12 号'],
  ['g', '东门'],
  ['p', '0571-88880012'],
  ['lat', '30.287459'],
  ['lon', '120.094521'],
  ['c', '王老师,13800000012'],
] as const;

/** One relay to switch, and nothing else to wait for. */
export const quickDome: SimDomeOptions = {
  ...{ relays: { R: 'strobe' }, deviceAuxiliary: [], ptzAuxiliary: [], presets: [] },
  ...{ audioClips: {}, coaxial: {}, moveAndTrack: false, dayNight: false, snapshots: false },
};

export type Fields = { readonly [field: string]: unknown };

/** A directory with answers in it; files are written beside them. */
export class Stick {
  readonly dir: string;
  readonly file: string;

  constructor(dir: string) {
    this.dir = dir;
    this.file = join(dir, 'site.yaml');
    mkdirSync(dir, { recursive: true });
  }

  put(name: string, text: string): string {
    writeFileSync(join(this.dir, name), text, { mode: 0o600 });
    return name;
  }

  answers(fields: Fields): void {
    this.put('site.yaml', stringify(fields));
  }
}

/** Where the installed terminal's files lie in this test. */
export function worldAt(dir: string, more: Partial<World> = {}): World {
  const clock = systemClock();
  const around = surroundings({
    ...{
      PATH: process.env.PATH ?? '',
      RUNTIME_DIRECTORY: dir,
      STATE_DIRECTORY: join(dir, 'state'),
    },
  });
  const nobody = async () => {
    throw new ControlFailed('not-running', 'nobody answers');
  };
  return {
    ...{ file: join(dir, 'etc', 'gate-agent.yaml'), around, parseProfile, clock },
    daemon: { ask: nobody, restart: null, clock },
    profiles: [join(import.meta.dirname, '../../config/domes')],
    prompts: join(import.meta.dirname, '../../config/prompts'),
    ...{ version: '0.1.0', ports: [] },
    ...more,
  };
}

export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export async function runAnswers(world: World, file: string, isDry = false): Promise<Ran> {
  const said = { out: '', err: '' };
  const code = await unattended({
    ...{ world, file, isDry },
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
  });
  return { code, ...said };
}

/** A daemon that comes back whenever it ends, as systemd has it. */
export class Kept {
  readonly env: NodeJS.ProcessEnv;
  readonly #dir: string;
  readonly #shell: Companion;

  constructor(dir: string, config: string) {
    this.#dir = dir;
    mkdirSync(dir, { recursive: true });
    this.env = { RUNTIME_DIRECTORY: dir, STATE_DIRECTORY: join(dir, 'state') };
    const script =
      `trap 'kill -KILL "$pid"; exit' TERM; while :; do "$0" run --config "$1" & pid=$!; ` +
      'echo "$pid" >"$2"; wait "$pid"; done';
    const args = ['-c', script, launcher, config, this.#pidFile];
    this.#shell = new Companion('bash', args, this.env);
  }

  get #pidFile(): string {
    return join(this.#dir, 'pid');
  }

  get socket(): string {
    return join(this.#dir, 'control.sock');
  }

  /** For `--restart`. */
  get restart(): string {
    return `kill "$(cat ${this.#pidFile})"`;
  }

  async said(what: string): Promise<void> {
    await until(() => this.#shell.lines.some((line) => line.includes(what)), {
      ...{ withinMs: 30_000, what: `the daemon to say ${what}` },
    });
  }

  get lines(): readonly string[] {
    return this.#shell.lines;
  }

  async end(): Promise<void> {
    await this.#shell.end('SIGTERM');
  }
}

export const readText = (...path: string[]): string => readFileSync(join(...path), 'utf8');
