// What was found, as a table for a person, Chinese and English, and as JSON for a script.

import { clockSaying, type Saying, said } from '../sayings.ts';
import type { Discovery, Found } from './discover.ts';

type Row = readonly string[];

/** A Chinese character takes two columns of a terminal. */
const columnsOf = (text: string): number =>
  [...text].reduce((sum, char) => sum + (char > '\u2e7f' ? 2 : 1), 0);
const filled = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - columnsOf(text)));

const head: Row = [
  'address 地址',
  'make 厂商',
  'model 型号',
  'firmware 固件',
  'login 认证',
  'clock 时钟',
];

function rowOf(one: Found): Row {
  const { url, make, model, firmware, auth, clockOffsetMs, title } = one;
  return [
    url,
    make ?? title ?? '-',
    model ?? '-',
    firmware ?? '-',
    auth ?? '-',
    clockOffsetMs === null
      ? '?'
      : `${clockOffsetMs > 0 ? '+' : ''}${Math.round(clockOffsetMs / 1000)} s`,
  ];
}

/** Sentences on one device: what is wrong, and its clock. */
export const sayingsOn = ({ trouble, clockOffsetMs }: Found): Saying[] =>
  [trouble, clockSaying(clockOffsetMs)].filter((one) => one !== null);

/** Behind NAT, or with nothing but an IPv6 address of its own wire. */
const elsewhere = ({ url, told }: Found): string =>
  told.includes(url) ? '' : `; calls itself 自报地址 ${told.join(' ')}`;

/** What it keeps from strangers. */
const askedAsStranger = (found: readonly Found[]): string[] =>
  found.some(({ trouble, admitted, auth }) => !trouble && admitted === null && auth !== 'none')
    ? [
        'With --user and --password-file make, model and services are told, too. 提供用户名和密码可显示厂商和型号。',
      ]
    : [];

/** What to type for the first that answers well. */
function nextOf(found: readonly Found[]): string[] {
  const good = found.find(({ trouble }) => trouble === null);
  if (!good) return [];
  const typed = '--user NAME --password-file FILE --out dome.yaml';
  return [`Next 下一步: gate-agent dome probe --address ${good.url} ${typed}`];
}

export function tableOf({ found, skipped, deaf, passwordRefused }: Discovery): string {
  const rows = [head, ...found.map(rowOf)];
  const widths = head.map((_, n) => Math.max(...rows.map((row) => columnsOf(row[n] ?? ''))));
  const line = (row: Row) =>
    row
      .map((cell, n) => filled(cell, widths[n] ?? 0))
      .join('  ')
      .trimEnd();
  const text: string[] = [];
  for (const [n, row] of rows.entries()) {
    text.push(line(row));
    const one = n === 0 ? undefined : found[n - 1];
    if (!one) continue;
    if (one.services.length > 0) text.push(`    services 服务: ${one.services.join(', ')}`);
    if (one.interfaces.length > 0)
      text.push(`    answered on 应答网卡: ${one.interfaces.join(', ')}${elsewhere(one)}`);
    text.push(...sayingsOn(one).map((saying) => `    ${said(saying)}`));
  }
  if (found.length === 0)
    text.push(
      'No dome was found: give its address with --address, or a range with --range. ' +
        '未发现球机:请用 --address 指定地址,或用 --range 指定网段。',
    );
  for (const { name, title, from } of skipped)
    text.push(
      `${title ?? name} (${from.join(', ')}) tells no address, and was skipped. 未提供地址,已跳过。`,
    );
  for (const { interface: on, reason } of deaf)
    text.push(`On ${on} nobody could be asked (${reason}). 无法在网卡 ${on} 上搜索。`);
  if (passwordRefused)
    text.push(
      'The password was refused once, and shown to no other device. 密码被拒绝,未再向其他设备尝试。',
    );
  else text.push(...askedAsStranger(found), ...nextOf(found));
  return `${text.join('\n')}\n`;
}

/** One object: what `table` shows, unshortened. */
export const jsonOf = (discovery: Discovery): string =>
  `${JSON.stringify({
    ...discovery,
    found: discovery.found.map((one) => ({ ...one, sayings: sayingsOn(one) })),
  })}\n`;
