// A release as it travels: `gate-agent_VERSION_ARCH.update`, a tar of `manifest`, `signature` and
// `tree.tar.gz`. The manifest is lines of text: version, machine, oldest version that it goes on from, kB it
// takes, SHA-256 of the tree and of each file; the signature is Ed25519 over it. This look is for quick
// answers alone: what counts is judged again, by root, in systemd/update-apply.

import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { compareVersions, isVersion } from '../core/version.ts';

export const releaseLimits = {
  bytesMax: 256 * 2 ** 20,
  manifestBytesMax: 4 * 2 ** 20,
  keysMax: 8,
} as const;

/** As the first line of a manifest has it. */
export const releaseForm = 'gate-agent update 1';
const members = ['manifest', 'signature', 'tree.tar.gz'] as const;

/** The file is none, or not for this terminal; one sentence. */
export class NoRelease extends Error {}

export interface Release {
  readonly version: string;
  /** In Debian's words. */
  readonly arch: string;
  /** Oldest version that it goes on from. */
  readonly from: string;
  readonly bytes: number;
}

/** Whether the updater would take it as far as can be seen from here; throws a `NoRelease` where not. */
export function mustFit(
  release: Release,
  here: { readonly version: string; readonly arch: string },
): void {
  const no = (why: string): never => {
    throw new NoRelease(why);
  };
  if (release.arch !== here.arch) no(`it is for another machine: ${release.arch}`);
  if (compareVersions(release.version, here.version) <= 0)
    no(`${release.version} is not newer than ${here.version}`);
  if (compareVersions(here.version, release.from) < 0)
    no(`it goes on from ${release.from} and later, and here is ${here.version}`);
}

/** The keys that are installed; empty where there is none. */
export function keysIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return '';
    throw new NoRelease('the release keys installed here cannot be read', { cause });
  }
}

/** Checks form, signature and hash. `keys`: PEM, several one after the other. Throws a `NoRelease`, and what
 * the disk throws. */
export async function readRelease(path: string, keys: string): Promise<Release> {
  const trusted = publicKeys(keys);
  if (trusted.length === 0) throw new NoRelease('no release key is installed here');
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    if (size > releaseLimits.bytesMax) throw new NoRelease('it is larger than 256 MB');
    const read = async (at: number, length: number): Promise<Buffer> => {
      const piece = Buffer.alloc(length);
      const { bytesRead } = await handle.read(piece, 0, length, at);
      if (bytesRead < length) throw new NoRelease('it is cut off');
      return piece;
    };
    const [manifest, signature, tree] = await places(read);
    if (manifest.size > releaseLimits.manifestBytesMax || signature.size !== 64)
      throw new NoRelease('it is no release of gate-agent');
    const text = await read(manifest.at, manifest.size);
    const sign = await read(signature.at, signature.size);
    if (!trusted.some((key) => verify(null, text, key, sign)))
      throw new NoRelease('it is not signed by a release key of this terminal');
    const { version, arch, from, hash } = wordsOf(text.toString('utf8'));
    if (tree.at + tree.size > size) throw new NoRelease('it is cut off');
    if ((await hashOf(path, tree)) !== hash) throw new NoRelease('it was changed on its way');
    return { version, arch, from, bytes: size };
  } finally {
    await handle.close();
  }
}

interface Place {
  readonly at: number;
  readonly size: number;
}

/** Where the three members lie: a header of 512 bytes each, and contents in whole blocks. */
async function places(read: (at: number, length: number) => Promise<Buffer>) {
  let at = 0;
  const found: Place[] = [];
  for (const name of members) {
    const header = await read(at, 512);
    const word = (from: number, to: number) =>
      header.toString('latin1', from, to).replace(/\0[\s\S]*$/, '');
    const octal = word(124, 136).trim();
    if (word(0, 100) !== name || !/^[0-7]{1,11}$/.test(octal))
      throw new NoRelease('it is no release of gate-agent');
    const size = Number.parseInt(octal, 8);
    found.push({ at: at + 512, size });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  const [manifest, signature, tree] = found;
  if (!manifest || !signature || !tree) throw new NoRelease('it is no release of gate-agent');
  return [manifest, signature, tree] as const;
}

function wordsOf(manifest: string) {
  const word = (name: string): string =>
    new RegExp(`^${name} (.*)$`, 'm').exec(manifest)?.[1]?.trim() ?? '';
  const [version, from] = [word('version'), word('from')];
  if (!manifest.startsWith(`${releaseForm}\n`) || !isVersion(version) || !isVersion(from))
    throw new NoRelease('it is of a form that this version does not know');
  return { version, from, arch: word('arch'), hash: word('tree') };
}

/** Those of a PEM that are Ed25519. */
function publicKeys(pem: string): KeyObject[] {
  const blocks = pem.match(/-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----/g) ?? [];
  return blocks.slice(0, releaseLimits.keysMax).flatMap((block) => {
    try {
      const key = createPublicKey(block);
      return key.asymmetricKeyType === 'ed25519' ? [key] : [];
    } catch (cause) {
      throw new NoRelease('the release keys installed here cannot be read', { cause });
    }
  });
}

async function hashOf(path: string, { at, size }: Place): Promise<string> {
  const hash = createHash('sha256');
  if (size === 0) return hash.digest('hex');
  for await (const chunk of createReadStream(path, { start: at, end: at + size - 1 }))
    hash.update(chunk);
  return hash.digest('hex');
}
