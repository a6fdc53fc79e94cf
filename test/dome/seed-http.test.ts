// The makers' own HTTP of simulated domes, asked by a client that is not ours (curl, with digest): requests
// and answers as the makers' public documents have them. Hikvision: ISAPI; Dahua: HTTP API, coaxialControlIO.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import type { SimDome } from '#agent/sim/dome/dome.ts';
import { seeded, startSeeded } from '#agent/sim/dome/seed.ts';

const run = promisify(execFile);
const slow = { timeout: 60_000 };
let sim: SimDome | null = null;
afterEach(async () => {
  await sim?.close();
  sim = null;
});

async function dome(seed: number): Promise<SimDome> {
  sim = await startSeeded(seeded(seed));
  return sim;
}

/** Status and body. `-g`: Dahua's brackets mean themselves. */
async function curl(to: SimDome, method: string, path: string, ...more: string[]) {
  const login = ['--digest', '-u', 'admin:secret'];
  const args = ['-sS', '-g', '--max-time', '20', ...login, '-X', method, ...more];
  const told = ['-w', '\n%{http_code}', `http://127.0.0.1:${to.port}${path}`];
  const { stdout } = await run('curl', [...args, ...told]);
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
}

const put = (to: SimDome, path: string, body: string) =>
  curl(to, 'PUT', path, '-H', 'Content-Type: application/xml', '--data', body);

test('Dahua: light and siren are switched, and told', slow, async () => {
  const it = await dome(29);
  const cgi = '/cgi-bin/coaxialControlIO.cgi?';
  const control = (type: number, io: number) =>
    curl(it, 'GET', `${cgi}action=control&channel=1&info[0].Type=${type}&info[0].IO=${io}`);
  const status = () => curl(it, 'GET', `${cgi}action=getStatus&channel=1`);
  expect(await control(1, 1)).toEqual({ status: 200, body: 'OK\r\n' });
  expect(it.actuators).toMatchObject({ strobe: true, siren: false });
  expect((await status()).body.split('\r\n').sort()).toEqual([
    ...['', 'status.status.Speaker=Off', 'status.status.WhiteLight=On'],
  ]);
  await control(2, 1);
  await control(1, 2);
  expect(it.actuators).toMatchObject({ strobe: false, siren: true });
  expect((await control(7, 1)).status).toBe(400);
});

test('Hikvision: auxiliary, audio alarm, relay, filter', slow, async () => {
  const it = await dome(11);
  const information = await curl(it, 'GET', '/ISAPI/System/deviceInfo');
  expect(information.body).toContain('<model>DS-2SE7C432MW-AEB</model>');
  const aux = (type: string, status: string) =>
    put(
      it,
      '/ISAPI/PTZCtrl/channels/1/auxcontrols/1',
      `<PTZAux><id>1</id><type>${type}</type><status>${status}</status></PTZAux>`,
    );
  expect((await aux('LIGHT', 'on')).body).toContain('<statusString>OK</statusString>');
  expect(it.actuators.light).toBe(true);
  expect((await aux('WIPER', 'maybe')).status).toBe(400);
  const test = '/ISAPI/Event/triggers/notifications/AudioAlarm/1/test?format=json';
  expect(JSON.parse((await put(it, test, '')).body)).toMatchObject({ statusString: 'OK' });
  expect(it.actuators.siren).toBe(true);
  const outputs = '/ISAPI/System/IO/outputs/1';
  await put(it, `${outputs}/trigger`, '<IOPortData><outputState>high</outputState></IOPortData>');
  expect((await curl(it, 'GET', `${outputs}/status`)).body).toContain('<ioState>active</ioState>');
  expect([...it.actuators.relays.values()]).toEqual([true]);
  // This one has no filter to tell, and no such output.
  const filter = await curl(it, 'GET', '/ISAPI/Image/channels/1/ircutFilter');
  expect(filter).toMatchObject({ status: 403, body: expect.stringContaining('notSupport') });
  expect((await curl(it, 'GET', '/ISAPI/System/IO/outputs/9/status')).status).toBe(404);
});

test('Hikvision: a software alarm input sets off what is linked to it', slow, async () => {
  const it = await dome(8);
  const trigger = (level: string) =>
    put(
      it,
      '/ISAPI/System/IO/inputs/1',
      `<IOInputPort><id>1</id><enabled>true</enabled><triggering>${level}</triggering></IOInputPort>`,
    );
  await trigger('low');
  expect(it.actuators.strobe).toBe(true);
  await trigger('high');
  expect(it.actuators.strobe).toBe(false);
  const day = '<IrcutFilter><IrcutFilterType>day</IrcutFilterType></IrcutFilter>';
  expect((await put(it, '/ISAPI/Image/channels/1/ircutFilter', day)).status).toBe(200);
  expect(it.imaging.irCutFilter).toBe('ON');
});

test('a wrong password is refused', slow, async () => {
  const it = await dome(29);
  const url = `http://127.0.0.1:${it.port}/cgi-bin/coaxialControlIO.cgi?action=getStatus`;
  const told = ['-sS', '--digest', '-u', 'admin:wrong', '-w', '%{http_code}', '-o', '/dev/null'];
  expect((await run('curl', [...told, url])).stdout).toBe('401');
});
