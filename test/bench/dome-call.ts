// From the call that lights the strobe to its SOAP request, read whole by the dome: with a token, with a
// digest, and the digest's own bytes written bare on an open socket, by turns. Each comes after a pause,
// as an alarm does; hot loops are some four times as fast and mean nothing here.

import { once } from 'node:events';
import { connect } from 'node:net';
import { Line } from '#agent/dome/line.ts';
import { setRelayOutputState } from '#agent/dome/operations.ts';
import { SoapClient } from '#agent/dome/soap.ts';
import { monotonicMs } from '#agent/sim/dome/actuators.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';
import { endChild } from './floor-child.ts';
import { inTurns } from './presser.ts';
import { type Strobe, startDome } from './rig.ts';
import { compared, type Figures } from './stats.ts';

const clock = systemClock();
const withinMs = 10_000;
const strobeOn = { token: 'Relay_1', state: 'active' } as const;

export async function measureDomeCall(calls: number): Promise<Figures> {
  let heard: Strobe | null = null;
  const dome = await startDome({
    strobe: (request) => {
      heard = request;
    },
  });
  const lines: Line[] = [];
  /** Milliseconds from the call to the dome. */
  const timed = async (call: () => unknown): Promise<number> => {
    heard = null;
    const beganMs = monotonicMs();
    const answer = call();
    const request = await until(() => heard, { withinMs, what: 'the request' });
    await answer;
    return request.atMs - beganMs;
  };
  const client = async (login: 'UsernameToken' | 'Authorization: Digest') => {
    const line = new Line(clock, false);
    lines.push(line);
    const to = { host: '127.0.0.1', port: dome.port, path: '/onvif/device_service' };
    const soap = new SoapClient(line, clock, { username: 'admin', password: 'bench' }, to);
    await soap.open();
    const light = () => soap.call(setRelayOutputState, strobeOn, { deadlineMs: withinMs });
    await until(
      async () => {
        soap.restart();
        await timed(light);
        return heard?.bytes.includes(login);
      },
      { withinMs, what: `a request with ${login}` },
    );
    return light;
  };
  try {
    const token = await client('UsernameToken');
    dome.child.send({ mode: 'digest' });
    const digest = await client('Authorization: Digest');
    await timed(digest);
    const bytes = Buffer.from((heard as Strobe | null)?.bytes ?? '', 'latin1');
    const socket = connect({ port: dome.port, host: '127.0.0.1', noDelay: true }).resume();
    await once(socket, 'connect');
    const seen = await inTurns(
      {
        token: () => timed(token),
        digest: () => timed(digest),
        bare: () => timed(() => socket.write(bytes)),
      },
      calls,
    );
    socket.destroy();
    return {
      ...compared('dome_call_digest', 'dome_call', seen.digest, seen.bare),
      ...compared('dome_call_token', 'dome_call', seen.token, seen.bare),
    };
  } finally {
    for (const line of lines) line.close();
    await endChild(dome.child);
  }
}
