// What is wrong with a dome, in one sentence that says what to do, English and Chinese.

import type { Shown } from './certificate.ts';
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

/** `code`: Node's word for what is wrong with it; `shown`: null where it could not be looked at. */
export function certificateSaying(code: string, shown: Shown | null, hasCa: boolean): Saying {
  const hash = shown ? `, SHA-256 ${shown.fingerprint}` : '';
  if (dateCodes.includes(code)) {
    const [when, zh] =
      code === 'CERT_HAS_EXPIRED' ? ['has expired', '已过期'] : ['is not valid yet', '尚未生效'];
    return {
      what: 'certificate',
      en:
        `Its certificate ${when}${validity(shown)}${hash}: make a new one in the dome's web page, ` +
        "set this computer's clock, or take its http:// address.",
      zh: `球机证书${zh}:请在球机网页中重新生成证书、校准本机时钟,或改用 http:// 地址。`,
    };
  }
  const [why, weil] = hasCa
    ? ['is another than --ca names', '与 --ca 指定的不符']
    : code === 'ERR_TLS_CERT_ALTNAME_INVALID'
      ? ['is for another name', '名称不符']
      : ['is signed by nobody known', '不受信任(自签名)'];
  return {
    what: 'certificate',
    en:
      `Its certificate ${why}${hash}: compare that with the dome's web page, then say yes to it in ` +
      'dome probe --out FILE, or save it, give it with --ca FILE and name it as dome.ca in the ' +
      'configuration.',
    zh:
      `球机证书${weil}${hash}:请与球机网页核对,然后在 dome probe --out 中确认信任,` +
      '或另存后用 --ca 指定,并在配置中写入 dome.ca。',
  };
}

const validity = (shown: Shown | null): string => {
  const day = (ms: number) => (Number.isNaN(ms) ? '?' : new Date(ms).toISOString().slice(0, 10));
  return shown ? ` (${day(shown.fromMs)} to ${day(shown.untilMs)})` : '';
};

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

const dateCodes = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];
const certificateCodes = [
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'CERT_SIGNATURE_FAILURE'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  ...['UNABLE_TO_GET_ISSUER_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ...dateCodes,
];

const noTls: Saying = {
  what: 'answer',
  en: 'What answers at this port does not speak https: take its http:// address, or another port.',
  zh: '该端口不支持 https:请改用 http:// 地址,或换一个端口。',
};

/** Node's word for what is wrong with the dome's certificate; null: it is none of that. */
export function certificateCodeOf({ cause }: DomeError): string | null {
  const code = codeOf(cause);
  return certificateCodes.includes(code) ? code : null;
}

const inPart: readonly DomeErrorKind[] = [
  ...(['broken', 'timeout', 'too-large', 'malformed', 'wrong-reply', 'http', 'fault'] as const),
];

export function sayingOf(error: DomeError): Saying {
  const code = certificateCodeOf(error);
  if (code !== null) return certificateSaying(code, null, false);
  if (codeOf(error.cause) === 'EPROTO') return noTls;
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
