// TLS before a simulated dome, with a certificate of its own that nobody has signed, or whatever is given.

import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import type { SimDome } from '#agent/sim/dome/dome.ts';
import { listen } from '#agent/sim/dome/listen.ts';

const run = promisify(execFile);

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** As domes make it for themselves: it bears no name of theirs. Good for two days. */
export async function selfSigned(dir: string): Promise<Pair & { fingerprint: string }> {
  const [keyFile, certFile] = [join(dir, 'dome.key'), join(dir, 'dome.crt')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const out = ['-keyout', keyFile, '-out', certFile];
  const ends = ['-days', '2', '-subj', '/CN=IPC dome'];
  await run('openssl', ['req', '-x509', ...key, ...ends, ...out], { timeout: 10_000 });
  const cert = readFileSync(certFile, 'utf8');
  const { fingerprint256 } = new X509Certificate(cert);
  return { cert, key: readFileSync(keyFile, 'utf8'), fingerprint: fingerprint256 };
}

export interface Front {
  /** Of the dome's device service. */
  readonly url: string;
  close(): Promise<void>;
}

export async function tlsFront(sim: SimDome, pair: Pair): Promise<Front> {
  const open = new Set<Socket>();
  const server = createServer(pair, (outer) => {
    const inner = connect(sim.port, '127.0.0.1');
    for (const one of [outer, inner]) {
      open.add(one);
      one.on('error', () => one.destroy());
      one.on('close', () => open.delete(one));
    }
    outer.pipe(inner).pipe(outer);
  });
  server.on('tlsClientError', (_, socket) => socket.destroy());
  const port = await listen(server, 0);
  return {
    url: `https://127.0.0.1:${port}/onvif/device_service`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const one of open) one.destroy();
      }),
  };
}
