// The dispatcher's console as the rehearsal room serves it: the static files as they were built, and the
// room's own console.json in place of a city's.

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

export interface File {
  readonly type: string;
  readonly body: string | Buffer;
}

const built = join(import.meta.dirname, '../../../.build/console');
const types: { readonly [end: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

const configuration = {
  broker: '../mqtt',
  login: { how: 'password', role: '110-city' },
  ice: '../ice',
  language: 'zh',
  map: { sketch: 'sketch.json', tiles: null },
  silence: { noticeAfterS: 5, alarmAfterS: 30 },
};

/** By path; none where it has not been built. `also`: other fields of console.json. */
export async function consoleFiles(base: string, also: object = {}): Promise<Map<string, File>> {
  const files = new Map<string, File>();
  if (!existsSync(join(built, 'index.html'))) return files;
  for (const entry of await readdir(built, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const type = types[extname(path)] ?? 'application/octet-stream';
    files.set(base + path.slice(built.length + 1), { type, body: await readFile(path) });
  }
  const json = (body: string | Buffer): File => ({ type: 'application/json', body });
  const sketch = await readFile(join(import.meta.dirname, 'sketch.json'));
  files.set(`${base}console.json`, json(JSON.stringify({ ...configuration, ...also })));
  files.set(`${base}sketch.json`, json(sketch));
  const index = files.get(`${base}index.html`);
  if (index) files.set(base, index);
  return files;
}
