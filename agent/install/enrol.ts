// Asks an authority for the terminal's certificate, as EST's simpleenroll does (RFC 7030, 4.2): HTTPS POST of
// the request, application/pkcs10 in base64; the answer is a certs-only PKCS#7 in base64, or plain PEM.
// HTTPS alone, one try, bounded in time and size.

import { X509Certificate } from 'node:crypto';
import { type RequestOptions, request } from 'node:https';
import type { Clock } from '../ports.ts';
import { certificatesIn } from './pkcs7.ts';
import { codes, Trouble, type Words, whyOf } from './words.ts';

export interface Enrolment {
  readonly url: string;
  /** PEM of the authority of the enrolment server; null: those that the system trusts. */
  readonly ca: string | null;
  readonly login: { readonly username: string; readonly password: string } | null;
  /** PEM. */
  readonly csr: string;
  readonly clock: Clock;
}

const withinMs = 30_000;
const bytesMax = 64 * 1024;

/** The certificate and what came with it, PEM. Throws a `Trouble`. */
export async function enrol(asked: Enrolment): Promise<string> {
  const { status, body, retryAfter } = await post(asked);
  if (status === 202) throw pending(retryAfter);
  if (status === 401 || status === 403) throw failure(codes.noAccess, refusedLogin(status));
  if (status !== 200) throw failure(codes.unavailable, refusedRequest(status));
  const pem = pemOf(body);
  if (pem === null) throw failure(codes.unavailable, noCertificate);
  return pem;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly retryAfter: string | null;
}

function post({ url, ca, login, csr, clock }: Enrolment): Promise<Answer> {
  const body = csr.replace(/-----[^-]+-----|\s/g, '').replace(/.{1,64}/g, '$&\r\n');
  const basic = login && Buffer.from(`${login.username}:${login.password}`).toString('base64');
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    ...(ca === null ? {} : { ca }),
    headers: {
      'content-type': 'application/pkcs10',
      'content-transfer-encoding': 'base64',
      'content-length': Buffer.byteLength(body),
      ...(basic ? { authorization: `Basic ${basic}` } : {}),
    },
  };
  return new Promise((done, fail) => {
    const asked = request(url, options, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > bytesMax) asked.destroy(new Error(`it answers more than ${bytesMax} bytes`));
      });
      answer.once('end', () => {
        cancel();
        const { statusCode: status = 0, headers } = answer;
        done({ status, body: Buffer.concat(chunks), retryAfter: headers['retry-after'] ?? null });
      });
      answer.once('error', (error) => asked.destroy(error));
    });
    const cancel = clock.after(withinMs, () =>
      asked.destroy(new Error(`no answer within ${withinMs / 1000} s`)),
    );
    asked.once('error', (error) => {
      cancel();
      fail(failure(codes.unavailable, unreachable(url, whyOf(error)), error));
    });
    asked.end(body);
  });
}

/** null: there is none in it. */
function pemOf(body: Buffer): string | null {
  const text = body.toString('latin1');
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (found) return `${found.join('\n')}\n`;
  const isBase64 = /^[A-Za-z0-9+/=\s]+$/.test(text);
  const ders = certificatesIn(isBase64 ? Buffer.from(text, 'base64') : body);
  const pems = ders.flatMap((der) => {
    try {
      return [new X509Certificate(der).toString()];
    } catch (error) {
      if (error instanceof Error && 'code' in error) return [];
      throw error;
    }
  });
  return pems.length > 0 ? pems.join('') : null;
}

const failure = (code: 69 | 77, words: Words, cause?: unknown) => new Trouble(code, words, cause);

const unreachable = (url: string, why: string): Words => [
  `The enrolment server at ${url} cannot be asked: ${why}.`,
  `无法连接证书签发服务器 ${url}:${why}。`,
];
const refusedLogin = (status: number): Words => [
  `The enrolment server refuses user or password (${status}); it was tried once.`,
  `证书签发服务器拒绝了用户名或密码(${status}),只尝试了一次。`,
];
const refusedRequest = (status: number): Words => [
  `The enrolment server refuses the request (${status}): ask its administrator.`,
  `证书签发服务器拒绝了请求(${status}):请询问其管理员。`,
];
const noCertificate: Words = [
  'The enrolment server answers without a certificate: check its address.',
  '证书签发服务器的应答中没有证书:请检查地址。',
];

function pending(retryAfter: string | null): Trouble {
  const wait = /^\d{1,9}$/.test(retryAfter ?? '') ? Number(retryAfter) : null;
  const [en, zh] = wait === null ? ['', ''] : [` in ${wait} s`, `(${wait} 秒后)`];
  return new Trouble(codes.later, [
    `The enrolment server has the request and wants a person to look at it: ask again${en}.`,
    `证书签发服务器已收到请求,需人工审核:请稍后再试${zh}。`,
  ]);
}
