// How the panel answers: the headers that every answer has, JSON, and problems in both languages.

import type { ServerResponse } from 'node:http';
import { type Problem, type ProblemBody, problems } from './api.ts';
import { problemTexts } from './words.ts';

const policy = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "connect-src 'self'"],
  ...["font-src 'self'", "media-src 'self'", "manifest-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ');

const always = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'Cache-Control': 'no-store',
} as const;

/** A browser that was told so once takes no other certificate: only where somebody vouches for ours. */
const strict = { 'Strict-Transport-Security': 'max-age=31536000' } as const;

export function setHeaders(response: ServerResponse, isVouchedFor: boolean): void {
  for (const [name, value] of Object.entries({ ...always, ...(isVouchedFor ? strict : {}) }))
    response.setHeader(name, value);
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': bytes.length,
  });
  response.end(bytes);
}

export function sendProblem(
  response: ServerResponse,
  reason: Problem,
  retryAfterMs?: number,
): void {
  const body: ProblemBody = {
    ...{ reason, text: problemTexts[reason] },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  if (retryAfterMs !== undefined)
    response.setHeader('Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  // What is left of a request that was turned away is not read.
  response.setHeader('Connection', 'close');
  sendJson(response, body, problems[reason]);
}
