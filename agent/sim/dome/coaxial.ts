// `coaxialControlIO.cgi` as Dahua domes have it: Type 1 light, 2 siren; IO 1 on, 2 off; and its status.

import type { ActuatorName } from './actuators.ts';
import type { Inside } from './services.ts';

export interface Reply {
  readonly status: number;
  readonly body: string | Buffer;
  readonly headers?: { readonly 'WWW-Authenticate': string[] };
}

const told = {
  ...{ strobe: 'WhiteLight', siren: 'Speaker', tracking: 'Tracking' },
  ...{ wiper: 'Wiper', light: 'InfraredLight' },
};

/** Answers a request outside ONVIF; `types`: which Type switches what. */
export function coaxial(
  path: string,
  types: { readonly [type: string]: ActuatorName },
  { actuators, effective, speaker, quirks }: Inside,
): Reply {
  const { pathname, searchParams } = new URL(path, 'http://dome');
  const isThere = Object.keys(types).length > 0;
  if (pathname !== '/cgi-bin/coaxialControlIO.cgi' || !isThere)
    return { status: 404, body: 'Not Found\n' };
  if (searchParams.get('action') === 'getStatus') {
    const lines = Object.values(types).map(
      (name) => `status.status.${told[name]}=${actuators[name] ? 'On' : 'Off'}\r\n`,
    );
    return { status: 200, body: lines.join('') };
  }
  const actuator = types[searchParams.get('info[0].Type') ?? ''];
  const io = searchParams.get('info[0].IO');
  const isMute = quirks.muteWhileTalking && speaker.busy && actuator === 'siren';
  if (!actuator || (io !== '1' && io !== '2') || isMute)
    return { status: 400, body: 'Error\r\nBad Request!\r\n' };
  if (effective()) actuators.set(actuator, io === '1');
  return { status: 200, body: 'OK\r\n' };
}
