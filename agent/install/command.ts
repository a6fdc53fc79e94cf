// `gate-agent provision`: the wizard, or a file of answers. An entry of its own: the prompt library is loaded
// here and by nobody else.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ParseProfile, Surroundings } from '../config.ts';
import { socketIn } from '../config.ts';
import { askControl } from '../control.ts';
import type { Clock } from '../ports.ts';
import type { World } from './draft.ts';
import { run } from './program.ts';
import { codes, type ExitCode, Trouble } from './words.ts';

export interface Provision {
  readonly file: string;
  readonly around: Surroundings;
  readonly parseProfile: ParseProfile;
  readonly clock: Clock;
  readonly profiles: readonly string[];
  readonly version: string;
  /** `--socket`; null: as the configuration says. */
  readonly socket: string | null;
  /** `--answers`; null: a person is asked. */
  readonly answers: string | null;
  readonly isDry: boolean;
  /** `--port`. */
  readonly ports: readonly string[];
  /** `--restart`, `--no-restart`; null: systemd, where it runs. */
  readonly restart: string | false | null;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const askTimeoutMs = 3000;
const restartWithinMs = 120_000;

/** Exit code. */
export async function provision(asked: Provision): Promise<ExitCode> {
  const { answers, isDry, out, err } = asked;
  const world = worldOf(asked);
  if (answers !== null) {
    const { unattended } = await import('./unattended.ts');
    return unattended({ world, file: resolve(answers), isDry, out, err });
  }
  if (!process.stdin.isTTY) {
    err('gate-agent: provision asks at a terminal, and this is none: --answers FILE 需要终端\n');
    return codes.usage;
  }
  const [{ wizard }, { Prompter }] = await Promise.all([
    import('./wizard.ts'),
    import('./prompter.ts'),
  ]);
  const language = 'zh';
  return wizard({ world, askerIn: (say) => new Prompter(say), language, isDry });
}

function worldOf({ file: named, around, clock, socket, restart, ...rest }: Provision): World {
  const file = resolve(named);
  const { parseProfile, profiles, version, ports } = rest;
  const ask: World['daemon']['ask'] = (verb, args = {}) => {
    const path = socket ?? socketIn(file, around);
    return askControl({ path, verb, args, timeoutMs: askTimeoutMs, clock });
  };
  return {
    ...{ file, around, parseProfile, clock, profiles, version, ports },
    daemon: { ask, restart: restartBy(restart, around), clock },
    prompts: promptsDir(),
  };
}

function restartBy(how: Provision['restart'], { childEnv }: Surroundings) {
  const hasSystemd = existsSync('/run/systemd/system');
  if (how === false || (how === null && !hasSystemd)) return null;
  const command =
    how === null ? (['systemctl', 'restart', 'gate-agent'] as const) : (['sh', '-c', how] as const);
  return async (): Promise<void> => {
    const { code } = await run(command, childEnv, restartWithinMs);
    if (code === 0) return;
    const line = command.join(' ');
    throw new Trouble(codes.unavailable, [
      `The daemon could not be restarted (${line})`,
      `守护进程无法重启(${line})`,
    ]);
  };
}

/** Beside the bundle, or where the sources have them. */
function promptsDir(): string {
  const places = ['prompts', '../../config/prompts'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  return places.find((place) => existsSync(place)) ?? '';
}
