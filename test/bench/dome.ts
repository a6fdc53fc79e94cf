// The dome of the benchmark, a process of its own: a bare HTTP server that says when a request to
// light the strobe has been read completely. What it answers comes from the rehearsal room's dome,
// afterwards. Wants a WS-UsernameToken or a digest, so that the agent pays for making one, and does
// not check it. Misbehaves on order. `streams`: has pictures, too.

import { createServer, type Socket } from 'node:net';
import { monotonicMs } from '#agent/sim/dome/actuators.ts';
import { SimDome } from '#agent/sim/dome/dome.ts';
import { envelope, parseRequest, SimFault } from '#agent/sim/dome/envelope.ts';
import { type Inside, paths, type ServiceName, serve } from '#agent/sim/dome/services.ts';

/** From the parent. `hang`: what is asked from now on is never answered; `stream`: with 10 MB;
 * `digest`: who comes without credentials is asked for a digest, and not for a token. */
export interface DomeOrder {
  readonly mode: 'well' | 'digest' | 'hang' | 'stream';
}

/** To the parent: where it listens, an answer that it does not give or that does not end, one
 * switching of the strobe, a velocity that is not zero. */
export type DomeSays =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'misbehaved' }
  | {
      readonly kind: 'move';
      readonly atMs: number;
      /** As the request has it. */
      readonly pan: string;
      readonly bytes: string;
    }
  | {
      readonly kind: 'strobe';
      readonly on: boolean;
      readonly atMs: number;
      /** Of the client's end: tells the agent from the floor. */
      readonly port: number;
      /** The whole request. */
      readonly bytes: string;
    };

const tell = (message: DomeSays): void => {
  process.send?.(message);
};

let port = 0;
const small = { width: 320, height: 180, kbps: 300 };
const sim = new SimDome({ password: 'bench', video: { main: small, sub: small } });
if (process.argv[2] === 'streams') await sim.rtsp.up();
const inside: Inside = {
  ...sim.inside,
  origin: () => `http://127.0.0.1:${port}`,
};

const challenge =
  'WWW-Authenticate: Digest realm="bench", qop="auth", nonce="0123456789abcdef", algorithm=SHA-256\r\n';

function answerOf(path: string, head: string, body: string): { status: string; xml: string } {
  const service = (Object.keys(paths) as ServiceName[]).find((name) => paths[name] === path);
  const soap = parseRequest(body);
  const isOpen = soap?.operation.name === 'GetSystemDateAndTime';
  try {
    if (!service || !soap) throw new SimFault(400, 'Sender', ['WellFormed'], 'no SOAP request');
    const isKnown = body.includes('UsernameToken') || /^authorization: digest /im.test(head);
    if (!isOpen && !isKnown)
      throw new SimFault(
        mode === 'digest' ? 401 : 400,
        'Sender',
        ['NotAuthorized'],
        'Sender not authorized',
      );
    const inner = serve({ service, path, request: soap.operation, header: soap.header }, inside);
    if (typeof inner !== 'string') throw new Error(`${soap.operation.name} takes its time`);
    return { status: '200 OK', xml: envelope(inner) };
  } catch (error) {
    if (!(error instanceof SimFault)) throw error;
    return { status: `${error.status} Fault`, xml: error.xml };
  }
}

const streamed = Buffer.alloc(10 * 2 ** 20, `<tt:Name>${'x'.repeat(1000)}</tt:Name>`);
let mode: DomeOrder['mode'] = 'well';

function misbehave(socket: Socket): void {
  tell({ kind: 'misbehaved' });
  if (mode === 'hang') return;
  socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml; charset=utf-8\r\n');
  // As long as the connection lasts: no length that could be judged at once.
  socket.write('Connection: close\r\n\r\n');
  socket.end(streamed);
}

function request(socket: Socket, bytes: string, headEnd: number): void {
  const atMs = monotonicMs();
  if (mode === 'hang' || mode === 'stream') return misbehave(socket);
  const body = bytes.slice(headEnd);
  const [, path = ''] = bytes.split(' ', 2);
  const { status, xml } = answerOf(path, bytes.slice(0, headEnd), body);
  const asks = status.startsWith('401') ? challenge : '';
  const head = `HTTP/1.1 ${status}\r\n${asks}Content-Type: application/soap+xml; charset=utf-8\r\n`;
  socket.write(`${head}Content-Length: ${Buffer.byteLength(xml)}\r\n\r\n${xml}`);
  const [, pan] = /:ContinuousMove .*PanTilt x="([^"]+)"/s.exec(body) ?? [];
  if (pan && pan !== '0') tell({ kind: 'move', atMs, pan, bytes });
  const [, state] = /Relay_1<\/.*LogicalState>(active|inactive)</s.exec(body) ?? [];
  if (state)
    tell({ kind: 'strobe', on: state === 'active', atMs, port: socket.remotePort ?? 0, bytes });
}

const server = createServer((socket) => {
  let waiting = '';
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    // Bytes, one a character.
    waiting += chunk.toString('latin1');
    for (;;) {
      const headEnd = waiting.indexOf('\r\n\r\n') + 4;
      if (headEnd < 4) return;
      const [, length = '0'] = /content-length: *(\d+)/i.exec(waiting.slice(0, headEnd)) ?? [];
      const end = headEnd + Number(length);
      if (waiting.length < end) return;
      request(socket, waiting.slice(0, end), headEnd);
      waiting = waiting.slice(end);
    }
  });
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  port = address.port;
  tell({ kind: 'listening', port });
});
process.on('message', (order: DomeOrder) => {
  mode = order.mode;
});
process.on('disconnect', () => process.exit(0));
