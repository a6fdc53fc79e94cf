// What a request has to be before anything looks into it: at one of our names, with the method of its route,
// from our own page, of the right type, and small. Says what is wrong with it, and nothing more.

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type * as z from 'zod';
import { type Problem, panelLimits, routes } from './api.ts';

/** A request that is not obeyed. */
export class Turned extends Error {
  readonly problem: Problem;
  readonly retryAfterMs: number | undefined;
  constructor(problem: Problem, retryAfterMs?: number) {
    super(problem);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

export type Route = (typeof routes)[keyof typeof routes];
const byPath = new Map<string, Route>(Object.values(routes).map((route) => [route.path, route]));

export const isApi = (path: string): boolean => path === '/api' || path.startsWith('/api/');

/** Throws `Turned`. */
export function routeOf(path: string, method: string | undefined): Route {
  const route = byPath.get(path);
  if (!route) throw new Turned('not-found');
  if (route.method !== method) throw new Turned('wrong-method');
  return route;
}

/** A name that somebody else has pointed at us is none of ours: his page would be of our origin. */
export function checkHost({ headers }: IncomingMessage, names: ReadonlySet<string>): string {
  const host = headers.host ?? '';
  const [, name = ''] = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/.exec(host) ?? [];
  const bare = name.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === '' || (isIP(bare) === 0 && !names.has(bare))) throw new Turned('wrong-host');
  return host;
}

/** Only our own page may ask, and a person who types the address may look. */
export function checkOrigin({ headers, method }: IncomingMessage, host: string): void {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new Turned('wrong-origin');
  const { origin } = headers;
  if (origin === undefined ? method === 'POST' : origin !== `https://${host}`)
    throw new Turned('wrong-origin');
}

/** The body of a POST. Throws `Turned`. */
export async function bodyOf<T>(request: IncomingMessage, shape: z.ZodType<T>): Promise<T> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new Turned('wrong-type');
  if (Number(request.headers['content-length'] ?? 0) > panelLimits.bodyBytesMax)
    throw new Turned('too-large');
  const chunks: Buffer[] = [];
  let bytes = 0;
  const read: AsyncIterable<Buffer> = request;
  for await (const chunk of read) {
    bytes += chunk.length;
    if (bytes > panelLimits.bodyBytesMax) throw new Turned('too-large');
    chunks.push(chunk);
  }
  const parsed = shape.safeParse(jsonOf(Buffer.concat(chunks)));
  if (!parsed.success) throw new Turned('malformed');
  return parsed.data;
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
