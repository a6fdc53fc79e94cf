// The page's own files, read once at the start and served from memory: no path that a browser sends ever
// reaches the disk.

import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

const types: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.mp3': 'audio/mpeg',
  '.wav': 'audio/wav',
};

const filesMax = 200;
const bytesMax = 8 * 1024 * 1024;

export interface PageFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly tag: string;
  /** Its name changes with its bytes. */
  readonly isForever: boolean;
}

/** By path; `/` is the page itself. Throws where they are absurdly many or large. */
export function pageFiles(dir: string): ReadonlyMap<string, PageFile> {
  const found = new Map<string, PageFile>();
  let total = 0;
  for (const name of globSync('**', { cwd: dir }).sort()) {
    const file = join(dir, name);
    const type = types[extname(name)];
    if (type === undefined || !statSync(file).isFile()) continue;
    const bytes = readFileSync(file);
    total += bytes.length;
    if (found.size >= filesMax || total > bytesMax) throw new Error(`${dir}: too much for a page`);
    const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    const isForever = /^assets\/.*-[\w-]{8,}\.\w+$/.test(name);
    found.set(name === 'index.html' ? '/' : `/${name}`, { bytes, type, tag, isForever });
  }
  return found;
}
