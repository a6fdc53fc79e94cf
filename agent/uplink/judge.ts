// Verifies a broker's certificate as of another time than the clock's. Node cannot: its TLS takes no
// time, it can leave nothing out but everything, and of several things wrong with a chain it names the
// last (a foreign authority behind a date comes out as the date). So OpenSSL itself is asked, with all
// of its checks and a time of our choice: `openssl verify -attime`. Without it nothing is trusted.

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../ports.ts';

const judgeWithinMs = 5_000;
const outputMax = 4_096;

export interface Case {
  /** PEM, the broker's own first, then what it sent along. */
  readonly chain: readonly string[];
  /** PEM, what is trusted; nothing else is. */
  readonly ca: string;
  readonly atMs: number;
}

/** Codes as Node names them, by OpenSSL's number (x509_vfy.h). */
const codes: { readonly [number: string]: string } = {
  9: 'CERT_NOT_YET_VALID',
  10: 'CERT_HAS_EXPIRED',
  18: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  19: 'SELF_SIGNED_CERT_IN_CHAIN',
  20: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  21: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
};

export class CertificateRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Resolves with null where the chain is good for a server at that time. Never rejects. */
export async function judge(one: Case, clock: Clock): Promise<CertificateRefused | null> {
  let dir: string | null = null;
  try {
    dir = await makeDir();
    return await verify(one, dir, clock);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const what = 'certificates cannot be judged while the clock is behind';
    return new CertificateRefused('CLOCK_BEHIND', `${what}: ${why}; is openssl installed?`);
  } finally {
    if (dir) await rm(dir, { recursive: true, force: true });
  }
}

/** In memory where that can be had: a full disk must not keep the line down. OpenSSL cannot read what it
 * trusts from a pipe of Node's, which is a socket. */
async function makeDir(): Promise<string> {
  const name = 'gate-agent-judge-';
  try {
    return await mkdtemp(join('/dev/shm', name));
  } catch {
    return mkdtemp(join(tmpdir(), name));
  }
}

async function verify({ chain, ca, atMs }: Case, dir: string, clock: Clock) {
  const [leaf = '', ...others] = chain;
  const files = { ca, leaf, others: others.join('\n') };
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  const args = [
    ...['verify', '-purpose', 'sslserver', '-auth_level', '2'],
    ...['-attime', String(Math.floor(atMs / 1000))],
    ...['-no-CApath', '-no-CAstore', '-CAfile', join(dir, 'ca')],
    ...(others.length > 0 ? ['-untrusted', join(dir, 'others')] : []),
    join(dir, 'leaf'),
  ];
  const child = spawn('openssl', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Nobody's settings but OpenSSL's own.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', OPENSSL_CONF: '/dev/null' },
  });
  let output = '';
  child.stderr.on('data', (chunk) => {
    if (output.length < outputMax) output += chunk;
  });
  return new Promise<CertificateRefused | null>((done, failed) => {
    const cancel = clock.after(judgeWithinMs, () => child.kill('SIGKILL'));
    child.once('error', (error) => {
      cancel();
      failed(error);
    });
    child.once('close', (code) => {
      cancel();
      done(code === 0 ? null : refusalOf(output));
    });
  });
}

function refusalOf(output: string): CertificateRefused {
  const [, number = '', what = 'openssl did not answer'] =
    /error (\d+) at \d+ depth lookup: *(.*)/.exec(output) ?? [];
  return new CertificateRefused(
    codes[number] ?? 'CERT_REFUSED',
    `certificate of the broker: ${what}`,
  );
}
