// Certificates with chosen dates, made with `openssl ca`: expired, not valid yet, of a foreign authority,
// signed by what is no authority. Times are in days from now.

import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const openssl = (...args: string[]) => run('openssl', args, { timeout: 10_000 });
const dayMs = 86_400_000;

export interface Window {
  readonly fromDays: number;
  readonly toDays: number;
}

/** `elsewhere`: a server, under another name. */
export type Kind = 'authority' | 'server' | 'elsewhere' | 'client';

export interface Order {
  readonly name: string;
  readonly kind: Kind;
  readonly window: Window;
  readonly by?: Issued;
  /** Of a server. */
  readonly names?: string;
}

export interface Issued {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** A server's, unless it is given others. */
const localNames = 'DNS:localhost,IP:127.0.0.1';

const extensions: { readonly [K in Kind]: string } = {
  authority: 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n',
  server: 'basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n',
  elsewhere: 'basicConstraints=CA:FALSE\nsubjectAltName=DNS:elsewhere.example\n',
  client: 'basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\n',
};

const stamp = (days: number): string =>
  `${new Date(Date.now() + days * dayMs).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;

let serial = 1000;

/** Makes a certificate; without `by` it signs itself. */
export async function issue(
  dir: string,
  { name, kind, window, by, names = localNames }: Order,
): Promise<Issued> {
  serial += 1;
  const home = join(dir, `${name}-${serial}`);
  await mkdir(home);
  const at = (file: string) => join(home, file);
  const [certFile, keyFile] = [at('cert.pem'), at('key.pem')];
  await writeFile(at('index.txt'), '');
  await writeFile(at('serial'), serial.toString(16).padStart(4, '0'));
  const bears = kind === 'server' ? `subjectAltName=${names}\n` : '';
  await writeFile(at('ext'), extensions[kind] + bears);
  const config = `[ca]\ndefault_ca=c\n[c]\ndatabase=${at('index.txt')}\nserial=${at('serial')}
new_certs_dir=${home}\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n`;
  await writeFile(at('conf'), config);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', ...curve, '-subj', `/CN=${name}`, '-keyout', keyFile, '-out', at('csr'));
  const signer = by
    ? ['-cert', by.certFile, '-keyfile', by.keyFile]
    : ['-selfsign', '-keyfile', keyFile];
  await openssl(
    ...['ca', '-batch', '-notext', '-config', at('conf'), '-extfile', at('ext'), ...signer],
    ...['-startdate', stamp(window.fromDays), '-enddate', stamp(window.toDays)],
    ...['-in', at('csr'), '-out', certFile],
  );
  const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
  return { certFile, keyFile, cert, key };
}
