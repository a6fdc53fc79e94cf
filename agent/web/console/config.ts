// console.json, which lies beside the static files: what is the city's own. Read once, at the start; what is
// wrong in it is named on the page, and nothing begins.

import * as z from 'zod';
import { roles } from '../../core/command.ts';

const url = z.string().min(1).max(2048);
const seconds = z.number().int().min(1).max(86_400);

export const consoleConfig = z.strictObject({
  /** Of the broker, `wss://..`; relative: on this page's own server. */
  broker: url,
  login: z.discriminatedUnion('how', [
    /** User and password of the broker; the broker's ACL ties this role to them. */
    z.strictObject({ how: z.literal('password'), role: z.enum(roles) }),
    /** User and password are given to `url`, which answers with a short-lived token. */
    z.strictObject({ how: z.literal('token'), url }),
  ]),
  /** Answers with STUN and TURN servers; null: direct ways alone. */
  ice: url.nullable().default(null),
  language: z.enum(['zh', 'en']).default('zh'),
  map: z
    .strictObject({
      /** GeoJSON, WGS 84; null: a plain grid. */
      sketch: url.nullable().default(null),
      /** `https://../{z}/{x}/{y}.png`, Web Mercator. */
      tiles: url.nullable().default(null),
    })
    .default({ sketch: null, tiles: null }),
  /** How loud a terminal is that has gone silent. */
  silence: z
    .strictObject({
      /** Listed beside the alarms after so long. */
      noticeAfterS: seconds.default(30),
      /** Sounds, once, after so long; null: never, but with an open case at once. */
      alarmAfterS: seconds.nullable().default(300),
      /** Terminals that are expected to be away. */
      quiet: z.array(z.string().max(64)).max(10_000).default([]),
    })
    .default({ noticeAfterS: 30, alarmAfterS: 300, quiet: [] }),
  sound: z
    .strictObject({
      /** A case that nobody has taken is heard again after so long; null: once and no more. */
      remindS: z.number().int().min(5).max(600).nullable().default(20),
    })
    .default({ remindS: 20 }),
  /** Pictures that run at once; the case in hand always has one. */
  picturesMax: z.number().int().min(1).max(16).default(8),
});
export type ConsoleConfig = z.infer<typeof consoleConfig>;
export type SilencePolicy = ConsoleConfig['silence'];

/** Rejects with what is wrong, in words for whoever wrote the file. */
export async function readConfig(at = 'console.json'): Promise<ConsoleConfig> {
  const answer = await fetch(at, { cache: 'no-store' });
  if (!answer.ok) throw new Error(`${at}: the server answers ${answer.status}`);
  const read = consoleConfig.safeParse(await answer.json());
  if (read.success) return read.data;
  const [first] = read.error.issues;
  throw new Error(`${at}: ${first?.path.join('.') || 'the file'}: ${first?.message ?? ''}`);
}

/** Of the broker, from the page's own address where it is relative. */
export function brokerUrl(broker: string, page: string): string {
  const url = new URL(broker, page);
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol === 'http:') url.protocol = 'ws:';
  return url.href;
}
