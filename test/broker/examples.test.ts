// What no program of this machine can run is read: EMQX's example rule by rule against the contract's own
// lists, and the web servers' headers.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accessOf, type Login } from '#agent/contract.ts';

const read = (path: string): string =>
  readFileSync(join(import.meta.dirname, '../../config', path), 'utf8');

interface Rule {
  readonly allow: boolean;
  readonly who: string;
  readonly action: string;
  readonly topics: readonly string[];
}

/** Erlang terms, as far as this file needs them. */
const rules = read('broker/emqx.acl')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('%%'))
  .map((line): Rule => {
    const found =
      /^\{(allow|deny), (all|\{username, "([^"]+)"\})(?:, (publish|subscribe), \[(.*)\])?\}\.$/.exec(
        line,
      );
    if (!found) throw new Error(`not understood: ${line}`);
    const [, word, all, name, action = 'all', list = ''] = found;
    const topics = [...list.matchAll(/"([^"]+)"/g)].map(([, topic]) => topic ?? '');
    return { allow: word === 'allow', who: name ?? all ?? '', action, topics };
  });

describe('the example for EMQX', () => {
  const given: [string, Login][] = [
    ['all', { kind: 'terminal', terminal: `\${username}` }],
    ['platform', { kind: 'platform', user: 'platform' }],
  ];
  it.each(given)('gives %s what the contract gives, and refuses the rest', (who, login) => {
    for (const action of ['publish', 'subscribe'] as const) {
      const listed = rules
        .filter((rule) => rule.allow && rule.who === who && rule.action === action)
        .flatMap(({ topics }) => topics);
      expect(listed.sort()).toEqual([...accessOf(login)[action]].sort());
    }
    expect(rules.filter(({ allow }) => allow).map((rule) => rule.who)).not.toContain('dashboard');
    expect(rules.at(-1)).toEqual({ allow: false, who: 'all', action: 'all', topics: [] });
    expect(rules.filter(({ allow }) => !allow)).toHaveLength(1);
  });

  it('checks token, its user and its end, and asks terminals for a certificate', () => {
    const conf = read('broker/emqx.conf').replace(/^\s*#.*$/gm, '');
    const block = (from: string): string =>
      new RegExp(`${from}\\s*=?\\s*[[{]([\\s\\S]*?)\\n[\\]}]`).exec(conf)?.[1] ?? '';
    const people = block('authentication');
    for (const line of ['mechanism = jwt', 'from = password', 'disconnect_after_expire = true'])
      expect(people).toContain(line);
    expect(people).toMatch(/verify_claims = \{\s*sub = "\$\{username\}"\s*\}/);
    expect(people).toContain('acl_claim_name = acl');
    const terminals = block('listeners.ssl.terminals');
    for (const line of ['verify = verify_peer', 'fail_if_no_peer_cert = true', 'zone = terminals'])
      expect(terminals).toContain(line);
    expect(conf).toContain('zones.terminals.mqtt.peer_cert_as_username = cn');
    expect(block('authorization')).toContain('no_match = deny');
    // People's passwords are not skipped as the terminals' are.
    expect(block('listeners.wss.people')).not.toContain('enable_authn');
  });
});

describe('the examples for web servers', () => {
  const names = [
    ...['Content-Security-Policy', 'Permissions-Policy', 'Strict-Transport-Security'],
    ...['X-Content-Type-Options', 'Referrer-Policy', 'Cross-Origin-Opener-Policy'],
  ];
  const headerOf = (file: string, name: string): string =>
    new RegExp(`${name}\\s+"([^"]+)"`).exec(read(`web/${file}`))?.[1] ?? `none in ${file}`;

  it.each(names)('say the same of %s', (name) => {
    expect(headerOf('Caddyfile', name)).toBe(headerOf('nginx.conf', name));
  });

  it('let nothing run that is not a file of the console’s own', () => {
    const policy = headerOf('nginx.conf', 'Content-Security-Policy');
    expect(policy).not.toMatch(/unsafe|nonce-|\*|https?:/);
    const of = (what: string) =>
      policy
        .split('; ')
        .find((one) => one.startsWith(`${what} `))
        ?.slice(what.length + 1);
    expect(of('default-src')).toBe("'none'");
    for (const what of ['script-src', 'style-src', 'connect-src']) expect(of(what)).toBe("'self'");
    expect(of('frame-ancestors')).toBe("'none'");
  });
});
