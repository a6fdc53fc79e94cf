// The simulated dome, driven by a client that is not ours: npm onvif. What it cannot do rightly (relays,
// the device's auxiliary command, see field notes) is done by hand.

import { Cam } from 'onvif';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { within } from '#test/support/wait.ts';

let sim: SimDome;
afterEach(() => sim.close());

type Done<T> = (error: Error | null, value: T) => void;
const call = <T>(start: (done: Done<T>) => void): Promise<T> =>
  within(
    new Promise<T>((resolve, reject) => {
      start((error, value) => (error ? reject(error) : resolve(value)));
    }),
    { withinMs: 5000, what: 'npm onvif' },
  );

const camera = async (password = 'secret', useWSSecurity = true): Promise<Cam> => {
  const cam = new Cam({
    hostname: '127.0.0.1',
    port: sim.port,
    username: 'admin',
    password,
    useWSSecurity,
    autoconnect: false,
    timeout: 3000,
  });
  await call<unknown>((done) => cam.connect((error) => done(error || null, null)));
  return cam;
};

describe.each([
  ['UsernameToken', { auth: 'token' }, true],
  ['digest, SHA-256 and MD5', { auth: 'digest' }, false],
  ['digest, MD5', { auth: 'digest', algorithms: ['MD5'] }, false],
  ['a clock two hours off', { auth: 'token', clockOffsetMs: 7_200_000 }, true],
] as const)('%s', (_, options, useWSSecurity) => {
  beforeEach(async () => {
    sim = await startDome(options);
  });

  test('npm onvif connects, lists presets, turns and switches', async () => {
    const cam = await camera('secret', useWSSecurity);
    const presets = await call<object>((done) => cam.getPresets({}, done));
    expect(presets).toMatchObject({ guard: { $: { token: 1 } }, alarm: { $: { token: 2 } } });
    await call((done) => cam.gotoPreset({ preset: '2' }, done));
    expect(sim.actuators.preset).toBe('2');
    await call((done) => cam.ptzSendAuxiliaryCommand({ data: 'AUX1on' }, done));
    expect(sim.actuators.strobe).toBe(true);
    await call((done) => cam.ptzSendAuxiliaryCommand({ data: 'AUX1off' }, done));
    await call((done) => cam.ptzSendAuxiliaryCommand({ data: 'tt:Wiper|On' }, done));
    expect(sim.actuators.history.map(({ what, on }) => `${what} ${on}`)).toEqual([
      'preset 2',
      'strobe true',
      'strobe false',
      'wiper true',
    ]);
  });

  test('a wrong password moves nothing', async () => {
    const cam = camera('wrong', useWSSecurity);
    await expect(
      cam.then((one) =>
        call((done) => one.gotoPreset({ preset: '2', profileToken: 'Profile_1' }, done)),
      ),
    ).rejects.toBeInstanceOf(Error);
    expect(sim.actuators.history).toEqual([]);
  });
});

describe('by hand', () => {
  const post = async (path: string, namespace: string, operation: string, inner: string) => {
    const body =
      '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>' +
      `<${operation} xmlns="${namespace}">${inner}</${operation}></s:Body></s:Envelope>`;
    const reply = await fetch(`http://127.0.0.1:${sim.port}${path}`, { method: 'POST', body });
    return `${reply.status} ${await reply.text()}`;
  };
  const device = 'http://www.onvif.org/ver10/device/wsdl';
  const relay = (token: string, state: string) =>
    post(
      '/onvif/device_service',
      device,
      'SetRelayOutputState',
      `<RelayOutputToken>${token}</RelayOutputToken><LogicalState>${state}</LogicalState>`,
    );
  beforeEach(async () => {
    sim = await startDome({ auth: 'none' });
  });

  test('a relay switches what is wired to it; names count to the letter', async () => {
    expect(await relay('Relay_1', 'active')).toMatch(/^200 .*SetRelayOutputStateResponse/s);
    expect(sim.actuators).toMatchObject({ strobe: true });
    expect(await relay('relay_1', 'inactive')).toMatch(/^400 .*RelayToken/s);
    expect(sim.actuators.strobe).toBe(true);
    const aux = (name: string, namespace = '') =>
      post(
        '/onvif/device_service',
        device,
        'SendAuxiliaryCommand',
        `<AuxiliaryCommand${namespace}>${name}</AuxiliaryCommand>`,
      );
    expect(await aux('tt:strobe|Off')).toMatch(/^400/);
    // What npm onvif sends.
    expect(await aux('tt:Strobe|Off', ' xmlns="http://www.onvif.org/ver10/schema"')).toMatch(
      /^400/,
    );
    expect(sim.actuators.strobe).toBe(true);
    expect(await aux('tt:Strobe|Off')).toMatch(/^200/);
    expect(sim.actuators.strobe).toBe(false);
  });

  test('an unknown operation is refused, or answered 200 where the dome is of that kind', async () => {
    const ask = () => post('/onvif/device_service', device, 'SetNTP', '');
    expect(await ask()).toMatch(/^500 .*ActionNotSupported/s);
    sim.quirks.unknownAnswers200 = true;
    expect(await ask()).toMatch(/^200/);
  });

  test('a reboot forgets light and relays, on the same port', async () => {
    await relay('Relay_1', 'active');
    const { port } = sim;
    await sim.reboot({ downMs: 10 });
    expect(sim.port).toBe(port);
    expect(sim.actuators.strobe).toBe(false);
    expect(sim.actuators.relays.get('Relay_1')).toBe(false);
    // On the connection of before, of which the dome knows nothing any more.
    await expect(relay('Relay_1', 'active')).rejects.toMatchObject({
      cause: { code: 'ECONNRESET' },
    });
    expect(sim.actuators.strobe).toBe(false);
    expect(await relay('Relay_1', 'active')).toMatch(/^200/);
  });
});
