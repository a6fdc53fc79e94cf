// Compiles the echo canceller, agent/media/sound/canceller.cc. Where its libraries are missing it is
// left out with a line that says what to install: the sound of the gate room is half-duplex then.

import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dir = join(root, 'agent/media/sound');
const source = join(dir, 'canceller.cc');
const sources = [source, join(dir, 'echo.h'), join(dir, 'alignment.h')];
const strict = ['-std=c++17', '-Wall', '-Wextra', '-Werror'];
const form = ['-O2', '-s', `-ffile-prefix-map=${root}=.`];
/** The headers are not clean by our rules. `from`: a folder that stands for `/`. */
const headersIn = (from: string | null): string[] =>
  ['/usr/include/webrtc_audio_processing', ...(from === null ? [] : ['/usr/include'])].flatMap(
    (folder) => ['-isystem', `${from ?? ''}${folder}`],
  );
const names = ['-DWEBRTC_POSIX', '-DWEBRTC_AUDIO_PROCESSING_ONLY_BUILD'];
const librariesIn = (from: string | null): string[] => [
  ...(from === null ? [] : globSync('usr/lib/*-linux-gnu', { cwd: from })).map(
    (folder) => `-L${join(from ?? '', folder)}`,
  ),
  ...['-lwebrtc_audio_processing', '-lasound'],
];
const packages = ['libwebrtc-audio-processing-dev', 'libasound2-dev'];

const mtimeMs = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

interface Target {
  /** That of the machine it is for. */
  readonly compiler?: string;
  /** Where Debian's packages for that machine lie; null: installed here. */
  readonly libraries?: string | null;
  /** Another program around the same sources. */
  readonly program?: string;
  /** For the compiler, before all else. */
  readonly args?: readonly string[];
}

/** Leaves what is newer than its sources. False where it cannot be made here, and says why. */
export function compileCanceller(to: string, target: Target = {}): boolean {
  const { compiler = 'g++', libraries = null, program = source, args: more = [] } = target;
  if ([program, ...sources].every((file) => mtimeMs(file) < mtimeMs(to))) return true;
  if (!hasLibraries(compiler, libraries)) {
    console.error(`canceller: left out, ${compiler} does not find ${packages.join(' ')}`);
    return false;
  }
  const made = `${to}.${process.pid}`;
  mkdirSync(dirname(to), { recursive: true });
  const flags = [...more, ...strict, ...form, ...headersIn(libraries), ...names];
  const args = [...flags, program, ...librariesIn(libraries), '-o', made];
  execFileSync(compiler, args, { stdio: 'inherit' });
  renameSync(made, to);
  return true;
}

function hasLibraries(compiler: string, from: string | null): boolean {
  const probe = 'int main() { return 0; }';
  const include = '-include webrtc/modules/audio_processing/include/audio_processing.h';
  const args = [
    ...headersIn(from),
    ...names,
    ...include.split(' '),
    '-include',
    'alsa/asoundlib.h',
  ];
  const { status } = spawnSync(
    compiler,
    ['-x', 'c++', ...args, '-', '-o', '/dev/null', ...librariesIn(from)],
    { input: probe, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  return status === 0;
}
