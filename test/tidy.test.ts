// The rules of the house that a machine can see: who imports whom, how long a file is, which words
// the core may not say, who may start a timer. Reads files as text; runs nothing.

import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const files = (pattern: string): string[] => globSync(pattern, { cwd: root }).sort();
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');
const sources = files('agent/**/*.{ts,tsx}');
const allCode = [...sources, ...files('test/**/*.ts'), ...files('scripts/*.ts')];
/** This file has to spell what it looks for. */
const others = allCode.filter((file) => file !== 'test/tidy.test.ts');

/** Files of the project that a file imports, as paths from the root; packages by name. */
function importsOf(file: string): string[] {
  const found = textOf(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g);
  return [...found].map(([, what = '']) => {
    if (what.startsWith('#')) return what.slice(1);
    return what.startsWith('.') ? normalize(join(dirname(file), what)) : what;
  });
}

/** Comments and strings out of the way. */
const codeOf = (file: string): string =>
  textOf(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/[^\n]*/g, '')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");

interface Place {
  readonly files: (file: string) => boolean;
  /** Files of the project it may import. */
  readonly may: (imported: string) => boolean;
}

const under =
  (...places: string[]) =>
  (file: string) =>
    places.some((place) => file === place || file.startsWith(`${place}/`));
const ports = under(
  ...['agent/core', 'agent/ports.ts', 'agent/refusal.ts', 'agent/digest.ts', 'agent/trust.ts'],
  // Bytes in, bytes out: how evidence lies on the disk is the same for all who keep or read it.
  'agent/sealed',
);

const driver = (place: string, ...also: string[]): [string, Place] => [
  place,
  { files: under(place), may: (to) => ports(to) || under(place, ...also)(to) },
];

const places: Record<string, Place> = Object.fromEntries([
  ['agent/core', { files: under('agent/core'), may: under('agent/core') }],
  ['agent/ports.ts', { files: under('agent/ports.ts'), may: under('agent/core') }],
  [
    'agent/terminal.ts',
    { files: under('agent/terminal.ts'), may: under('agent/core', 'agent/ports.ts') },
  ],
  [
    'agent/contract.ts',
    {
      files: under('agent/contract.ts', 'agent/contract'),
      may: under('agent/core', 'agent/contract', 'agent/refusal.ts'),
    },
  ],
  driver('agent/store', 'agent/contract.ts'),
  driver('agent/buttons', 'agent/lamp', 'agent/gpio/native.ts'),
  driver('agent/lamp'),
  driver('agent/rtsp'),
  driver('agent/dome', 'agent/rtsp'),
  driver('agent/gpio', 'agent/buttons/faults.ts', 'agent/lamp'),
  driver('agent/teach', 'agent/gpio', 'agent/buttons'),
  driver('agent/system'),
  driver('agent/media', 'agent/contract.ts', 'agent/system', 'agent/wav.ts', 'agent/rtsp'),
  driver('agent/update', 'agent/media/own-network.ts', 'agent/media/outward.ts'),
  driver('agent/uplink', 'agent/contract.ts'),
  driver('agent/keys'),
  driver(
    ...(['agent/evidence', 'agent/contract.ts', 'agent/control.ts', 'agent/control'] as const),
    ...['chain', 'known-keys', 'protocol'].map((name) => `agent/store/${name}.ts`),
    'agent/records',
  ),
  driver(
    ...(['agent/patrol', 'agent/dome/probe/pictures.ts'] as const),
    ...['chain', 'known-keys', 'protocol'].map((name) => `agent/store/${name}.ts`),
  ),
  driver(
    ...(['agent/records', 'agent/evidence/manifest.ts', 'agent/store/chain.ts'] as const),
    'agent/store/evidence-key.ts',
  ),
  driver(
    ...(['agent/local', 'agent/config.ts', 'agent/log.ts', 'agent/terminal.ts'] as const),
    'agent/media/talk/snapshot.ts',
  ),
  driver(
    ...(['agent/panel', 'agent/control.ts', 'agent/local/words.ts', 'agent/config'] as const),
    ...['agent/contract/words.ts', 'agent/lamp/faces.ts', 'agent/log.ts', 'agent/system/clock.ts'],
  ),
  [
    'agent/web/client',
    {
      files: under('agent/web/client'),
      may: under('agent/web/client', 'agent/contract.ts', 'agent/core'),
    },
  ],
  [
    'agent/web/console',
    {
      files: under('agent/web/console'),
      may: under(
        ...['client', 'console', 'page'].map((place) => `agent/web/${place}`),
        ...['agent/contract.ts', 'agent/core'],
      ),
    },
  ],
  [
    'agent/web/page',
    {
      files: under('agent/web/page'),
      may: under('agent/web/page', 'agent/web/client/clock.ts', 'agent/contract/words.ts'),
    },
  ],
  [
    'agent/web/panel',
    {
      files: under('agent/web/panel'),
      // Light: of the contract its words alone, of the server the types of its answers.
      may: under(
        ...['agent/web/panel', 'agent/web/page', 'agent/web/client/clock.ts', 'agent/core'],
        ...['agent/contract/words.ts', 'agent/panel/api.ts', 'agent/lamp/patterns.ts'],
      ),
    },
  ],
  [
    'agent/sim',
    {
      files: under('agent/sim'),
      may: under(
        ...['agent/sim', 'agent/contract.ts', 'agent/core/command.ts', 'agent/refusal.ts'],
        'agent/web/client',
      ),
    },
  ],
] satisfies [string, Place][]);

describe('what depends on what', () => {
  it.each(Object.entries(places))('%s', (_, place) => {
    const wrong = sources.filter(place.files).flatMap((file) =>
      importsOf(file)
        .filter((to) => to.startsWith('agent/') && !place.may(to))
        .map((to) => `${file} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  it('nothing imports main, and nothing that ships imports the rehearsal room', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter(
          (to) => to === 'agent/main.ts' || (under('agent/sim')(to) && !under('agent/sim')(file)),
        )
        .map((to) => `${file} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the core is pure', () => {
  const banned =
    /\b(async|await|Date|Math\.random|setTimeout|setInterval|setImmediate|process|require)\b|node:/;
  it.each(files('agent/core/*.ts'))('%s', (file) => {
    const uses = codeOf(file).match(banned);
    expect(uses?.[0]).toBeUndefined();
    const packages = importsOf(file).filter((what) => !what.startsWith('agent/'));
    expect(packages).toEqual([]);
  });
});

describe('time comes through the door', () => {
  const doors = under('agent/sim', 'agent/system/clock.ts', 'agent/web/client/clock.ts');
  const shipped = sources.filter((file) => !doors(file));
  it.each(shipped)('%s starts no timer and reads no clock', (file) => {
    const uses = codeOf(file).match(
      /(?<!client\.)\b(setTimeout|setInterval|Date\.now|new Date\(\)|Math\.random|AbortSignal\.timeout)\b/,
    );
    expect(uses?.[0]).toBeUndefined();
  });
});

describe('the top level', () => {
  it('has what belongs there, and nothing else', () => {
    const ours = [
      ...['agent', 'config', 'scripts', 'systemd', 'test', 'package.json', 'tsconfig.json'],
      ...['README.md', 'LICENSE', 'package-lock.json', 'node_modules'],
    ];
    const others = readdirSync(root).filter((name) => !name.startsWith('.'));
    expect(others.filter((name) => !ours.includes(name))).toEqual([]);
  });
});

describe('size', () => {
  it.each([...allCode, ...files('agent/**/*.css')])('%s fits in the head', (file) => {
    expect(textOf(file).split('\n').length).toBeLessThanOrEqual(301);
    const wide = textOf(file)
      .split('\n')
      .filter((line) => line.length > 110);
    expect(wide).toEqual([]);
  });
});

describe('nothing is waved through', () => {
  it.each(others)('%s', (file) => {
    const code = codeOf(file);
    expect(code.match(/catch\s*(\([^)]*\))?\s*\{\s*\}/)?.[0]).toBeUndefined();
    expect(code.match(/\.catch\(\(\)\s*=>\s*(\{\s*\}|undefined|null)\)/)?.[0]).toBeUndefined();
    expect(code.match(/\bas any\b|:\s*any\b|<any>/)?.[0]).toBeUndefined();
    expect(
      textOf(file).match(/@ts-(ignore|nocheck|expect-error)|biome-ignore/)?.[0],
    ).toBeUndefined();
    expect(code.match(/\b(it|test|describe)\.(only|todo|fails)\b|vi\.mock/)?.[0]).toBeUndefined();
  });

  it('the head of each source says what it owns', () => {
    const headless = sources.filter((file) => !textOf(file).startsWith('//'));
    expect(headless).toEqual([]);
  });
});
