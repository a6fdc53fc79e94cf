// Single fields as a person types them: judged by the configuration's own schema, so that the wizard lets
// pass what the loader takes, and nothing else.

import type * as z from 'zod';
import { schemaOf } from '../config/schema.ts';
import type { Words } from './words.ts';

const { shape } = schemaOf({ stateDir: '/', runtimeDir: '/' });
const identity = shape.identity.shape;

export interface Field {
  /** Path in the configuration. */
  readonly field: string;
  readonly name: Words;
  /** What is right, said where it is wrong. */
  readonly hint: Words;
  readonly schema: z.ZodType;
  readonly isOptional?: boolean;
}

const of = (field: string, schema: z.ZodType, name: Words, hint: Words): Field => ({
  ...{ field, schema, name, hint },
});

export const terminalId = of(
  'terminal.id',
  shape.terminal.shape.id,
  ["Terminal's id, as the platform has it", '终端编号(由平台分配)'],
  [
    'letters, digits, dot, dash, underscore; 64 at most, such as hz-xihu-0012-east',
    '字母、数字、点、横线、下划线,最多 64 个,例如 hz-xihu-0012-east',
  ],
);

export const identityFields: readonly Field[] = [
  of(
    'identity.divisionCode',
    identity.divisionCode,
    ['Division code (GB/T 2260, 6 or 12 digits)', '行政区划代码(6 或 12 位)'],
    ['6 or 12 digits, such as 330106', '6 位或 12 位数字,例如 330106'],
  ),
  of(
    'identity.jurisdiction',
    identity.jurisdiction,
    ['Police station in charge', '辖区(派出所)'],
    ['1 to 128 characters', '1 至 128 个字'],
  ),
  of(
    'identity.school',
    identity.school,
    ['School', '学校名称'],
    ['1 to 128 characters', '1 至 128 个字'],
  ),
  of(
    'identity.address',
    identity.address,
    ['Address to drive to', '地址(出警用)'],
    ['1 to 256 characters', '1 至 256 个字'],
  ),
  of('identity.gate', identity.gate, ['Gate', '校门名称'], ['1 to 64 characters', '1 至 64 个字']),
  of(
    'identity.gateRoomPhone',
    identity.gateRoomPhone,
    ['Telephone of the gate room', '门卫室电话'],
    ['digits, spaces, + and -', '数字、空格、+ 和 -'],
  ),
];

const contact = { name: 64, phone: identity.gateRoomPhone };

/** `lat, lon`; both or nothing. */
export function positionOf(typed: string): { lat: string; lon: string } | 'none' | 'wrong' {
  if (typed.trim() === '') return 'none';
  const [lat = '', lon = '', more] = typed.split(/[,,\s]+/).filter((part) => part !== '');
  const isRight = identity.position.safeParse({ lat, lon }).success && more === undefined;
  return isRight ? { lat, lon } : 'wrong';
}

/** `name phone, name phone`. */
export function contactsOf(typed: string): { name: string; phone: string }[] | 'wrong' {
  const parts = typed.split(/[,,;;]/).map((part) => part.trim());
  const found = parts.filter(Boolean).map((part) => {
    const [, name = '', phone = ''] = /^(.*?)\s*(\+?[\d][\d -]*)$/.exec(part) ?? [];
    return { name: name.trim(), phone: phone.trim() };
  });
  const isRight = ({ name, phone }: { name: string; phone: string }) =>
    name !== '' && name.length <= contact.name && contact.phone.safeParse(phone).success;
  return found.length <= 10 && found.every(isRight) ? found : 'wrong';
}

export const isRight = ({ schema }: Field, typed: string): boolean =>
  schema.safeParse(typed).success;

export const brokerUrl = of(
  'broker.url',
  shape.broker.shape.url,
  ['Address of the platform', '平台地址'],
  ['such as mqtts://alarm.example.gov.cn:8883', '例如 mqtts://alarm.example.gov.cn:8883'],
);
