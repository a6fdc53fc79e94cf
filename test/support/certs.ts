// A throw-away certificate authority made with the openssl command: server, client, and one client
// of a foreign authority.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certs {
  readonly caFile: string;
  readonly ca: string;
  readonly server: { readonly certFile: string; readonly keyFile: string };
  /** A client certificate of this authority; its common name is the login. */
  client(commonName: string): Promise<{ cert: string; key: string }>;
}

/** More than the month from which on a terminal asks for its next one. */
const days = '400';
const openssl = (...args: string[]) => run('openssl', args, { timeout: 10_000 });
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes an authority and a certificate for `localhost` and 127.0.0.1 in `dir`. */
export async function makeCerts(dir: string, name = 'ca'): Promise<Certs> {
  const [caFile, caKey] = [join(dir, `${name}.pem`), join(dir, `${name}.key`)];
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    days,
    '-subj',
    `/CN=${name}`,
    '-keyout',
    caKey,
    '-out',
    caFile,
  );
  const issue = async (commonName: string, extensions: string) => {
    const base = join(dir, `${name}-${commonName}`);
    const [key, request, cert, config] = ['key', 'csr', 'pem', 'ext'].map(
      (end) => `${base}.${end}`,
    );
    if (!key || !request || !cert || !config) throw new Error('four names');
    await writeFile(config, extensions);
    await openssl('req', ...newKey, '-subj', `/CN=${commonName}`, '-keyout', key, '-out', request);
    await openssl(
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      caFile,
      '-CAkey',
      caKey,
      '-CAcreateserial',
      '-days',
      days,
      '-extfile',
      config,
      '-out',
      cert,
    );
    return { certFile: cert, keyFile: key };
  };
  return {
    caFile,
    ca: await readFile(caFile, 'utf8'),
    server: await issue('localhost', 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:10.0.2.2\n'),
    async client(commonName) {
      const { certFile, keyFile } = await issue(commonName, 'extendedKeyUsage=clientAuth\n');
      return { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') };
    },
  };
}
