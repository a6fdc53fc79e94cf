// A directory with a right configuration in it, and ways to spoil it.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type LoadRequest, loadConfig, surroundings } from '#agent/config.ts';
import { type BadField, Refusal } from '#agent/refusal.ts';

/** Everything that has a field; files it names are made by `makeSite`. */
export const rightText = `terminal: { id: hz-0012 }
identity:
  divisionCode: 330106
  jurisdiction: 文新派出所
  school: 文新小学
  address: 文二西路 12 号
  position: { lat: 30.28, lon: 120.09 }
  gate: 东门
  gateRoomPhone: 057188880012
  contacts:
    - { name: 王老师, phone: 13800000012 }
data: { capMb: 64 }
broker:
  url: mqtt://localhost:1883
  username: hz-0012
  passwordFile: broker.secret
boxes:
  - id: desk
    path: /dev/ttyDESK
    inputs:
      1: { id: desk-button, name: 值班台, kind: emergency }
      4: { id: claim, name: 误报, role: false-alarm }
modems:
  - { id: com, path: /dev/ttyCOM, inputs: { cts: { id: gate, name: 门, role: mains, contact: nc } } }
modbus:
  - id: io
    path: /dev/ttyIO
    modules:
      - { unit: 1, inputs: { 64: { id: hall, name: 柜门, role: cabinet-door } } }
dome:
  url: http://192.168.1.64
  username: gate
  passwordFile: dome.secret
  profile: dome.yaml
log: { level: warn }
debounceMs: 40
`;

export const brokerPassword = 'correct horse battery';
export const domePassword = '"staple"\\n1';

export interface Site {
  readonly dir: string;
  readonly file: string;
  path(name: string): string;
  write(name: string, text: string, mode?: number): void;
  /** The right text with replacements. */
  config(...edits: readonly (readonly [string, string])[]): void;
  readonly request: LoadRequest;
}

/** A profile is right when it begins with "good". */
export function parseProfile(text: string, file: string): string {
  if (text.startsWith('good')) return text;
  throw new Refusal([{ field: 'strobe[0].on', value: text, hint: 'a recipe' }], file);
}

export function makeSite(): Site {
  const dir = mkdtempSync(join(tmpdir(), 'gate-config-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = (name: string) => join(dir, name);
  const write = (name: string, text: string, mode = 0o600) => {
    writeFileSync(path(name), text);
    chmodSync(path(name), mode);
  };
  const file = path('gate-agent.yaml');
  const around = surroundings({ RUNTIME_DIRECTORY: dir });
  const config: Site['config'] = (...edits) => {
    const text = edits.reduce((before, [from, to]) => {
      if (!before.includes(from)) throw new Error(`not in the text: ${from}`);
      return before.replace(from, () => to);
    }, rightText);
    write('gate-agent.yaml', text);
  };
  config();
  write('broker.secret', `${brokerPassword}\n`);
  write('dome.secret', domePassword);
  write('dome.yaml', 'good profile', 0o644);
  return { dir, file, path, write, config, request: { file, around, parseProfile } };
}

/** Fields that loading refuses; fails the test when nothing is refused. */
export function refusedFields(request: LoadRequest): readonly BadField[] {
  return refusalOf(() => loadConfig(request)).fields;
}

export function refusalOf(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
