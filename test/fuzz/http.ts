// What a dome answers as bytes: it is read or refused, and the same however it is cut into pieces.

import fc from 'fast-check';
import { expect } from 'vitest';
import { DomeError } from '#agent/dome/error.ts';
import { ReplyReader } from '#agent/dome/reply-reader.ts';
import { fuzz } from './harness.ts';
import { nearlyRight } from './mutations.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Type: a\r\n';
const replies = nearlyRight(
  [
    `${ok}Content-Length: 5\r\n\r\nhello`,
    `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nA: b\r\n\r\n`,
    `HTTP/1.1 100 Continue\r\n\r\n${ok}Connection: close\r\n\r\nhello`,
    'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="r", nonce="n"\r\nContent-Length: 0\r\n\r\n',
  ],
  fc.constantFrom('\r\n', '\n', '\r', ':', ' ', '0', 'fffffff', '\0', 'HTTP/1.0 ', 'chunked', ';'),
);

function outcome(pieces: readonly Buffer[]): unknown {
  const reader = new ReplyReader();
  try {
    for (const piece of pieces) {
      const reply = reader.take(piece);
      if (reply) return { status: reply.status, body: reply.body, headers: reply.headers };
    }
    return reader.end().body;
  } catch (error) {
    if (!(error instanceof DomeError)) throw error;
    return error.kind;
  }
}

export const httpReplies = fuzz<[string, number]>(
  'HTTP of the dome',
  fc.tuple(replies, fc.integer({ min: 1, max: 40 })),
  ([text, pieceBytes]) => {
    const bytes = Buffer.from(text, 'latin1');
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += pieceBytes)
      pieces.push(bytes.subarray(at, at + pieceBytes));
    expect(outcome(pieces)).toEqual(outcome([bytes]));
  },
  [[`${ok}Content-Length: 5\r\n\r\nhello`, 1]],
);
