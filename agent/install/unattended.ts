// All of provisioning from a file of answers, without anybody there: the same acts as the wizard's, in the
// same order, and the first that fails ends it before anything is written.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusalText } from '../cli/refused.ts';
import { isSameFingerprint } from '../dome/certificate.ts';
import { assumed } from '../dome/person.ts';
import { makeKey, requestFor } from '../keys/csr.ts';
import { pinFileText } from '../panel/pin.ts';
import { Refusal } from '../refusal.ts';
import { type Answers, discovered, readAnswers, withPlaceholders } from './answers.ts';
import { apply } from './apply.ts';
import { tryBroker } from './broker-try.ts';
import { brokerOf, checkCertificate } from './certificate.ts';
import { refuseDuringIncident } from './daemon.ts';
import { findDomes, learnDome, logIn, reachDome } from './dome.ts';
import { sayIn, type World } from './draft.ts';
import { enrol } from './enrol.ts';
import { forget, keep, nothingKept, readKept } from './kept.ts';
import { appliedText, byLine, placeOptions, planText } from './report.ts';
import { put, putFile, type Site, textAt, valueAt } from './site.ts';
import { heardWords, talkTest } from './sound.ts';
import { timeService, timeWords } from './time-service.ts';
import { codes, type ExitCode, Trouble, type Words, whyOf } from './words.ts';

export interface Unattended {
  readonly world: World;
  /** The file of answers. */
  readonly file: string;
  readonly isDry: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Exit code. */
export async function unattended(run: Unattended): Promise<ExitCode> {
  const { world, file, err } = run;
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    err(`gate-agent: ${file} cannot be read: ${whyOf(error)}\n`);
    return codes.noInput;
  }
  let answers: Answers;
  try {
    const { around, parseProfile } = world;
    answers = readAnswers(content, { file, around, parseProfile });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    err(refusalText(error, file));
    return codes.badData;
  }
  const say = sayIn(answers.orders.language);
  try {
    return await carryOut(run, answers, say);
  } catch (error) {
    if (error instanceof Refusal) err(refusalText(error, world.file));
    else if (error instanceof Trouble) err(`${say(error.words)}\n`);
    else throw error;
    return error instanceof Trouble ? error.code : codes.config;
  }
}

type Say = (words: Words) => string;

async function carryOut(run: Unattended, answers: Answers, say: Say): Promise<ExitCode> {
  const { world, isDry, out, err } = run;
  const place = placeOptions(world, byLine(world));
  const { pin, duress } = answers.secrets;
  const panelPin = pin === null ? null : await pinFileText(pin, duress);
  if (isDry) {
    out(planText({ site: withMade(answers), panelPin }, place));
    return codes.ok;
  }
  await refuseDuringIncident(world.daemon.ask);
  const told = (words: Words) => err(`${say(words)}\n`);
  await checkClock(answers, world, told);
  const certified = await certify(answers, world, told);
  await connect(certified, answers, world, told);
  const seen = await seeDome(certified, answers, world, { told, err });
  await hear(seen, answers, world, told);
  const applied = await apply({ site: seen, panelPin }, place, world.daemon);
  forget(world.file);
  out(`${appliedText(applied, say)}\n`);
  return codes.ok;
}

/** What is not there before the run, as it stands in the plan of a dry one. */
function withMade({ site, orders }: Answers): Site {
  const made = withPlaceholders(site, orders);
  const fields = ['broker.cert', 'broker.key', 'dome.profile'] as const;
  return fields.reduce<Site>(
    (so, field) =>
      textAt(so, field) === null ? so : putFile(put(so, field, null), field, '# made at the run\n'),
    made,
  );
}

type Told = (words: Words) => void;

async function checkClock({ orders }: Answers, { around }: World, told: Told): Promise<void> {
  const service = await timeService(around.childEnv);
  const words = timeWords(service);
  if (orders.clock === 'good' && !service.isSynchronised)
    throw new Trouble(codes.unavailable, words);
  told(words);
}

async function certify(
  { site, orders, secrets }: Answers,
  world: World,
  told: Told,
): Promise<Site> {
  const terminal = textAt(site, 'terminal.id') ?? '';
  const made = await certificateOf({ site, orders, secrets }, world, terminal);
  const { 'broker.cert': cert, 'broker.key': key, 'broker.ca': ca = null } = made.files;
  if (cert === undefined || key === undefined) return made;
  for (const doubt of checkCertificate({ cert, key, terminal, ca, clock: world.clock }))
    told(doubt);
  return made;
}

async function certificateOf(answers: Answers, world: World, terminal: string): Promise<Site> {
  const { site, orders, secrets } = answers;
  if (orders.request !== null) return requested(answers, world, terminal);
  if (orders.enrol === null) return site;
  const { url, username } = orders.enrol;
  const key = makeKey();
  const cert = await enrol({
    ...{ url, ca: secrets.enrolCa ?? site.files['broker.ca'] ?? null, clock: world.clock },
    login: username === null ? null : { username, password: secrets.enrolPassword ?? '' },
    csr: requestFor(key, terminal),
  });
  return putFile(putFile(site, 'broker.cert', cert), 'broker.key', key);
}

/** Without the certificate: writes the request and ends. With it: takes the key that has waited for it. */
function requested({ site, orders }: Answers, world: World, terminal: string): Site {
  const { file, clock } = world;
  const nowMs = clock.now().wallMs;
  const kept = readKept(file, nowMs) ?? { ...nothingKept(orders.language, 'language'), site };
  if (site.files['broker.cert'] !== undefined) {
    if (kept.pendingKey === null) throw new Trouble(codes.config, noKey);
    return putFile(site, 'broker.key', kept.pendingKey);
  }
  const key = kept.pendingKey ?? makeKey();
  keep(file, { ...kept, pendingKey: key }, nowMs);
  const to = orders.request ?? '';
  try {
    writeFileSync(to, requestFor(key, terminal));
  } catch (error) {
    const why = whyOf(error);
    throw new Trouble(codes.cannotWrite, [
      `${to} cannot be written: ${why}.`,
      `${to} 无法写入:${why}。`,
    ]);
  }
  throw new Trouble(codes.later, [
    `The request is in ${to}. Have it signed, name the certificate as broker.cert, and run this again.`,
    `证书申请已写入 ${to}。签发后在 broker.cert 中填写证书文件,再次运行。`,
  ]);
}

const noKey: Words = [
  'No key waits here for this certificate: leave out broker.cert, and a request is made.',
  '本机没有等待该证书的密钥:请去掉 broker.cert 以重新生成申请。',
];

async function connect(site: Site, { orders }: Answers, world: World, told: Told): Promise<void> {
  if (!orders.tryBroker) return;
  const terminal = textAt(site, 'terminal.id') ?? '';
  const level = await tryBroker({ terminal, broker: brokerOf(site), clock: world.clock });
  const version = level === 5 ? '5' : '3.1.1';
  told([`The platform was reached (MQTT ${version}).`, `平台连接正常(MQTT ${version})。`]);
}

async function seeDome(
  site: Site,
  { orders }: Answers,
  { clock, profiles }: World,
  { told, err }: { readonly told: Told; readonly err: (text: string) => void },
): Promise<Site> {
  if (!orders.probe || valueAt(site, 'dome') === null) return site;
  const { assume, trust, storePresets } = orders.probe;
  const url = textAt(site, 'dome.url') ?? '';
  const at = await reachDome(
    url === discovered ? await onlyDome(clock) : url,
    clock,
    async (shown) => (trust === null ? false : isSameFingerprint(trust, shown.fingerprint)),
  );
  if (at.clockWords) told(at.clockWords);
  const password = site.files['dome.passwordFile']?.split(/\r?\n/, 1)[0] ?? '';
  const credentials = { username: textAt(site, 'dome.username') ?? '', password };
  await logIn(at, credentials, clock);
  const learnt = await learnDome(site, at, credentials, {
    ...{ clock, profiles, witness: assumed(assume, { mayStore: storePresets }), told: err },
    ...{ by: `gate-agent provision, assume ${assume}`, asksOnly: assume === 'no' },
  });
  if (learnt.isDark) told(dark);
  return learnt.site;
}

const dark: Words = [
  'No way to light the strobe of the dome was proven.',
  '未能确认球机警示灯的点亮方式。',
];

async function onlyDome(clock: World['clock']): Promise<string> {
  const found = await findDomes(clock);
  const [first, ...more] = found;
  if (!first)
    throw new Trouble(codes.unavailable, [
      'No dome answers on this network: give its address as dome.url.',
      '网络中没有球机应答:请在 dome.url 中填写其地址。',
    ]);
  if (more.length === 0) return first.url;
  const hosts = found.map(({ url }) => new URL(url).host).join(', ');
  throw new Trouble(codes.config, [
    `Several domes answer (${hosts}): give the address of yours as dome.url.`,
    `有多台球机应答(${hosts}):请在 dome.url 中填写所用球机的地址。`,
  ]);
}

async function hear(site: Site, { orders }: Answers, world: World, told: Told): Promise<void> {
  if (!orders.talkTest) return;
  const card = (name: string) => textAt(site, `media.sound.${name}`) ?? 'default';
  const heard = await talkTest({
    ...{ speaker: card('speaker'), microphone: card('microphone'), clock: world.clock },
    prompt: join(world.prompts, orders.language, 'talk-test.wav'),
    env: world.around.childEnv,
  });
  if (heard.outcome !== 'heard') throw new Trouble(codes.unavailable, heardWords(heard));
  told(heardWords(heard));
}
