// Every way a configuration can be wrong, and what the installer is told about it.

import { globSync, mkdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, setupOf } from '#agent/config.ts';
import { parseProfile } from '#agent/dome/profile.ts';
import { makeCerts } from '#test/support/certs.ts';
import { cases, claim, terminal, url } from './cases.ts';
import { makeSite, refusedFields, rightText } from './support.ts';

describe('a right configuration', () => {
  it('is taken as it is written, with its defaults, and frozen to the bottom', () => {
    const site = makeSite();
    const config = loadConfig(site.request);
    expect(config.identity.gateRoomPhone).toBe('057188880012');
    expect(config.identity.contacts[0]?.phone).toBe('13800000012');
    expect(config.identity.position).toEqual({ lat: 30.28, lon: 120.09 });
    expect(config.boxes[0]).toMatchObject({ baud: 115_200, indicator: true });
    expect(config.broker).toMatchObject({ clientId: 'hz-0012', tls: null });
    expect(config.control.socket).toBe(site.path('control.sock'));
    expect(config.data).toEqual({
      ...{ dir: '/var/lib/gate-agent', capMb: 64, masterKeyFile: null, evidenceKeyFile: null },
    });
    expect(config.platform.receipts).toBe('platform');
    expect(config.dome?.profile).toEqual({ file: site.path('dome.yaml'), text: 'good profile' });
    expect(Object.isFrozen(config.boxes[0]?.inputs['1'])).toBe(true);
  });

  it('gives the core its set-up', () => {
    const setup = setupOf(loadConfig(makeSite().request), '1.2.3');
    expect(setup).toMatchObject({ terminal: 'hz-0012', version: '1.2.3', debounceMs: 40 });
    expect(setup.inputs).toEqual({
      'desk-button': { role: 'button', kind: 'emergency', name: '值班台' },
      claim: { role: 'false-alarm', name: '误报' },
      gate: { role: 'mains', name: '门' },
      hall: { role: 'cabinet-door', name: '柜门' },
    });
    expect(setup.rights.platform).toContain('resolve');
  });

  it('alone reads the environment, and of the panel’s process its own', () => {
    const readers = globSync('agent/**/*.ts').filter((file) =>
      /process\.env\b/.test(readFileSync(file, 'utf8').replace(/ProcessEnv/g, '')),
    );
    expect(readers.filter((file) => !file.startsWith('agent/sim/'))).toEqual([
      ...['agent/config.ts', 'agent/panel/config.ts'],
    ]);
  });

  it('the shipped examples are right but for the files they name', () => {
    const { request } = makeSite();
    const minimal = loadConfig({ ...request, file: 'config/gate-agent.minimal.yaml' });
    expect(minimal).toMatchObject({ dome: null, debounceMs: 50 });
    const fields = refusedFields({
      ...request,
      parseProfile,
      file: 'config/gate-agent.example.yaml',
    });
    expect(new Set(fields.map(({ hint }) => hint))).toEqual(new Set(['no such file']));
  });
});

describe('a wrong configuration names its wrong fields', () => {
  it.each(cases)('$what', (one) => {
    const site = makeSite();
    site.config([one.from, one.to]);
    const fields = refusedFields(site.request);
    const named = [...new Set(fields.map(({ field }) => field))];
    expect(named.sort()).toEqual(Object.keys(one.wrong).sort());
    for (const [field, hint] of Object.entries(one.wrong)) {
      const hints = fields.filter((bad) => bad.field === field).map((bad) => bad.hint);
      expect(hints.join(' | ')).toContain(hint);
    }
    expect(JSON.stringify(fields)).not.toContain('hunter2');
  });

  it('all at once, in the order of the file, each with its line and value', () => {
    const site = makeSite();
    site.config(
      [terminal, 'terminal: { id: a b }'],
      ['东门', '""'],
      [claim, `${claim}\n      5: { id: claim }`],
      ['level: warn', 'level: loud'],
      ['dome.secret', 'gone'],
    );
    const told = refusedFields(site.request).map(({ field, line }) => `${line} ${field}`);
    const lineOf = (part: string) => rightText.slice(0, rightText.indexOf(part)).split('\n').length;
    const after = 1;
    expect(told).toEqual([
      '1 terminal.id',
      `${lineOf('gate: 东门')} identity.gate`,
      `${lineOf(claim) + after} boxes[0].inputs.5.name`,
      `${lineOf(claim) + after} boxes[0].inputs.5.id`,
      `${lineOf(claim) + after} boxes[0].inputs.5.kind`,
      `${lineOf('dome.secret') + after} dome.passwordFile`,
      `${lineOf('log:') + after} log.level`,
    ]);
    expect(refusedFields(site.request)[0]).toMatchObject({ field: 'terminal.id', value: 'a b' });
  });

  it('an empty file lacks every group that has no default', () => {
    const site = makeSite();
    site.write('gate-agent.yaml', '');
    const fields = refusedFields(site.request).map(({ field }) => field);
    expect(fields.sort()).toEqual(['boxes', 'broker', 'identity', 'terminal']);
  });

  it('a file that is none, is too large, or is not there', () => {
    const site = makeSite();
    const hintOf = (file: string) => refusedFields({ ...site.request, file })[0]?.hint;
    site.write('large.yaml', `a: ${'x'.repeat(300_000)}`);
    expect(hintOf(site.path('large.yaml'))).toContain('256 kB');
    expect(hintOf(site.dir)).toBe('not a regular file');
    expect(hintOf(site.path('none.yaml'))).toBe('no such file');
  });
});

describe('the files it names', () => {
  const hintsOf = (site: ReturnType<typeof makeSite>) =>
    Object.fromEntries(refusedFields(site.request).map(({ field, hint }) => [field, hint]));

  it('a secret must be closed to others, one line, not empty, a file', () => {
    const site = makeSite();
    site.write('dome.secret', 'x', 0o644);
    site.write('broker.secret', '\n');
    expect(hintsOf(site)).toMatchObject({
      'dome.passwordFile': expect.stringContaining('chmod o-rwx'),
      'broker.passwordFile': expect.stringContaining('empty'),
    });
    site.write('broker.secret', 'two\nlines\n');
    mkdirSync(site.path('dir'));
    site.config(['dome.secret', 'dir']);
    expect(hintsOf(site)).toMatchObject({
      'dome.passwordFile': 'not a regular file',
      'broker.passwordFile': expect.stringContaining('more than one line'),
    });
  });

  it.each(globSync('config/domes/*.yaml'))('%s is a right profile', (profile) => {
    const site = makeSite();
    site.config(['dome.yaml', resolve(profile)]);
    expect(loadConfig({ ...site.request, parseProfile }).dome).not.toBe(null);
  });

  it("the profile's own wrong fields are named behind the field that names it", () => {
    const site = makeSite();
    site.write('dome.yaml', 'bad');
    expect(refusedFields(site.request)).toMatchObject([
      { field: 'dome.profile > strobe[0].on', hint: 'a recipe', value: 'bad' },
    ]);
    const stumble = () => {
      throw new ReferenceError('hunter2');
    };
    expect(refusedFields({ ...site.request, parseProfile: stumble })).toMatchObject([
      { field: 'dome.profile', hint: 'cannot be read as a profile (ReferenceError)' },
    ]);
  });

  it('certificate and key are read, and must belong together', async () => {
    const site = makeSite();
    const certs = await makeCerts(site.dir);
    const [one, other] = await Promise.all([certs.client('one'), certs.client('other')]);
    site.write('cert.pem', one.cert);
    site.write('key.pem', one.key);
    const tls = 'url: mqtts://b.example\n  ca: ca.pem\n  cert: cert.pem\n  key: key.pem';
    site.config([url, tls]);
    const { broker } = loadConfig(site.request);
    expect(broker.tls).toMatchObject({ ca: certs.ca, cert: one.cert });
    expect(broker.tls?.key?.reveal().trim()).toBe(one.key.trim());
    site.write('key.pem', other.key);
    expect(hintsOf(site)).toEqual({ 'broker.cert': expect.stringContaining('does not belong') });
    site.write('key.pem', 'no key');
    site.write('cert.pem', 'no cert');
    site.write('ca.pem', 'no ca');
    expect(Object.keys(hintsOf(site)).sort()).toEqual(['broker.ca', 'broker.cert', 'broker.key']);
  });

  it('a second broker has all of its own; what is left out is not taken from the first', async () => {
    const site = makeSite();
    const { ca } = await makeCerts(site.dir);
    site.write('second.secret', 'of the second');
    const login = 'username: me, passwordFile: second.secret';
    site.config([url, `${url}\n  second: { url: "mqtts://b2.example", ca: ca.pem, ${login} }`]);
    const { second } = loadConfig(site.request).broker;
    const tls = { ca, cert: null, key: null };
    expect(second).toMatchObject({ clientId: 'hz-0012', username: 'me', tls });
    expect(second?.password?.reveal()).toBe('of the second');
    site.config([url, `${url}\n  second: { url: "mqtt://localhost:1884" }`]);
    const plain = { username: null, password: null, tls: null };
    expect(loadConfig(site.request).broker.second).toMatchObject(plain);
    site.config();
    expect(loadConfig(site.request).broker.second).toBe(null);
  });

  it("the dome's authority, or several certificates, are read and must all be whole", async () => {
    const site = makeSite();
    expect(loadConfig(site.request).dome).toMatchObject({ ca: null });
    const { ca } = await makeCerts(site.dir);
    const { ca: other } = await makeCerts(site.dir, 'other');
    site.write('dome.pem', ca + other);
    site.config(['url: http://192.168.1.64', 'url: https://192.168.1.64\n  ca: dome.pem']);
    expect(loadConfig(site.request).dome?.ca).toBe(ca + other);
    for (const damaged of ['no ca', ca + other.slice(0, -60), ca + other.replace(/\nM/, '\nx')]) {
      site.write('dome.pem', damaged);
      expect(hintsOf(site)).toEqual({ 'dome.ca': expect.stringContaining('a damaged one') });
    }
  });
});
