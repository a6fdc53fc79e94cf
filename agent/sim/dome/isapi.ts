// Hikvision's own HTTP as its public ISAPI documents describe it: what names the device, PTZ auxiliary,
// relay outputs, a test of the audio alarm, which stops by itself, a software alarm input that white light
// and sound are linked to, and the infrared filter.

import type { ActuatorName } from './actuators.ts';
import type { Reply } from './coaxial.ts';
import { escapeText } from './envelope.ts';
import type { Inside } from './services.ts';

export interface IsapiOptions {
  /** LIGHT, WIPER .. of PTZCtrl's auxcontrols. */
  readonly auxiliary?: { readonly [type: string]: ActuatorName };
  /** What the first alarm input sets off, by the dome's own linkage. */
  readonly input?: ActuatorName;
  readonly audioAlarm?: boolean;
  readonly irCut?: boolean;
  /** Relay outputs by number, as they are known to ONVIF by token. */
  readonly outputs?: { readonly [number: string]: string };
}

export interface PlainRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

const ok = (body: string): Reply => ({ status: 200, body });
const root = (name: string, inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${name} version="2.0" ` +
  `xmlns="http://www.hikvision.com/ver20/XMLSchema">${inner}</${name}>\n`;
const done = ok(
  root('ResponseStatus', '<statusCode>1</statusCode><statusString>OK</statusString>'),
);
const bad = (status: number, sub: string): Reply => ({
  status,
  body: root('ResponseStatus', `<statusCode>4</statusCode><subStatusCode>${sub}</subStatusCode>`),
});
const notSupported = bad(403, 'notSupport');

const textOf = (body: string, name: string): string =>
  new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`).exec(body)?.[1] ?? '';

type Route = [
  pattern: RegExp,
  answer: (request: PlainRequest, options: IsapiOptions, inside: Inside, part: string) => Reply,
];

const information: Route = [
  /^GET \/ISAPI\/System\/deviceInfo$/,
  (_, __, { abilities: { identity } }) =>
    ok(
      root(
        'DeviceInfo',
        `<deviceName>dome</deviceName><model>${escapeText(identity.model)}</model>` +
          `<serialNumber>${escapeText(identity.serial)}</serialNumber>` +
          `<firmwareVersion>${escapeText(identity.firmware)}</firmwareVersion>`,
      ),
    ),
];

const auxiliary: Route = [
  /^PUT \/ISAPI\/PTZCtrl\/channels\/1\/auxcontrols\/1$/,
  ({ body }, options, { actuators, effective }) => {
    const actuator = options.auxiliary?.[textOf(body, 'type')];
    const status = textOf(body, 'status');
    if (!actuator) return notSupported;
    if (status !== 'on' && status !== 'off') return bad(400, 'badParameters');
    if (effective()) actuators.set(actuator, status === 'on');
    return done;
  },
];

const output: Route = [
  /^PUT \/ISAPI\/System\/IO\/outputs\/(\d+)\/trigger$/,
  ({ body }, options, { actuators, effective }, number) => {
    const token = options.outputs?.[number];
    const state = textOf(body, 'outputState');
    if (token === undefined) return bad(404, 'invalidOperation');
    if (state !== 'high' && state !== 'low') return bad(400, 'badParameters');
    if (effective()) actuators.switchRelay(token, state === 'high');
    return done;
  },
];

const outputStatus: Route = [
  /^GET \/ISAPI\/System\/IO\/outputs\/(\d+)\/status$/,
  (_, options, { actuators }, number) => {
    const token = options.outputs?.[number];
    if (token === undefined) return bad(404, 'invalidOperation');
    const state = actuators.relays.get(token) ? 'active' : 'inactive';
    return ok(root('IOPortStatus', `<ioPortID>${number}</ioPortID><ioState>${state}</ioState>`));
  },
];

const input: Route = [
  /^PUT \/ISAPI\/System\/IO\/inputs\/1$/,
  ({ body }, options, { actuators, effective }) => {
    const level = textOf(body, 'triggering');
    if (!options.input) return notSupported;
    if (level !== 'high' && level !== 'low') return bad(400, 'badParameters');
    // A contact that is open at rest counts as alarmed as soon as it is said to be closed at rest.
    if (effective()) actuators.set(options.input, level === 'low');
    return done;
  },
];

const audioAlarm: Route = [
  /^PUT \/ISAPI\/Event\/triggers\/notifications\/AudioAlarm\/1\/test\?format=json$/,
  (_, options, { actuators, effective }) => {
    if (!options.audioAlarm) return notSupported;
    if (effective()) actuators.set('siren', true);
    return ok('{"statusCode":1,"statusString":"OK","subStatusCode":"ok"}');
  },
];

const filters = { day: 'ON', night: 'OFF', auto: 'AUTO' } as const;
const isFilter = (word: string): word is keyof typeof filters => Object.hasOwn(filters, word);

const irCut: Route = [
  /^(GET|PUT) \/ISAPI\/Image\/channels\/1\/ircutFilter$/,
  ({ body }, options, { imaging, effective }, method) => {
    if (!options.irCut) return notSupported;
    if (method === 'GET') {
      const [word] = Object.entries(filters).find(([, one]) => one === imaging.irCutFilter) ?? [''];
      return ok(root('IrcutFilter', `<IrcutFilterType>${word}</IrcutFilterType>`));
    }
    const wanted = textOf(body, 'IrcutFilterType');
    if (!isFilter(wanted)) return bad(400, 'badParameters');
    if (effective()) imaging.irCutFilter = filters[wanted];
    return done;
  },
];

const routes = [information, auxiliary, output, outputStatus, input, audioAlarm, irCut];

/** Answers a request to ISAPI; null where the dome has none, or the path is another. */
export function isapi(
  request: PlainRequest,
  options: IsapiOptions | null,
  inside: Inside,
): Reply | null {
  if (!options || !request.path.startsWith('/ISAPI/')) return null;
  const line = `${request.method} ${request.path}`;
  for (const [pattern, answer] of routes) {
    const found = pattern.exec(line);
    if (found) return answer(request, options, inside, found[1] ?? '');
  }
  return bad(404, 'invalidOperation');
}
