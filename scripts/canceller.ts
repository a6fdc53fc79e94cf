// Compiles the echo canceller, agent/media/sound/canceller.cc. Where its libraries are missing it is
// left out with a line that says what to install: the sound of the gate room is half-duplex then.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const source = join(root, 'agent/media/sound/canceller.cc');
const strict = ['-std=c++17', '-Wall', '-Wextra', '-Werror'];
const form = ['-O2', '-s', `-ffile-prefix-map=${root}=.`];
/** The headers are not clean by our rules. */
const headers = ['-isystem', '/usr/include/webrtc_audio_processing'];
const names = ['-DWEBRTC_POSIX', '-DWEBRTC_AUDIO_PROCESSING_ONLY_BUILD'];
const libraries = ['-lwebrtc_audio_processing', '-lasound'];
const packages = ['libwebrtc-audio-processing-dev', 'libasound2-dev'];

const mtimeMs = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Leaves what is newer than its source. False where it cannot be made here, and says why.
 * `compiler`: that of the machine it is for; `suffix`: of its Debian packages, such as `:arm64`. */
export function compileCanceller(to: string, compiler = 'g++', suffix = ''): boolean {
  if (mtimeMs(source) < mtimeMs(to)) return true;
  if (!hasLibraries(compiler)) {
    const missing = packages.map((name) => name + suffix).join(' ');
    console.error(`canceller: left out, ${compiler} does not find ${missing}`);
    return false;
  }
  const made = `${to}.${process.pid}`;
  mkdirSync(dirname(to), { recursive: true });
  const args = [...strict, ...form, ...headers, ...names, source, ...libraries, '-o', made];
  execFileSync(compiler, args, { stdio: 'inherit' });
  renameSync(made, to);
  return true;
}

function hasLibraries(compiler: string): boolean {
  const probe = 'int main() { return 0; }';
  const include = '-include webrtc/modules/audio_processing/include/audio_processing.h';
  const args = [...headers, ...names, ...include.split(' '), '-include', 'alsa/asoundlib.h'];
  const { status } = spawnSync(
    compiler,
    ['-x', 'c++', ...args, '-', '-o', '/dev/null', ...libraries],
    { input: probe, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  return status === 0;
}
