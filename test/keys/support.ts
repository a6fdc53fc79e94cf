// An authority made with the openssl command, which signs requests: for as long, for whom and for what a
// test wants.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const openssl = (...args: readonly string[]) => run('openssl', [...args], { timeout: 20_000 });

/** Days from now; whole ones, the first may be negative. */
export interface Span {
  readonly fromDays?: number;
  readonly toDays: number;
}

export interface Signed extends Span {
  /** In place of the request's own name. */
  readonly name?: string;
  /** Lines of extensions. */
  readonly extensions?: string;
}

export interface Authority {
  readonly name: string;
  readonly cert: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** The certificate for a request, PEM. */
  sign(csr: string, as: Signed): Promise<string>;
  /** An authority below this one. */
  below(name: string): Promise<Authority>;
}

let serial = 1;

const dayMs = 86_400_000;
const stamp = (days: number): string =>
  new Date(Date.now() + days * dayMs).toISOString().replace(/[-:T]|\.\d+/g, '');

/** `-not_before` is newer than Debian's openssl: `ca` takes both dates. */
async function signWith(
  dir: string,
  by: { certFile: string; keyFile: string },
  of: {
    readonly request: string;
    readonly extensions: string;
    readonly subject: string | null;
    readonly span: Span;
  },
): Promise<string> {
  const n = serial++;
  const at = (what: string) => join(dir, `${what}-${n}`);
  const config = [
    ...['[ca]', 'default_ca=one', '[one]', `database=${at('index')}`, `serial=${at('serial')}`],
    ...[`new_certs_dir=${dir}`, 'default_md=sha256', 'policy=any', 'unique_subject=no'],
    ...['[any]', 'commonName=supplied', '[ext]', of.extensions],
  ];
  await Promise.all([
    writeFile(at('index'), ''),
    writeFile(at('serial'), `${(4096 + n).toString(16)}\n`),
    writeFile(at('config'), `${config.join('\n')}\n`),
    writeFile(at('csr'), of.request),
  ]);
  await openssl(
    ...['ca', '-batch', '-notext', '-config', at('config'), '-extensions', 'ext'],
    ...['-cert', by.certFile, '-keyfile', by.keyFile, '-in', at('csr'), '-out', at('pem')],
    ...['-startdate', stamp(of.span.fromDays ?? -400), '-enddate', stamp(of.span.toDays)],
    ...(of.subject ? ['-subj', `/CN=${of.subject}`] : []),
  );
  return readFile(at('pem'), 'utf8');
}

const authorityExtensions = 'basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash';
export const clientExtensions = 'extendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE';

async function keyAndRequest(dir: string, name: string) {
  const n = serial++;
  const [keyFile, request] = [join(dir, `key-${n}`), join(dir, `request-${n}`)];
  await openssl(
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-subj', `/CN=${name}`, '-keyout', keyFile, '-out', request],
  );
  return { keyFile, request: await readFile(request, 'utf8') };
}

function authority(
  dir: string,
  name: string,
  files: { certFile: string; keyFile: string },
  cert: string,
) {
  const one: Authority = {
    ...{ name, cert, ...files },
    sign: (csr, { name: subject = null, extensions = clientExtensions, ...span }) =>
      signWith(dir, files, { request: csr, extensions, subject, span }),
    async below(below) {
      const { keyFile, request } = await keyAndRequest(dir, below);
      const span = { toDays: 3000 };
      const signed = { request, extensions: authorityExtensions, subject: null, span };
      const pem = await signWith(dir, files, signed);
      const certFile = `${keyFile}.pem`;
      await writeFile(certFile, pem);
      return authority(dir, below, { certFile, keyFile }, pem);
    },
  };
  return one;
}

/** A root that signs itself. */
export async function makeAuthority(dir: string, name = 'root'): Promise<Authority> {
  const n = serial++;
  const files = { certFile: join(dir, `root-${n}.pem`), keyFile: join(dir, `root-${n}.key`) };
  await openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '3650', '-subj', `/CN=${name}`, '-keyout', files.keyFile, '-out', files.certFile],
  );
  return authority(dir, name, files, await readFile(files.certFile, 'utf8'));
}

/** A server's certificate and key for this machine, in files. */
export async function serverOf(dir: string, by: Authority) {
  const { keyFile, request } = await keyAndRequest(dir, 'localhost');
  const extensions = 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth';
  const cert = await by.sign(request, { extensions, fromDays: -2, toDays: 300 });
  const certFile = `${keyFile}.pem`;
  await writeFile(certFile, cert);
  return { certFile, keyFile, cert };
}
