// What root's updater refuses, on real files: each with one sentence, and nothing has changed.

import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Seal, sealUpdate } from '../../scripts/update-file.ts';
import { expectRefused } from './refusal.ts';
import { arch, keyPair, Rig } from './rig.ts';

/** Some hundred small processes each, on a machine that may be busy. */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

let rig: Rig;
beforeEach(async () => {
  rig = await new Rig().open();
});
afterEach(() => rig.close());

/** A release whose tree is made by `make`, and whose list is `list`: signed all the same. */
function odd(
  make: (folder: string) => readonly string[],
  { list, kb = 8, ...seal }: Partial<Seal> & { list?: readonly string[]; kb?: number } = {},
): string {
  const work = mkdtempSync(join(rig.root, 'odd-'));
  const folder = join(work, 'tree');
  mkdirSync(folder);
  writeFileSync(join(folder, 'launch'), 'x');
  const args = ['--create', '--gzip', '--absolute-names', '--file', join(work, 'tree.tar.gz')];
  execFileSync('tar', [...args, '--directory', folder, ...make(folder)], { stdio: 'pipe' });
  const hash = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
  const file = join(rig.root, 'odd.update');
  sealUpdate({
    ...{ work, list: list ?? [`${hash}  launch`], kb, version: '2.0.0', arch, from: '1.0.0' },
    ...{ seconds: 0, key: rig.key.privateKey, file, ...seal },
  });
  return file;
}

/** Flips a bit of each of these places, one file each. */
function changed(file: string, at: (size: number) => number): string {
  const bytes = readFileSync(file);
  const where = at(bytes.length);
  bytes[where] = (bytes[where] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  return file;
}
const tree = (file: string): number => readFileSync(file).indexOf('tree.tar.gz');

describe('is refused, and nothing has changed:', () => {
  const beside = (name: string) => `--transform=s,launch,${name},`;
  it.each<[string, RegExp, () => string]>([
    ['another key', /not signed/, () => rig.release('2.0.0', { key: keyPair().privateKey })],
    ['a bit of the manifest', /not signed/, () => changed(rig.release(), () => 600)],
    [
      'a bit of the signature',
      /not signed/,
      () =>
        changed(rig.release(), (size) => {
          const file = join(rig.root, '2.0.0.update');
          return Math.min(size, readFileSync(file).indexOf('signature') + 512);
        }),
    ],
    [
      'a bit of the tree',
      /changed on its way/,
      () => {
        const file = rig.release();
        return changed(file, () => tree(file) + 600);
      },
    ],
    [
      'cut off',
      /changed on its way|not signed/,
      () => {
        const file = rig.release();
        truncateSync(file, tree(file) + 700);
        return file;
      },
    ],
    ['a lower version', /0\.9\.9 is not newer than 1\.0\.0/, () => rig.release('0.9.9')],
    ['a version before the same', /not newer/, () => rig.release('1.0.0~rc1')],
    ['the same version', /not newer/, () => rig.release('1.0.0')],
    [
      'another machine',
      /another machine: riscv64/,
      () => rig.release('2.0.0', { arch: 'riscv64' }),
    ],
    ['too large a step', /goes on from 1\.5\.0/, () => rig.release('2.0.0', { from: '1.5.0' })],
    [
      'a version that is a way',
      /version is none/,
      () => odd(() => ['launch'], { version: '2/../../x' }),
    ],
    [
      'a way out of the folder',
      /cannot be unpacked/,
      () => odd(() => [beside('../../../out'), 'launch']),
    ],
    [
      'a way from the root',
      /not what the list|not listed/,
      () => odd(() => [beside('/tmp/launch'), 'launch']),
    ],
    [
      'a link',
      /neither file nor folder/,
      () =>
        odd((folder) => {
          symlinkSync('/etc/passwd', join(folder, 'lib'));
          return ['launch', 'lib'];
        }),
    ],
    [
      'a file that is not listed',
      /not listed/,
      () =>
        odd((folder) => {
          writeFileSync(join(folder, 'more'), '');
          return ['launch', 'more'];
        }),
    ],
    [
      'another file than listed',
      /not what the list says/,
      () => odd(() => ['launch'], { list: [`${'0'.repeat(64)}  launch`] }),
    ],
    ['more than there is room for', /there is no room/, () => odd(() => ['launch'], { kb: 1e12 })],
    ['no number for its size', /size is none/, () => odd(() => ['launch'], { kb: Number.NaN })],
    [
      'something else',
      /not signed/,
      () => {
        writeFileSync(join(rig.root, 'junk'), 'junk'.repeat(9_999));
        return join(rig.root, 'junk');
      },
    ],
  ])('%s', async (_, why, made) => {
    rig.offer(made());
    await rig.run();
    expectRefused(rig, why);
  });

  it('a link in the spool, a pipe there, no key', async () => {
    const file = rig.release();
    symlinkSync(file, rig.spool);
    await rig.run();
    expectRefused(rig, /cannot be read/);
    execFileSync('mkfifo', [rig.spool]);
    await rig.run();
    expectRefused(rig, /not signed|cannot be read/);
    rmSync(join(rig.root, 'etc/gate-agent/release.pub'));
    rig.offer(file);
    await rig.run();
    expectRefused(rig, /no release key/);
  });

  it('a disk that is full in the middle', async () => {
    rig.offer(rig.release());
    await rig.run([], { blocks: 64 });
    expectRefused(rig, /cannot be unpacked/);
    rig.offer(rig.release());
    await rig.run();
    expect(rig.current).toBe('2.0.0');
  });
});
