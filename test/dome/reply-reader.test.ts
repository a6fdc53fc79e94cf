// HTTP as domes speak it, well and badly, whole and in single bytes.

import { describe, expect, test } from 'vitest';
import { DomeError } from '#agent/dome/error.ts';
import { type RawReply, ReplyReader, replyBytesMax } from '#agent/dome/reply-reader.ts';

const ok = 'HTTP/1.1 200 OK\r\n';
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

/** What is read of `bytes`, given in pieces, and whether the connection had to end for it. */
function read(bytes: string, pieceBytes: number): { reply: RawReply; atEnd: boolean } {
  const reader = new ReplyReader();
  const all = Buffer.from(bytes, 'latin1');
  for (let at = 0; at < all.length; at += pieceBytes) {
    const reply = reader.take(all.subarray(at, at + pieceBytes));
    if (reply) return { reply, atEnd: false };
  }
  return { reply: reader.end(), atEnd: true };
}

function failureOf(bytes: string, pieceBytes: number): string {
  try {
    read(bytes, pieceBytes);
  } catch (error) {
    if (error instanceof DomeError) return error.kind;
    throw error;
  }
  return 'none';
}

describe.each([1, 3, 1 << 20])('in pieces of %d bytes', (pieceBytes) => {
  test.each([
    ['a length', `${ok}Content-Length: 5\r\n\r\nhello`, true],
    ['the same length twice', `${ok}Content-Length: 5\r\ncontent-length:5\r\n\r\nhello`, true],
    ['chunks', `${chunked}2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n`, true],
    ['chunks and trailers', `${chunked}5\r\nhello\r\n00\r\nDate: x\r\nA: b\r\n\r\n`, true],
    ['bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello', true],
    [
      'an interim answer first',
      `HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length:5\r\n\r\nhello`,
      true,
    ],
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello', true],
    ['the end of the connection', `${ok}A: b\r\n\r\nhello`, false],
    ['close', `${ok}Connection: close\r\nContent-Length: 5\r\n\r\nhello`, false],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello', false],
  ])('a body by %s', (_, bytes, reusable) => {
    const { reply, atEnd } = read(bytes, pieceBytes);
    expect(reply).toMatchObject({ status: 200, body: 'hello', reusable });
    expect(atEnd).toBe(bytes.includes('A: b\r\n\r\nhello'));
  });

  test('nothing at all, and several headers of one name', () => {
    const challenge = 'WWW-Authenticate: Digest a="b"\r\nwww-authenticate:  Basic \r\n';
    const bytes = `HTTP/1.1 401 No\r\n${challenge}Content-Length: 0\r\n\r\n`;
    const { reply } = read(bytes, pieceBytes);
    expect(reply).toMatchObject({ status: 401, body: '', reusable: true });
    expect(reply.headers.get('www-authenticate')).toEqual(['Digest a="b"', 'Basic']);
    expect(read('HTTP/1.1 204 Nothing\r\n\r\n', pieceBytes).reply.body).toBe('');
  });

  test.each([
    ['noise', '\x16\x03\x01\x02\r\n\r\n', 'malformed'],
    ['another protocol', 'RTSP/1.0 200 OK\r\n\r\n', 'malformed'],
    ['no number', 'HTTP/1.1 OK\r\n\r\n', 'malformed'],
    ['a folded header', `${ok}A: b\r\n c\r\n\r\n`, 'malformed'],
    ['a control character', `${ok}A: b\x07\r\n\r\n`, 'malformed'],
    ['two lengths', `${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`, 'malformed'],
    ['two lengths in one', `${ok}Content-Length: 5, 6\r\n\r\n`, 'malformed'],
    [
      'length and chunks',
      `${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
      'malformed',
    ],
    ['no length', `${ok}Content-Length: -5\r\n\r\n`, 'malformed'],
    ['gzip', `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n`, 'malformed'],
    ['a chunk of no length', `${chunked}x\r\n`, 'malformed'],
    ['a chunk longer than it said', `${chunked}2\r\nhello\r\n`, 'malformed'],
    ['a chunk of petabytes', `${chunked}fffffffff\r\n`, 'malformed'],
    ['a chunk line without end', `${chunked}1;${'x'.repeat(400)}`, 'malformed'],
    ['a head without end', `${ok}A: ${'b'.repeat(20_000)}`, 'malformed'],
    ['interim answers without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(2000), 'malformed'],
    ['a length above the cap', `${ok}Content-Length: ${replyBytesMax + 1}\r\n\r\n`, 'too-large'],
    ['the end in the head', ok, 'broken'],
    ['the end in the body', `${ok}Content-Length: 5\r\n\r\nhell`, 'broken'],
    ['the end between chunks', `${chunked}5\r\nhello\r\n`, 'broken'],
    ['the end in the trailers', `${chunked}0\r\nA: b\r\n`, 'broken'],
    ['nothing', '', 'broken'],
  ])('%s is none', (_, bytes, kind) => {
    expect(failureOf(bytes, pieceBytes)).toBe(kind);
  });
});

test('a body is cut off at its cap, however it is sent', () => {
  const kB = 'x'.repeat(1024);
  const many = replyBytesMax / 1024;
  expect(failureOf(`${chunked}${`400\r\n${kB}\r\n`.repeat(many + 1)}`, 4096)).toBe('too-large');
  expect(failureOf(`${ok}\r\n${kB.repeat(many)}`, 4096)).toBe('none');
  expect(failureOf(`${ok}\r\n${kB.repeat(many)}x`, 4096)).toBe('too-large');
  // A hundred thousand chunks of a byte are six times their body.
  expect(failureOf(`${chunked}${'1\r\nx\r\n'.repeat(100_000)}`, 4096)).toBe('too-large');
});

test('what follows a reply unasked spoils its connection', () => {
  const { reply } = read(`${ok}Content-Length: 5\r\n\r\nhello${ok}`, 1 << 20);
  expect(reply).toMatchObject({ body: 'hello', reusable: false });
});
