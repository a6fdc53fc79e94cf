// The terminal's certificate as provisioning judges it: against key, clock, purpose and name it must be
// right; that the authority of the broker has not signed it is told, and the broker has the last word.

import { type CertificateTrouble, troublesOf } from '../keys/certificate.ts';
import type { Clock } from '../ports.ts';
import type { Broker } from '../uplink/client.ts';
import { type Site, textAt } from './site.ts';
import { codes, Trouble, type Words } from './words.ts';

const chinese: { readonly [what in CertificateTrouble['what']]: string } = {
  unreadable: '证书文件无法读取,需要 PEM 格式',
  key: '证书与本机密钥不匹配:请用本机生成的申请(CSR)重新签发',
  chain: '证书不是由所给 CA 签发:请由平台 CA 签发,或附上中间证书',
  clock: '证书不在有效期内:请重新签发,或检查本机时钟',
  purpose: '证书不能用于 TLS 客户端:签发时需包含 clientAuth',
  name: '证书中的名称不是本终端编号:请为本终端重新签发',
};

const wordsOf = ({ what, detail }: CertificateTrouble): Words => [detail, chinese[what]];

export interface Judged {
  readonly cert: string;
  readonly key: string;
  readonly terminal: string;
  /** The broker's authority; null: not looked at. */
  readonly ca: string | null;
  readonly clock: Clock;
}

/** What is wrong with it: `wrong` for good, `doubt` where only the broker knows. */
export function judgeCertificate({ cert, key, terminal, ca, clock }: Judged) {
  const { wallMs, clock: quality } = clock.now();
  // A PC whose clock is not set cannot say that a certificate is old.
  const nowMs = quality === 'good' ? wallMs : null;
  const found = troublesOf({ cert, key, ca, name: terminal, nowMs });
  return {
    wrong: found.filter(({ what }) => what !== 'chain').map(wordsOf),
    doubt: found.filter(({ what }) => what === 'chain').map(wordsOf),
  };
}

/** Throws a `Trouble` where it cannot be the right one; otherwise says what is doubtful. */
export function checkCertificate(judged: Judged): readonly Words[] {
  const { wrong, doubt } = judgeCertificate(judged);
  if (wrong.length === 0) return doubt;
  const join = (at: 0 | 1, by: string) => wrong.map((words) => words[at]).join(by);
  throw new Trouble(codes.config, [
    `The certificate is not the right one: ${join(0, '; ')}.`,
    `证书不正确:${join(1, ';')}。`,
  ]);
}

/** The login that the daemon will use. */
export function brokerOf({ tree, files }: Site): Broker {
  const site = { tree, files };
  const terminal = textAt(site, 'terminal.id') ?? '';
  const line = (text: string | undefined) => text?.replace(/\r?\n$/, '');
  return {
    url: textAt(site, 'broker.url') ?? '',
    clientId: textAt(site, 'broker.clientId') ?? terminal,
    username: textAt(site, 'broker.username') ?? undefined,
    password: line(files['broker.passwordFile']),
    ca: files['broker.ca'],
    cert: files['broker.cert'],
    key: files['broker.key'],
  };
}
