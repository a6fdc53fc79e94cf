// The platform's broker and the terminal's certificate. The key is made on this machine and never leaves it;
// at the end a real connection is made, and nothing passes that does not work, unless a person says so.

import { writeFileSync } from 'node:fs';
import { isLoopback } from '../../config/relations.ts';
import { makeKey, requestFor } from '../../keys/csr.ts';
import { tryBroker } from '../broker-try.ts';
import { brokerOf, checkCertificate } from '../certificate.ts';
import type { Draft, Job, Step } from '../draft.ts';
import { enrol } from '../enrol.ts';
import { brokerUrl, isRight } from '../fields.ts';
import { put, putFile, type Site, textAt } from '../site.ts';
import { Trouble, type Words, whyOf } from '../words.ts';
import { askFile, isPem } from './files.ts';

export const brokerStep: Step = {
  id: 'broker',
  title: ['Platform and certificate', '平台与证书'],
  about: [
    'Address and authority of the platform, the certificate of this terminal; then it is really tried.',
    '平台地址与 CA、本终端的证书,最后实际连接一次。',
  ],
  maySkip: false,
  async run(draft, job) {
    const url = await askUrl(draft, job);
    let next = { ...draft, site: withoutTls(put(draft.site, 'broker.url', url), url) };
    job.keep(next);
    if (url.startsWith('mqtts:')) {
      next = await askAuthority(next, job);
      next = await askCertificate(next, job);
    }
    next = await askLogin(next, job);
    return prove(next, job);
  },
};

/** The last question of the step, asked until it works or somebody goes on without. */
async function prove(draft: Draft, job: Job): Promise<Draft> {
  const { ask, say, world } = job;
  const terminal = textAt(draft.site, 'terminal.id') ?? '';
  const asked = { terminal, broker: brokerOf(draft.site), clock: world.clock };
  try {
    const level = await ask.wait(say(trying), () => tryBroker(asked));
    ask.tell(say(works(level)));
    return draft;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    ask.tell(`✗ ${say(error.words)}`);
  }
  const what = await ask.choose(say(['What now?', '怎么办?']), [
    { name: say(['Try again', '重试']), value: 'again' as const },
    { name: say(['Change address or certificate', '修改地址或证书']), value: 'change' as const },
    { name: say(['Go on: the platform comes later', '继续:平台稍后接通']), value: 'on' as const },
  ]);
  if (what === 'on') return draft;
  return what === 'again' ? prove(draft, job) : brokerStep.run(draft, job);
}

const trying: Words = ['Connecting to the platform', '正在连接平台'];
const works = (level: 4 | 5): Words => [
  `Connected, logged in, heard and said (MQTT ${level === 5 ? '5' : '3.1.1'}).`,
  `已连接、登录,收发正常(MQTT ${level === 5 ? '5' : '3.1.1'})。`,
];

const askUrl = (draft: Draft, { ask, say }: Job): Promise<string> =>
  ask.text({
    message: say(brokerUrl.name),
    initial: textAt(draft.site, 'broker.url') ?? 'mqtts://',
    check: (typed) => urlHint(typed.trim(), say),
  });

function urlHint(typed: string, say: Job['say']): string | null {
  const url = URL.canParse(typed) ? new URL(typed) : null;
  const isKnown = url?.protocol === 'mqtts:' || url?.protocol === 'mqtt:';
  const isBare =
    url && ['', '/'].includes(url.pathname) && url.search === '' && url.username === '';
  if (!url || !isKnown || !isBare || url.hostname === '' || !isRight(brokerUrl, typed))
    return say(brokerUrl.hint);
  if (url.protocol === 'mqtts:' || isLoopback(url.hostname)) return null;
  return say(['mqtt:// only to this machine itself: use mqtts://', '请使用 mqtts://(加密连接)']);
}

function withoutTls(site: Site, url: string): Site {
  if (url.startsWith('mqtts:')) return site;
  const fields = ['broker.ca', 'broker.cert', 'broker.key'] as const;
  return fields.reduce<Site>((so, field) => putFile(so, field, null), site);
}

async function askAuthority(draft: Draft, job: Job): Promise<Draft> {
  const { ask, say } = job;
  const has = draft.site.files['broker.ca'] !== undefined;
  const isKept = has && (await ask.confirm(say(['Keep the authority?', '保留现有 CA 证书?'])));
  if (isKept) return draft;
  const pem = await askFile(
    job,
    ["File with the platform's authority (CA, PEM)", '平台 CA 证书文件(PEM)'],
    isPem('CERTIFICATE'),
  );
  const next = { ...draft, site: putFile(draft.site, 'broker.ca', pem) };
  job.keep(next);
  return next;
}

type How = 'keep' | 'pending' | 'request' | 'enrol' | 'files' | 'none';

async function askCertificate(draft: Draft, job: Job): Promise<Draft> {
  const { ask, say } = job;
  const { files } = draft.site;
  const all: readonly { readonly value: How; readonly name: Words; readonly isThere: boolean }[] = [
    {
      value: 'keep',
      name: ['Keep the certificate', '保留现有证书'],
      isThere: !!files['broker.cert'],
    },
    {
      value: 'pending',
      name: ['The certificate for the request has come', '已拿到签发的证书'],
      isThere: draft.pendingKey !== null,
    },
    {
      value: 'request',
      name: ['Make a key here, write a request (CSR) to a file', '本机生成密钥,申请(CSR)写入文件'],
      isThere: true,
    },
    {
      value: 'enrol',
      name: ['Make a key here, ask an enrolment server', '本机生成密钥,向签发服务器申请'],
      isThere: true,
    },
    {
      value: 'files',
      name: ['Take certificate and key from files', '从文件读取证书和密钥'],
      isThere: true,
    },
    {
      value: 'none',
      name: ['None: user and password only', '不用证书,仅用户名和密码'],
      isThere: true,
    },
  ];
  const choices = all.filter(({ isThere }) => isThere);
  const how = await ask.choose<How>(
    say(["This terminal's certificate", '本终端的证书']),
    choices.map(({ name, value }) => ({ name: say(name), value })),
  );
  try {
    const next = await certificateBy[how](draft, job);
    job.keep(next);
    return next;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    ask.tell(`✗ ${say(error.words)}`);
    return askCertificate(draft, job);
  }
}

const certificateBy: { readonly [how in How]: (draft: Draft, job: Job) => Promise<Draft> } = {
  keep: async (draft, job) => judged(draft, draft.site, job),
  none: async (draft) => {
    const bare = putFile(draft.site, 'broker.cert', null);
    return { ...draft, site: putFile(bare, 'broker.key', null) };
  },
  async files(draft, job) {
    const cert = await askFile(
      job,
      ['File with the certificate (PEM)', '证书文件(PEM)'],
      isPem('CERTIFICATE'),
    );
    const key = await askFile(
      job,
      ['File with its private key (PEM)', '私钥文件(PEM)'],
      isPem('PRIVATE KEY'),
    );
    return judged(draft, withPair(draft.site, cert, key), job);
  },
  async pending(draft, job) {
    const key = draft.pendingKey ?? makeKey();
    const cert = await askFile(
      job,
      ['File with the certificate that was issued (PEM)', '签发的证书文件(PEM)'],
      isPem('CERTIFICATE'),
    );
    const next = judged(draft, withPair(draft.site, cert, key), job);
    return { ...next, pendingKey: null };
  },
  async request(draft, job) {
    const { ask, say } = job;
    // A second request for the same key: the certificate for either fits.
    const key = draft.pendingKey ?? makeKey();
    const next = { ...draft, pendingKey: key };
    job.keep(next);
    const csr = requestFor(key, textAt(draft.site, 'terminal.id') ?? '');
    await ask.text({
      message: say(['Write the request to', '申请写入文件']),
      initial: `./${textAt(draft.site, 'terminal.id')}.csr`,
      check: (typed) => writeHint(typed.trim(), csr, say),
    });
    ask.tell(say(written));
    return certificateBy.pending(next, job);
  },
  async enrol(draft, job) {
    const { ask, say, world } = job;
    const url = await ask.text({
      message: say(['Address of the enrolment server', '签发服务器地址']),
      initial: 'https://',
      check: (typed) =>
        /^https:\/\/[^/]+\//.test(typed.trim()) && URL.canParse(typed.trim())
          ? null
          : say([
              'https://HOST/.well-known/est/simpleenroll',
              'https://主机/.well-known/est/simpleenroll',
            ]),
    });
    const username = await ask.text({
      message: say(['User there (Enter: none)', '用户名(回车:无)']),
      isOptional: true,
    });
    const password =
      username === '' ? '' : await ask.text({ message: say(['Password', '密码']), isSecret: true });
    const key = makeKey();
    const cert = await ask.wait(say(['Asking for a certificate', '正在申请证书']), () =>
      enrol({
        url: url.trim(),
        ca: draft.site.files['broker.ca'] ?? null,
        login: username === '' ? null : { username, password },
        csr: requestFor(key, textAt(draft.site, 'terminal.id') ?? ''),
        clock: world.clock,
      }),
    );
    return judged(draft, withPair(draft.site, cert, key), job);
  },
};

const written: Words = [
  'Have it signed by the platform. The key stays here. Ctrl-C now: the answers are kept for two weeks.',
  '请交给平台签发。密钥留在本机。可按 Ctrl-C 退出,答案保留两周。',
];

function writeHint(path: string, csr: string, say: Job['say']): string | null {
  try {
    writeFileSync(path, csr);
    return null;
  } catch (error) {
    return say([`cannot be written: ${whyOf(error)}`, `无法写入:${whyOf(error)}`]);
  }
}

const withPair = (site: Site, cert: string, key: string): Site =>
  putFile(putFile(site, 'broker.cert', cert), 'broker.key', key);

/** Throws a `Trouble` where the certificate is not the right one. */
function judged(draft: Draft, site: Site, { ask, say, world }: Job): Draft {
  const { 'broker.cert': cert = '', 'broker.key': key = '', 'broker.ca': ca = null } = site.files;
  const terminal = textAt(site, 'terminal.id') ?? '';
  const doubts = checkCertificate({ cert, key, terminal, ca, clock: world.clock });
  for (const doubt of doubts) ask.tell(`! ${say(doubt)}`);
  return { ...draft, site };
}

async function askLogin(draft: Draft, { ask, say }: Job): Promise<Draft> {
  const { site } = draft;
  const username = await ask.text({
    message: say(['User at the platform (Enter: none)', '平台用户名(回车:无)']),
    initial: textAt(site, 'broker.username') ?? '',
    isOptional: true,
  });
  if (username.trim() === '') {
    const bare = putFile(put(site, 'broker.username', null), 'broker.passwordFile', null);
    return { ...draft, site: bare };
  }
  const had = site.files['broker.passwordFile'];
  const password = await ask.text({
    message: say(had ? ['Password (Enter: as before)', '密码(回车:不变)'] : ['Password', '密码']),
    isSecret: true,
    isOptional: had !== undefined,
  });
  const named = put(site, 'broker.username', username.trim());
  const kept = password === '' ? (had ?? '') : `${password}\n`;
  return { ...draft, site: putFile(named, 'broker.passwordFile', kept) };
}
