// The ways in which a dome misbehaves towards its client, switched on by `SimDome.turn`. What is said in
// the wrong way is written here, straight onto the socket; what is done wrongly (a lie, a nonce, a clock,
// a reboot) is a word to the part that does it.

import type { Socket } from 'node:net';
import { envelope } from './envelope.ts';

/** Every hostility, and what a person sees of it. */
export const hostilities = {
  'hang-accept': 'takes connections and reads nothing',
  'hang-request': 'reads requests and does not answer',
  drip: 'answers a byte a second',
  'ten-megabytes': 'answers 10 MB',
  endless: 'answers for ever',
  dense: 'answers 500 kB of nothing but tags',
  garbage: 'answers 200 and noise',
  'no-http': 'answers noise that is not HTTP',
  'other-answer': 'answers as to another operation',
  lies: 'says yes and does nothing',
  'cut-answer': 'ends the connection in the middle of the answer',
  'nonce-once': 'takes each digest nonce for one request',
  'nonce-stale': 'calls each digest nonce stale',
  realm: 'changes the realm of its digest with each request',
  algorithm: 'changes the algorithm of its digest with each request',
  clock: 'has lost its clock',
  reboots: 'reboots again and again',
  password: 'has another password',
} as const;
export type Hostility = keyof typeof hostilities;
export const allHostilities = Object.keys(hostilities) as Hostility[];

/** While it is so it carries commands out all the same; with the others it does nothing. */
const obeying: readonly (Hostility | null)[] = [
  null,
  ...(['nonce-once', 'nonce-stale', 'realm', 'algorithm', 'clock', 'reboots', 'password'] as const),
];
export const obeys = (how: Hostility | null): boolean => obeying.includes(how);

export interface HostileTimes {
  /** Between two bytes of a drip. */
  readonly dripMs: number;
  readonly rebootEveryMs: number;
  readonly rebootDownMs: number;
}
export const hostileTimes: HostileTimes = {
  dripMs: 1000,
  rebootEveryMs: 20_000,
  rebootDownMs: 3000,
};

const head = (length: string): string =>
  'HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml; charset=utf-8\r\nConnection: close\r\n' +
  `${length}\r\n`;
const lengthOf = (bytes: number): string => `Content-Length: ${bytes}\r\n`;
const chunkBytes = 64 * 1024;
const chunk = Buffer.alloc(chunkBytes, 0x20);
const tenMegabytes = 10 * 1024 * 1024;
const denseBytes = 500_000;

/** Noise, the same each time: every byte value, none of it XML. */
const noise = Buffer.from(Array.from({ length: 2048 }, (_, n) => (n * 167 + 13) % 256));

/** As much as the client takes, `bytes` at most. */
function pour(socket: Socket, bytes: number): void {
  let left = bytes;
  const more = (): void => {
    while (left > 0 && socket.writable) {
      left -= chunkBytes;
      if (!socket.write(chunk)) return;
    }
  };
  socket.on('drain', more);
  more();
}

function drip(socket: Socket, answer: string, everyMs: number): void {
  let at = 0;
  const timer = setInterval(() => socket.write(answer.charAt(at++)), everyMs);
  socket.on('close', () => clearInterval(timer));
}

/** Writes the answer in the hostile way, `right` being the honest body; false: answer as usual. */
export function misanswer(
  how: Hostility | null,
  socket: Socket,
  right: string,
  { dripMs }: HostileTimes,
): boolean {
  const whole = (body: string | Buffer) => {
    socket.write(head(lengthOf(Buffer.byteLength(body))));
    socket.end(body);
  };
  switch (how) {
    case 'hang-accept':
    case 'hang-request':
      return true;
    case 'drip':
      drip(socket, head(lengthOf(right.length)) + right, dripMs);
      return true;
    case 'ten-megabytes':
      socket.write(head(lengthOf(tenMegabytes)));
      pour(socket, tenMegabytes);
      return true;
    case 'endless':
      socket.write(head(''));
      pour(socket, Number.POSITIVE_INFINITY);
      return true;
    case 'dense':
      whole(envelope('<a/>'.repeat(denseBytes / 4)));
      return true;
    case 'garbage':
      whole(noise);
      return true;
    case 'no-http':
      socket.end(noise);
      return true;
    case 'other-answer':
      whole(envelope('<tds:GetHostnameResponse/>'));
      return true;
    case 'cut-answer':
      socket.write(head(lengthOf(right.length + 100)));
      socket.end(right.slice(0, right.length / 2));
      return true;
    default:
      return false;
  }
}
