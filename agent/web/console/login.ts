// Who sits at the desk. A password goes to the broker as it is; or it is given to the city's login address,
// whose short-lived token is what the broker gets. Kept for this tab alone, and no longer than its window.

import * as z from 'zod';
import { type Role, roles } from '../../core/command.ts';
import type { ConsoleConfig } from './config.ts';
import type { Login } from './desk/desk.ts';

const ticket = z.object({
  token: z.string().min(1).max(8192),
  role: z.enum(roles),
  user: z.string().min(1).max(64),
});

const tabKey = 'gate-console/login';
const session = z.object({
  role: z.enum(roles),
  user: z.string(),
  username: z.string(),
  password: z.string(),
});

export class LoginRefused extends Error {}

/** Rejects with `LoginRefused` where user or password are wrong. */
export async function logIn(
  { login }: ConsoleConfig,
  user: string,
  password: string,
): Promise<Login> {
  if (login.how === 'password')
    return remembered({ role: login.role, user, username: user, password });
  const answer = await fetch(login.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, password }),
  });
  if (answer.status === 401 || answer.status === 403) throw new LoginRefused();
  if (!answer.ok) throw new Error(`${answer.status}`);
  const { token, role, user: name } = ticket.parse(await answer.json());
  return remembered({ role, user: name, username: name, password: token });
}

/** Of this tab, after a reload. */
export function loggedIn(): Login | null {
  const kept = sessionStorage.getItem(tabKey);
  const read = session.safeParse(kept === null ? null : JSON.parse(kept));
  return read.success ? loginOf(read.data) : null;
}

export function logOut(): void {
  sessionStorage.removeItem(tabKey);
}

function remembered(login: z.infer<typeof session>): Login {
  sessionStorage.setItem(tabKey, JSON.stringify(login));
  return loginOf(login);
}

const loginOf = ({
  role,
  user,
  username,
  password,
}: {
  readonly role: Role;
  readonly user: string;
  readonly username: string;
  readonly password: string;
}): Login => ({ role, user, username, password: () => password });
