// What is wrong with a dome, in one sentence that says what to do, English and Chinese.

import type { DomeError, DomeErrorKind } from './error.ts';

export interface Saying {
  readonly what:
    | 'unreachable'
    | 'password'
    | 'certificate'
    | 'answer'
    | 'no-onvif'
    | 'clock'
    | 'other';
  readonly en: string;
  readonly zh: string;
}

/** As it stands on a line of its own. */
export const said = ({ en, zh }: Saying): string => `${en} ${zh}`;

const unreachable = (detail: string): Saying => ({
  what: 'unreachable',
  en: `The dome cannot be reached (${detail}): check its address, its cable and its power.`,
  zh: '无法连接球机:请检查地址、网线和电源。',
});

const password: Saying = {
  what: 'password',
  en:
    'The dome refuses user or password; it was tried once and is not tried again, ' +
    'since many domes lock a user out.',
  zh: '用户名或密码错误:只尝试了一次,以免球机锁定,请核对后再试。',
};

const certificate = (detail: string): Saying => ({
  what: 'certificate',
  en:
    `Its certificate is signed by nobody known (${detail}): ` +
    "save it from the dome's web page and give it with --ca FILE.",
  zh: '球机证书不受信任(自签名):请从球机网页导出证书,用 --ca 指定。',
});

const answer = (detail: string): Saying => ({
  what: 'answer',
  en:
    `The dome answers in part or not as ONVIF says (${detail}): ` +
    'restart it, update its firmware, or ask its maker.',
  zh: '球机应答不完整或不符合 ONVIF:请重启球机或升级固件。',
});

const noOnvif: Saying = {
  what: 'no-onvif',
  en:
    "There is no ONVIF at this address: switch it on in the dome's web page, " +
    'with a user of its own, or try another port.',
  zh: '该地址没有 ONVIF 服务:请在球机网页中启用 ONVIF 并添加用户,或换一个端口。',
};

const certificateCodes = [
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'CERT_HAS_EXPIRED'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  ...['ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_NOT_YET_VALID', 'CERT_SIGNATURE_FAILURE'],
];

const inPart: readonly DomeErrorKind[] = [
  ...(['broken', 'timeout', 'too-large', 'malformed', 'wrong-reply', 'http', 'fault'] as const),
];

export function sayingOf(error: DomeError): Saying {
  const code = codeOf(error.cause);
  if (certificateCodes.includes(code)) return certificate(code);
  if (error.kind === 'unreachable') return unreachable(error.message);
  if (error.kind === 'unauthorized') return password;
  if (error.kind === 'http' && /\b(404|405|501)\b/.test(error.message)) return noOnvif;
  if (inPart.includes(error.kind)) return answer(error.message);
  return { what: 'other', en: `It did not work: ${error.message}.`, zh: '操作未成功。' };
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';

/** From which on it is said: the clock of the picture may be off by 30 s (DB31/T 329). */
const clockMsMax = 30_000;

/** `offsetMs`: the dome's clock minus ours; null where it is right, or not known. */
export function clockSaying(offsetMs: number | null): Saying | null {
  if (offsetMs === null || Math.abs(offsetMs) <= clockMsMax) return null;
  const [long, way, weg] = [
    lengthOf(Math.abs(offsetMs)),
    ...(offsetMs > 0 ? (['ahead', '快'] as const) : (['behind', '慢'] as const)),
  ];
  return {
    what: 'clock',
    en: `Its clock is ${long} ${way}: set it, and give it a time server.`,
    zh: `球机时钟${weg} ${long}:请校时并设置时间服务器。`,
  };
}

function lengthOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) {
    const minutes = Math.floor(seconds / 60);
    return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.round(minutes / 60 / 24)} d`;
}
