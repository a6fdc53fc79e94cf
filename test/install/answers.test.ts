// Files of answers: every wrong field is named at once, with line, value and hint, before anything is done.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { readAnswers } from '#agent/install/answers.ts';
import type { BadField } from '#agent/refusal.ts';
import { refusalOf } from '#test/config/support.ts';
import { identityPairs, qrOf, readText, runAnswers, Stick, worldAt } from './support.ts';

const example = join(import.meta.dirname, '../../config/site.example.yaml');
let stick: Stick;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gate-answers-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  stick = new Stick(join(dir, 'stick'));
});

const right = {
  broker: { url: 'mqtt://localhost:1883' },
  boxes: [
    { id: 'desk', path: '/dev/ttyS0', inputs: { 1: { id: 'b', name: '按钮', kind: 'emergency' } } },
  ],
  provision: { language: 'en', qr: qrOf(identityPairs) },
};

function read(fields: object) {
  stick.answers({ ...fields });
  const world = worldAt(dir);
  return readAnswers(readText(stick.file), { ...world, file: stick.file });
}
const refused = (fields: object): readonly BadField[] => refusalOf(() => read(fields)).fields;

describe('answers', () => {
  it('take who and where from the QR string; what is written goes before it', () => {
    const { site } = read({ ...right, identity: { gate: '西门' } });
    expect(site.tree).toMatchObject({
      terminal: { id: 'hz-0012' },
      identity: { school: '文新小学', gate: '西门', position: { lat: '30.287459' } },
    });
  });

  it.each([
    [{ terminal: { id: 'a b' } }, 'terminal.id', 'letters, digits'],
    [{ brokers: {} }, 'brokers', 'did you mean broker?'],
    [{ broker: { url: 'mqtts://x:8883' } }, 'broker.ca', 'missing'],
    [
      { broker: { ...right.broker, passwordFile: 'none', username: 'x' } },
      'broker.passwordFile',
      'no such file',
    ],
    [{ dome: { url: 'discover', username: 'a' } }, 'dome.url', 'needs provision.probe'],
    [{ provision: { languag: 'en' } }, 'provision.languag', 'did you mean language?'],
    [
      { provision: { ...right.provision, qr: 'GATE1?' } },
      'provision.qr > qr',
      'scan the code again',
    ],
    [{ provision: { ...right.provision, pinFile: 'pin' } }, 'provision.pinFile', 'no such file'],
    [{ provision: { ...right.provision, probe: {} } }, 'provision.probe', 'needs the group dome'],
    [{ provision: { ...right.provision, request: 'x.csr' } }, 'broker.url', 'needs mqtts://'],
  ])('%j: %s', (more, field, hint) => {
    const bad = refused({ ...right, ...more });
    expect(bad.map((one) => one.field)).toContain(field);
    expect(bad.find((one) => one.field === field)?.hint).toContain(hint);
  });

  it('a PIN that anybody guesses, and a duress PIN that is the PIN', () => {
    stick.put('pin', '123456\n');
    stick.put('duress', '123456\n');
    const provision = { ...right.provision, pinFile: 'pin', duressPinFile: 'duress' };
    const bad = refused({ ...right, provision });
    expect(bad.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['provision.pinFile', 'provision.duressPinFile']),
    );
    expect(JSON.stringify(bad)).not.toContain('123456');
  });

  it('wrong ones end an unattended run with 65 and all of them named; a missing file with 66', async () => {
    stick.answers({ ...right, terminal: { id: 'a b' }, log: { level: 'loud' } });
    const { code, err, out } = await runAnswers(worldAt(dir), stick.file);
    expect({ code, out }).toEqual({ code: 65, out: '' });
    expect(err).toMatch(/line \d+: terminal\.id = "a b"\n +letters/);
    expect(err).toContain('log.level = "loud"');
    expect((await runAnswers(worldAt(dir), join(dir, 'none'))).code).toBe(66);
  });

  it('a dry run shows every file, no secret, and writes nothing', async () => {
    stick.put('pw', 'correct horse\n');
    stick.put('pin', '402817\n');
    stick.answers({
      ...right,
      broker: { ...right.broker, username: 'hz', passwordFile: 'pw' },
      provision: { ...right.provision, pinFile: 'pin' },
    });
    const world = worldAt(dir);
    const { code, out } = await runAnswers(world, stick.file, true);
    expect(code).toBe(0);
    const files = ['etc/site-1/broker.password', 'etc-panel/pin.json', 'etc/gate-agent.yaml'];
    for (const file of files) expect(out).toContain(`--- ${join(dir, file)} (06`);
    expect(out).toContain('passwordFile: site-1/broker.password');
    expect(out).not.toMatch(/correct horse|402817|"hash"/);
    expect(() => readText(world.file)).toThrow('ENOENT');
  });

  it('the example says nothing that the program does not know', () => {
    const bad = refusalOf(() => {
      const world = worldAt(dir);
      readAnswers(readText(example), { ...world, file: stick.file });
    }).fields;
    // Its files are not there; all else is right.
    expect(bad.filter(({ hint }) => hint !== 'no such file')).toEqual([]);
    expect(bad.map(({ field }) => field)).toContain('broker.cert');
    expect(Object.keys(parse(readText(example)))).toContain('provision');
  });
});
