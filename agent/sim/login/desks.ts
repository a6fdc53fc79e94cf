// Logins of the rehearsal room, all made for this run: the terminal's and the platform's passwords at the
// broker, and people who get tokens at the login address.

import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrokerOptions } from '../broker.ts';
import { type RoomSetup, terminalId } from '../room.ts';
import { LoginServer } from './login.ts';
import { peopleOf } from './people.ts';
import { Tokens, type TokensOptions } from './tokens.ts';

export interface Desks {
  /** For the broker of the room. */
  readonly broker: BrokerOptions;
  /** How daemon and platform log in. */
  readonly room: Pick<RoomSetup, 'daemonBroker' | 'login'>;
  readonly login: LoginServer;
  /** Users and their passwords, for whoever runs the room. */
  readonly lines: readonly string[];
}

const password = (): string => randomBytes(15).toString('base64url');

export async function openDesks(dir: string, options: TokensOptions = {}): Promise<Desks> {
  const [ofTerminal, ofPlatform] = [password(), password()];
  await writeFile(join(dir, 'broker-password'), ofTerminal, { mode: 0o600 });
  const tokens = await Tokens.make(options);
  const people = peopleOf([terminalId]);
  const login = new LoginServer({ tokens, people });
  return {
    broker: {
      tokens,
      users: [
        {
          ...{ username: terminalId, password: ofTerminal },
          login: { kind: 'terminal', terminal: terminalId },
        },
        {
          ...{ username: 'platform', password: ofPlatform },
          login: { kind: 'platform', user: 'platform' },
        },
      ],
    },
    room: {
      daemonBroker: { username: terminalId, passwordFile: join(dir, 'broker-password') },
      login: { username: 'platform', password: ofPlatform },
    },
    login,
    lines: people.map(
      ({ user, role, jurisdiction }) =>
        `${user.padEnd(6)} ${role.padEnd(14)} ${login.passwords.get(user)}  ${jurisdiction}`,
    ),
  };
}
