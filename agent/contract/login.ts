// How a person's program logs in: a short-lived token is the password of its MQTT connection. The platform
// signs it (ES256), the broker checks it; the terminal never sees it.

import * as z from 'zod';
import { type Role, roles } from '../core/command.ts';
import { type Access, accessOf } from './access.ts';
import * as part from './parts.ts';

export const loginLimits = {
  /** From `iat` to `exp`, seconds, at most. */
  tokenS: 600,
  /** A password of MQTT has 65,535 bytes at most. */
  tokenBytes: 65_000,
} as const;

const seconds = z.number().int().nonnegative();
const topics = z.array(z.string().min(1).max(256)).max(2_000);

/** What the token says; `acl` as EMQX reads it. */
export const tokenClaims = z.object({
  iss: z.string(),
  sub: part.topicWord.describe('The user: as in topics, and as the MQTT user name'),
  role: z.enum(roles),
  jurisdiction: z.string().describe('For people; what it is made of stands in `acl`'),
  iat: seconds,
  exp: seconds,
  acl: z.object({ pub: topics, sub: topics }),
});
export type TokenClaims = z.infer<typeof tokenClaims>;

/** What a login address answers. */
export const granted = z.object({
  token: z.string().max(loginLimits.tokenBytes),
  validMs: z.number().positive().describe('From now'),
  user: part.topicWord,
  role: z.enum(roles),
  jurisdiction: z.string(),
  terminals: z.array(part.topicWord).nullable().describe('Of the jurisdiction; null: all'),
});
export type Granted = z.infer<typeof granted>;

export interface Person {
  readonly user: string;
  readonly role: Role;
  readonly jurisdiction: string;
  /** null: all. */
  readonly terminals: readonly string[] | null;
}

export function aclOf({ role, user, terminals }: Person): TokenClaims['acl'] {
  const access: Access = accessOf({ kind: 'person', role, user, terminals });
  return { pub: [...access.publish], sub: [...access.subscribe] };
}
