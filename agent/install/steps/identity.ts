// Who and where: goes out with every alarm, and a car is sent by it. Scanned, or typed field by field; each
// answer is kept at once.

import { Refusal } from '../../refusal.ts';
import type { Draft, Job, Step } from '../draft.ts';
import {
  contactsOf,
  type Field,
  identityFields,
  isRight,
  positionOf,
  terminalId,
} from '../fields.ts';
import { readQr } from '../qr.ts';
import { put, type Site, textAt, type Value, valueAt } from '../site.ts';

const fields: readonly Field[] = [terminalId, ...identityFields];

export const identityStep: Step = {
  id: 'identity',
  title: ['Who and where this is', '终端身份'],
  about: [
    'Goes out with every alarm. Scan the QR code of the order with a hand scanner, or type it.',
    '随每次报警发出。可用扫码枪扫描工单二维码,也可手工输入。',
  ],
  maySkip: false,
  async run(draft, job) {
    const how = await job.ask.choose(job.say(['How?', '输入方式']), [
      { name: job.say(['Type it in', '手工输入']), value: 'type' as const },
      { name: job.say(['Scan the QR code', '扫描二维码']), value: 'scan' as const },
    ]);
    const scanned = how === 'scan' ? await scan(draft, job) : draft;
    const missing = fields.filter(({ field }) => textAt(scanned.site, field) === null);
    const typed = await typeIn(scanned, how === 'scan' ? missing : fields, job);
    if (how === 'scan' && !(await isConfirmed(typed.site, job))) return typeIn(typed, fields, job);
    return how === 'scan' ? typed : typeMore(typed, job);
  },
};

async function scan(draft: Draft, { ask, say, keep }: Job): Promise<Draft> {
  const typed = await ask.text({
    message: say(['Scan now', '请扫描']),
    check: (text) => hintOf(() => readQr(text)),
  });
  const { id, identity } = readQr(typed);
  const site = put(draft.site, 'identity', identity);
  const next = { ...draft, site: id === null ? site : put(site, 'terminal.id', id) };
  keep(next);
  return next;
}

function hintOf(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.fields.map(({ field, hint }) => `${field}: ${hint}`).join('; ');
  }
}

async function typeIn(draft: Draft, asked: readonly Field[], job: Job): Promise<Draft> {
  let next = draft;
  for (const one of asked) {
    const { field, name, hint } = one;
    const typed = await job.ask.text({
      message: job.say(name),
      initial: textAt(next.site, field) ?? '',
      check: (text) => (isRight(one, text.trim()) ? null : job.say(hint)),
    });
    next = { ...next, site: put(next.site, field, typed.trim()) };
    job.keep(next);
  }
  return next;
}

async function typeMore(draft: Draft, { ask, say, keep }: Job): Promise<Draft> {
  const position = await ask.text({
    message: say(['Latitude, longitude (WGS 84; Enter: none)', '纬度,经度(WGS 84,回车跳过)']),
    initial: pairText(draft.site),
    isOptional: true,
    check: (text) =>
      positionOf(text) === 'wrong'
        ? say(['such as 30.287459, 120.094521', '例如 30.287459, 120.094521'])
        : null,
  });
  const spot = positionOf(position);
  const placed = put(draft.site, 'identity.position', typeof spot === 'string' ? null : spot);
  keep({ ...draft, site: placed });
  const contacts = await ask.text({
    message: say([
      'Contacts: name phone, name phone (Enter: none)',
      '联系人:姓名 电话,姓名 电话(回车跳过)',
    ]),
    initial: contactsText(valueAt(placed, 'identity.contacts')),
    isOptional: true,
    check: (text) =>
      contactsOf(text) === 'wrong'
        ? say(['such as: Wang 13800000012, Li 0571-88880013', '例如:王老师 13800000012'])
        : null,
  });
  const people = contactsOf(contacts);
  const isNobody = people === 'wrong' || people.length === 0;
  return { ...draft, site: put(placed, 'identity.contacts', isNobody ? null : people) };
}

const pairText = (site: Site): string => {
  const [lat, lon] = ['lat', 'lon'].map((name) => textAt(site, `identity.position.${name}`));
  return lat && lon ? `${lat}, ${lon}` : '';
};

function contactsText(value: Value | null): string {
  if (!Array.isArray(value)) return '';
  const all: readonly Value[] = value;
  return all
    .flatMap((one) => {
      if (typeof one === 'string' || !('name' in one)) return [];
      return [`${one.name} ${one.phone}`];
    })
    .join(', ');
}

async function isConfirmed(site: Site, { ask, say }: Job): Promise<boolean> {
  const rows = fields.map(({ field, name }) => `  ${say(name)}: ${textAt(site, field) ?? '-'}`);
  ask.tell([...rows, `  ${pairText(site)}`].join('\n'));
  return ask.confirm(say(['Is all of this right?', '以上信息是否正确?']));
}
