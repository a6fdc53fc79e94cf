// Reads, checks and freezes the configuration; the only reader of the environment. A configuration
// that has armed the terminal is kept as the last-known-good copy; a bad or missing file later
// falls back to it with a fault. Without file and copy the terminal starts unarmed.

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ParseProfile, whyUnreadable } from './config/files.ts';
import { at } from './config/judge.ts';
import { lastGoodPath, readLastGood, writeLastGood } from './config/last-good.ts';
import { type Config, type Loaded, loadText, type Text } from './config/load.ts';
import type { Places } from './config/schema.ts';
import { bytesMax, readYaml } from './config/yaml.ts';
import { Refusal } from './refusal.ts';

export type { ParseProfile } from './config/files.ts';
export type { BrokerConfig, Config, DomeConfig } from './config/load.ts';
export { notesOn } from './config/notes.ts';
export { Secret } from './config/secret.ts';
export { setupOf, wiredInputs } from './config/setup.ts';

/** What the environment says about where things are. */
export interface Surroundings {
  /** `GATE_AGENT_CONFIG`, else /etc/gate-agent/gate-agent.yaml. */
  readonly configFile: string;
  /** systemd's `STATE_DIRECTORY` (the first), null outside systemd. */
  readonly stateDir: string | null;
  /** Where control.sock is unless the configuration says otherwise. */
  readonly socket: string;
  readonly places: Places;
  readonly service: ServiceManager;
  /** All of the environment of the processes that the daemon starts: no variable of systemd's, no secret. */
  readonly childEnv: Readonly<Record<string, string>>;
}

/** What systemd says of itself; nulls outside it. */
export interface ServiceManager {
  /** `NOTIFY_SOCKET`: a path, or an abstract name after `@`. */
  readonly socket: string | null;
  /** `WATCHDOG_USEC`, where it is meant for this process. */
  readonly watchdogMs: number | null;
}

export function surroundings(env: NodeJS.ProcessEnv = process.env): Surroundings {
  const first = (name: string) => env[name]?.split(':')[0] || null;
  const [stateDir, credentialsDir] = [first('STATE_DIRECTORY'), first('CREDENTIALS_DIRECTORY')];
  const runtimeDir = first('RUNTIME_DIRECTORY') ?? '/run/gate-agent';
  return {
    configFile: env.GATE_AGENT_CONFIG || '/etc/gate-agent/gate-agent.yaml',
    stateDir,
    socket: `${runtimeDir}/control.sock`,
    places: { stateDir: stateDir ?? '/var/lib/gate-agent', runtimeDir, credentialsDir },
    service: { socket: env.NOTIFY_SOCKET || null, watchdogMs: watchdogMs(env) },
    childEnv: childEnv(env),
  };
}

/** What finds programs and sound cards; they are to speak English, for we read what they say. */
function childEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = ['PATH', 'ALSA_CONFIG_PATH', 'ALSA_PLUGIN_DIR'];
  const found = names.flatMap((name) => (env[name] ? [[name, env[name]]] : []));
  return { ...Object.fromEntries(found), LC_ALL: 'C' };
}

/** A process that inherited the variable from the one that is meant is named by `WATCHDOG_PID`. */
function watchdogMs({ WATCHDOG_USEC: us, WATCHDOG_PID: pid }: NodeJS.ProcessEnv): number | null {
  const isMine = pid === undefined || Number(pid) === process.pid;
  const ms = Number(us) / 1000;
  return isMine && ms > 0 ? ms : null;
}

/** The control socket that a file names, as far as it can be read at all, else the usual one. */
export function socketIn(file: string, around: Surroundings): string {
  try {
    const text = textOf(resolve(file));
    const socket = text === null ? undefined : at(readYaml(text).root, ['control', 'socket']);
    return typeof socket === 'string' ? socket : around.socket;
  } catch (error) {
    if (error instanceof Refusal) return around.socket;
    throw error;
  }
}

export interface LoadRequest {
  readonly file: string;
  readonly parseProfile: ParseProfile;
  readonly around: Surroundings;
  /** In place of `around.stateDir`. */
  readonly stateDir?: string | null;
}

/** Reads and checks one file. Throws a `Refusal` naming every wrong field. */
export function loadConfig(request: LoadRequest): Config {
  const text = textOf(resolve(request.file));
  if (text === null)
    throw new Refusal([{ field: '(file)', value: request.file, hint: 'no such file' }]);
  return load(request, { file: resolve(request.file), text, copies: {} }, false).config;
}

/** Something about the configuration that people must hear of while the terminal runs. */
export interface ConfigFault {
  readonly fault: 'config.refused' | 'config.files' | 'config.copy' | 'config.waiting';
  readonly detail: string;
}

export type Start =
  | { readonly armed: false }
  | {
      readonly armed: true;
      readonly config: Config;
      readonly faults: readonly ConfigFault[];
      /** To be called once the terminal is armed. Never throws: a copy that cannot be written is a
       * fault, null is all well. */
      keepAsGood(): ConfigFault | null;
    };

/**
 * What the daemon starts with. `armed: false` where there is neither a file nor a copy:
 * control.sock alone. Throws a `Refusal` where the file is bad and there is no usable copy: exit 78.
 */
export function loadForStart(request: LoadRequest): Start {
  const file = resolve(request.file);
  const copyPath = lastGoodPath(file, request.stateDir ?? request.around.stateDir);
  const fresh = tryFile(request, file);
  if (fresh.outcome === 'good') {
    const { config, files } = fresh.loaded;
    const keepAsGood = () => keep(copyPath, { file, text: fresh.text, files });
    return { armed: true, config, faults: [], keepAsGood };
  }
  const copy = readLastGood(copyPath);
  if (fresh.outcome === 'missing' && copy === null) return { armed: false };
  const refusal =
    fresh.outcome === 'bad'
      ? fresh.refusal
      : new Refusal([{ field: '(file)', value: file, hint: 'no such file' }], file);
  if (copy === null) throw refusal;
  if (copy === 'unreadable')
    throw withCopy(refusal, 'the last-known-good copy cannot be read', copyPath);
  return fallBack(request, refusal, copy, copyPath);
}

type Fresh =
  | { readonly outcome: 'good'; readonly loaded: Loaded; readonly text: string }
  | { readonly outcome: 'bad'; readonly refusal: Refusal }
  | { readonly outcome: 'missing' };

function tryFile(request: LoadRequest, file: string): Fresh {
  try {
    const text = textOf(file);
    if (text === null) return { outcome: 'missing' };
    return { outcome: 'good', loaded: load(request, { file, text, copies: {} }, false), text };
  } catch (error) {
    if (error instanceof Refusal) return { outcome: 'bad', refusal: error };
    throw error;
  }
}

/** The copy with the files on the disk; else with its own copies of them, without the wrong. */
function fallBack(
  request: LoadRequest,
  refusal: Refusal,
  copy: { readonly file: string; readonly text: string; readonly files: Loaded['files'] },
  copyPath: string,
): Start {
  const start = ({ config, wrongFiles }: Loaded): Start => ({
    armed: true,
    config,
    faults: [
      {
        fault: 'config.refused',
        detail: `Running on the last good configuration, the file is wrong: ${sentence(refusal)}`,
      },
      ...wrongFiles.map(
        (wrong): ConfigFault => ({ fault: 'config.files', detail: sentence(wrong) }),
      ),
    ],
    keepAsGood: () => null,
  });
  try {
    return start(load(request, { ...copy, copies: {} }, false));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  try {
    return start(load(request, { ...copy, copies: copy.files }, true));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw withCopy(
      refusal,
      `the last-known-good copy is refused, too: ${sentence(error)}`,
      copyPath,
    );
  }
}

export function load(request: LoadRequest, source: Text, lenient: boolean): Loaded {
  const { places } = request.around;
  return loadText(source, { places, parseProfile: request.parseProfile, lenient });
}

function keep(path: string, good: Parameters<typeof writeLastGood>[1]): ConfigFault | null {
  try {
    writeLastGood(path, good);
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      fault: 'config.copy',
      detail: `The last-known-good copy of the configuration cannot be written: ${why}`,
    };
  }
}

/** Text of the file, null where there is none. Throws a `Refusal` where it cannot be read. */
function textOf(file: string): string | null {
  const refused = (hint: string) => new Refusal([{ field: '(file)', value: file, hint }], file);
  try {
    const stat = statSync(file);
    if (!stat.isFile()) throw refused('not a regular file');
    if (stat.size > bytesMax) throw refused(`too large: ${bytesMax / 1024} kB at most`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const hint = whyUnreadable(error);
    if (hint === 'no such file') return null;
    throw refused(hint);
  }
}

function withCopy(refusal: Refusal, hint: string, copyPath: string): Refusal {
  return new Refusal(
    [...refusal.fields, { field: '(copy)', value: copyPath, hint }],
    'configuration',
  );
}

/** The wrong fields in one sentence, no longer than a fault may be. */
export function sentence(refusal: Refusal): string {
  const all = refusal.fields.map(({ field, hint, line }) =>
    line === undefined ? `${field}: ${hint}` : `${field} (line ${line}): ${hint}`,
  );
  const some = all.slice(0, 8).join('; ');
  return all.length > 8 ? `${some}; and ${all.length - 8} more` : some;
}
