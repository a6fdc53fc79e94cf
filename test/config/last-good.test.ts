// A terminal that was armed once does not stay dead because somebody spoilt its file: the story of
// the last-known-good copy.

import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadForStart, type Start, surroundings } from '#agent/config.ts';
import { makeCerts } from '#test/support/certs.ts';
import { brokerPassword, domePassword, makeSite, refusalOf, type Site } from './support.ts';

type Armed = Extract<Start, { armed: true }>;

function armedStart(site: Site): Armed {
  const start = loadForStart(site.request);
  if (!start.armed) throw new Error('unarmed');
  return start;
}

const copyOf = (site: Site) => `${site.file}.last-good.json`;
const faultsOf = ({ faults }: Armed) => faults.map(({ fault }) => fault);

describe('the first start', () => {
  it('without a file is unarmed', () => {
    const site = makeSite();
    rmSync(site.file);
    expect(loadForStart(site.request)).toEqual({ armed: false });
  });

  it('with a bad file is refused, all fields named', () => {
    const site = makeSite();
    site.config(['level: warn', 'level: loud'], ['dome.yaml', 'gone.yaml']);
    const { fields } = refusalOf(() => loadForStart(site.request));
    expect(fields.map(({ field }) => field)).toEqual(['dome.profile', 'log.level']);
  });

  it('with a right file is armed; the copy is there only once that has worked', () => {
    const site = makeSite();
    const start = armedStart(site);
    expect(existsSync(copyOf(site))).toBe(false);
    expect(start.keepAsGood()).toBe(null);
    expect(statSync(copyOf(site)).mode & 0o777).toBe(0o600);
    const copy = readFileSync(copyOf(site), 'utf8');
    expect(copy).toContain('dome.secret');
    for (const secret of [brokerPassword, domePassword, JSON.stringify(domePassword).slice(1, -1)])
      expect(copy).not.toContain(secret);
  });
});

function armedOnce(): Site {
  const site = makeSite();
  armedStart(site).keepAsGood();
  return site;
}

describe('a later start', () => {
  it('with the same file leaves the copy alone, with another writes it anew', () => {
    const site = armedOnce();
    const { ino } = statSync(copyOf(site));
    armedStart(site).keepAsGood();
    expect(statSync(copyOf(site)).ino).toBe(ino);
    site.config(['debounceMs: 40', 'debounceMs: 41']);
    armedStart(site).keepAsGood();
    expect(readFileSync(copyOf(site), 'utf8')).toContain('debounceMs: 41');
  });

  it('with a bad file runs on the copy, says which fields, and keeps the copy', () => {
    const site = armedOnce();
    const before = readFileSync(copyOf(site), 'utf8');
    site.config(['debounceMs: 40', 'debounceMs: 41'], ['level: warn', 'level: loud']);
    const start = armedStart(site);
    expect(start.config.debounceMs).toBe(40);
    expect(start.config.broker.password?.reveal()).toBe(brokerPassword);
    expect(faultsOf(start)).toEqual(['config.refused']);
    expect(start.faults[0]?.detail).toMatch(/log\.level \(line \d+\): one of: debug/);
    expect(start.keepAsGood()).toBe(null);
    expect(readFileSync(copyOf(site), 'utf8')).toBe(before);
  });

  it.each([
    ['not YAML', (site: Site) => site.write('gate-agent.yaml', 'a: "')],
    ['empty', (site: Site) => site.write('gate-agent.yaml', '')],
    ['gone', (site: Site) => rmSync(site.file)],
    [
      'cut off',
      (site: Site) => site.write('gate-agent.yaml', readFileSync(site.file, 'utf8').slice(0, 300)),
    ],
  ])('with a file that is %s runs on the copy', (_, spoil) => {
    const site = armedOnce();
    spoil(site);
    const start = armedStart(site);
    expect(start.config.terminal.id).toBe('hz-0012');
    expect(faultsOf(start)).toEqual(['config.refused']);
  });

  it('once the file is right again, runs on the file without a fault', () => {
    const site = armedOnce();
    site.write('gate-agent.yaml', 'a: "');
    armedStart(site);
    site.config(['debounceMs: 40', 'debounceMs: 42']);
    const start = armedStart(site);
    expect(start.faults).toEqual([]);
    expect(start.config.debounceMs).toBe(42);
  });
});

describe('files that went bad after the terminal was armed', () => {
  it('a spoilt profile is taken from the copy', () => {
    const site = armedOnce();
    site.write('dome.yaml', 'bad');
    const start = armedStart(site);
    expect(start.config.dome?.profile.text).toBe('good profile');
    expect(faultsOf(start)).toEqual(['config.refused']);
    expect(start.faults[0]?.detail).toContain('dome.profile > strobe[0].on');
  });

  it("a lost certificate of the dome's authority is taken from the copy", async () => {
    const site = makeSite();
    const { ca, caFile } = await makeCerts(site.dir);
    site.config(['url: http://192.168.1.64', 'url: https://192.168.1.64\n  ca: ca.pem']);
    armedStart(site).keepAsGood();
    rmSync(caFile);
    const start = armedStart(site);
    expect(start.config.dome?.ca).toBe(ca);
    expect(start.faults[0]?.detail).toContain('dome.ca');
  });

  it('a lost password costs its part, not the terminal', () => {
    const site = armedOnce();
    rmSync(site.path('dome.secret'));
    chmodSync(site.path('broker.secret'), 0o644);
    const start = armedStart(site);
    expect(start.config.dome).toMatchObject({ password: null });
    expect(start.config.broker.password).toBe(null);
    expect(start.config.boxes).toHaveLength(1);
    expect(faultsOf(start)).toEqual(['config.refused', 'config.files']);
    expect(start.faults[1]?.detail).toMatch(/broker\.passwordFile.*chmod.*dome\.passwordFile/);
  });

  it('a copy that is of no use is told beside the bad fields', () => {
    const site = armedOnce();
    site.config(['level: warn', 'level: loud']);
    writeFileSync(copyOf(site), '{"v":1,"fi');
    const fields = refusalOf(() => loadForStart(site.request)).fields;
    expect(fields.map(({ field }) => field)).toEqual(['log.level', '(copy)']);
    writeFileSync(copyOf(site), JSON.stringify({ v: 1, file: site.file, text: 'a: 1', files: {} }));
    expect(refusalOf(() => loadForStart(site.request)).fields.at(-1)?.hint).toContain(
      'refused, too',
    );
  });

  it('a copy that cannot be written is a fault and nothing more', () => {
    const site = makeSite();
    const request = { ...site.request, stateDir: site.path('no-such-directory') };
    const start = loadForStart(request);
    expect(start.armed && start.keepAsGood()).toMatchObject({ fault: 'config.copy' });
  });
});

describe('where things are', () => {
  it('follows systemd, then the usual places', () => {
    expect(surroundings({})).toMatchObject({
      configFile: '/etc/gate-agent/gate-agent.yaml',
      stateDir: null,
      socket: '/run/gate-agent/control.sock',
    });
    const env = { STATE_DIRECTORY: '/s:/t', RUNTIME_DIRECTORY: '/r', GATE_AGENT_CONFIG: '/c.yaml' };
    const found = { PATH: '/bin', ALSA_CONFIG_PATH: '/a.conf' };
    expect(surroundings({ ...env, ...found, BROKER_PASSWORD: 'x' })).toEqual({
      configFile: '/c.yaml',
      stateDir: '/s',
      socket: '/r/control.sock',
      places: { stateDir: '/s', runtimeDir: '/r', credentialsDir: null },
      service: { socket: null, watchdogMs: null },
      // Nothing of systemd's, no secret.
      childEnv: { ...found, LC_ALL: 'C' },
    });
  });

  it('a watchdog that is meant for another process is none', () => {
    const env = { NOTIFY_SOCKET: '/n', WATCHDOG_USEC: '30000000' };
    const service = (pid: number) => surroundings({ ...env, WATCHDOG_PID: String(pid) }).service;
    expect(surroundings(env).service).toEqual({ socket: '/n', watchdogMs: 30_000 });
    expect(service(process.pid)).toEqual({ socket: '/n', watchdogMs: 30_000 });
    expect(service(process.pid + 1)).toEqual({ socket: '/n', watchdogMs: null });
  });

  it('the copy is in the state directory where there is one', () => {
    const site = makeSite();
    const start = loadForStart({ ...site.request, stateDir: site.dir });
    expect(start.armed && start.keepAsGood()).toBe(null);
    expect(existsSync(site.path('last-good.json'))).toBe(true);
  });
});
