// With which certificate the panel is served: the one that the configuration names, or one that it has made
// itself with openssl, which a browser has to be told to trust by its fingerprint.

import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../refusal.ts';

/** Apple's systems take none that is valid for longer than 825 days. */
const validDays = 800;
const renewBeforeDays = 60;
const dayMs = 86_400_000;
const certFile = 'panel.pem';

export interface Served {
  readonly cert: string;
  readonly key: string;
  readonly selfSigned: boolean;
  /** SHA-256, in the form that browsers show it in. */
  readonly fingerprint: string;
  readonly untilWallMs: number;
  /** Names that it is good for. */
  readonly names: readonly string[];
}

/** Throws a `Refusal` where one of them cannot be read or they do not belong together. */
export function namedCertificate(files: { readonly cert: string; readonly key: string }): Served {
  const [cert, key] = [read('tls.cert', files.cert), read('tls.key', files.key)];
  try {
    return servedOf(cert, key, false);
  } catch (error) {
    const hint = error instanceof Error ? error.message : String(error);
    throw new Refusal([{ field: 'tls.cert', value: files.cert, hint }], 'panel');
  }
}

/** As it is served now; null: there is none yet, or none that may be read. */
export function certificateFor({
  tls,
  stateDir,
}: {
  readonly tls: { readonly cert: string } | null;
  readonly stateDir: string;
}): Pick<Served, 'fingerprint'> | null {
  const file = tls?.cert ?? join(stateDir, certFile);
  try {
    return { fingerprint: new X509Certificate(readFileSync(file)).fingerprint256 };
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

/** The one in `dir`; made where there is none, or its time is nearly over. */
export function ownCertificate(dir: string, wallMs: number): Served {
  const [cert, key] = [join(dir, certFile), join(dir, 'panel.key')];
  if (existsSync(cert) && existsSync(key)) {
    const served = servedOf(readFileSync(cert, 'utf8'), readFileSync(key, 'utf8'), true);
    if (served.untilWallMs - wallMs > renewBeforeDays * dayMs) return served;
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  make(`${cert}.new`, `${key}.new`);
  renameSync(`${key}.new`, key);
  renameSync(`${cert}.new`, cert);
  return servedOf(readFileSync(cert, 'utf8'), readFileSync(key, 'utf8'), true);
}

function make(cert: string, key: string): void {
  const host = hostname();
  const addresses = Object.values(networkInterfaces())
    .flatMap((one) => one ?? [])
    .map(({ address }) => address.replace(/%.*$/, ''));
  const names = [host, `${host.split('.')[0]}.local`, 'localhost'].filter(isName);
  const all = [...new Set(names)].map((name) => `DNS:${name}`);
  const alt = [...all, ...[...new Set(addresses)].map((address) => `IP:${address}`)].join(',');
  const form = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const subject = ['-subj', '/CN=gate-agent panel', '-addext', `subjectAltName=${alt}`];
  const usage = ['-addext', 'basicConstraints=critical,CA:FALSE'];
  const use = ['-addext', 'extendedKeyUsage=serverAuth', '-days', String(validDays)];
  const before = process.umask(0o077);
  try {
    const files = ['-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', ...form, ...subject, ...usage, ...use, ...files], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 30_000,
    });
  } finally {
    process.umask(before);
  }
}

const isName = (name: string): boolean =>
  /^[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?$/.test(name);

function servedOf(cert: string, key: string, selfSigned: boolean): Served {
  const parsed = new X509Certificate(cert);
  const names = [...(parsed.subjectAltName ?? '').matchAll(/DNS:([^,\s]+)/g)];
  return {
    ...{ cert, key, selfSigned, fingerprint: parsed.fingerprint256 },
    untilWallMs: Date.parse(parsed.validTo),
    names: names.map(([, name = '']) => name.toLowerCase()),
  };
}

function read(field: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const hint = error instanceof Error && 'code' in error ? `cannot be read: ${error.code}` : '';
    throw new Refusal([{ field, value: file, hint }], 'panel');
  }
}
