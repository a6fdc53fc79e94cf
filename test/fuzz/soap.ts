// What a dome answers: whatever it is, a call gives a value of the operation's shape or a `DomeError`.

import { validateHeaderValue } from 'node:http';
import fc from 'fast-check';
import { expect } from 'vitest';
import { chooseChallenge, Digest } from '#agent/digest.ts';
import { DomeError } from '#agent/dome/error.ts';
import { type Ask, type HttpReply, Line } from '#agent/dome/line.ts';
import { getProfiles } from '#agent/dome/media-profiles.ts';
import {
  getDeviceInformation,
  getPresets,
  getServices,
  getSystemDateAndTime,
  type Operation,
} from '#agent/dome/operations.ts';
import { reachable } from '#agent/dome/ptz.ts';
import { SoapClient } from '#agent/dome/soap.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { fuzz } from './harness.ts';
import { nastyWord, nearlyRight } from './mutations.ts';

const wrap = (body: string): string =>
  '<?xml version="1.0"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope">' +
  `<e:Body>${body}</e:Body></e:Envelope>`;
const utc = (year: string) =>
  '<GetSystemDateAndTimeResponse><SystemDateAndTime><UTCDateTime>' +
  '<Time><Hour>8</Hour><Minute>0</Minute><Second>59</Second></Time>' +
  `<Date><Year>${year}</Year><Month>11</Month><Day>21</Day></Date>` +
  '</UTCDateTime></SystemDateAndTime></GetSystemDateAndTimeResponse>';
const bodies = [
  utc('2026'),
  '<GetDeviceInformationResponse><Manufacturer>a &#20013;</Manufacturer><Model>b</Model>' +
    '</GetDeviceInformationResponse>',
  '<GetPresetsResponse><Preset token="1"><Name>door</Name></Preset><Preset token="2"/>' +
    '</GetPresetsResponse>',
  '<GetProfilesResponse><Profiles token="p"><PTZConfiguration/></Profiles></GetProfilesResponse>',
  '<GetProfilesResponse><Profiles token="p"><Configurations><VideoEncoder><Encoding>H265</Encoding>' +
    '<Resolution><Width>1280</Width><Height>720</Height></Resolution></VideoEncoder><PTZ/>' +
    '</Configurations></Profiles></GetProfilesResponse>',
  '<GetServicesResponse><Service><Namespace>http://www.onvif.org/ver20/ptz/wsdl</Namespace>' +
    '<XAddr>http://10.0.0.9/onvif/ptz</XAddr></Service></GetServicesResponse>',
  '<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>ter:NotAuthorized</e:Value>' +
    '</e:Subcode></e:Code><e:Reason><e:Text>no</e:Text></e:Reason></e:Fault>',
];
const operations: readonly Operation<never, unknown>[] = [
  getSystemDateAndTime,
  getDeviceInformation,
  getPresets,
  getProfiles.media,
  getProfiles.media2,
  getServices,
] as const;

const pieces = fc.constantFrom(
  ...['<', '>', '</', '/>', '<a>', '</a>', '&', '&amp;', '&#0;', '&#x110000;', '<![CDATA[', ']]>'],
  ...['<!--', '-->', '<!DOCTYPE a>', '<!ENTITY b "c">', '<?x?>', ' token="', ' xmlns:q="r"'],
  ...['99999999', '-1', '275760', '<e:Subcode>', '<e:Code>'],
);
const xml = fc.oneof(
  { weight: 6, arbitrary: nearlyRight(bodies, pieces).map(wrap) },
  { weight: 3, arbitrary: nearlyRight(bodies.map(wrap), pieces) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
);
const challenges = nearlyRight(
  [
    'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256, Digest realm="r", nonce="n"',
    'Basic realm="x", Digest realm="a\\"b", nonce="n", stale=true, opaque="o"',
  ],
  fc.constantFrom('"', ',', '=', 'Digest ', 'nonce=', 'qop=', '\\', 'algorithm=MD5'),
);

const reply: fc.Arbitrary<HttpReply> = fc.record({
  status: fc.constantFrom(200, 200, 200, 400, 401, 500),
  challenges: fc.array(challenges, { maxLength: 2 }),
  dateMs: fc.constantFrom(null, 0, 1_795_000_000_000, 8.64e15, -8.64e15),
  body: xml,
});

/** A line that answers what it is told to, one reply a request, the last one for ever. */
class TellingLine extends Line {
  readonly #replies: readonly HttpReply[];
  #sent = 0;

  constructor(replies: readonly HttpReply[], clock: VirtualClock) {
    super(clock, false);
    this.#replies = replies;
  }

  override async send(_: Ask): Promise<HttpReply> {
    const answer = this.#replies[Math.min(this.#sent++, this.#replies.length - 1)];
    if (!answer) throw new DomeError('unreachable', 'nobody there');
    return answer;
  }
}

const device = { host: '10.0.0.9', port: 80, path: '/onvif/device_service' };
const okBody = wrap(utc('2026'));
const farFuture = { status: 401, challenges: [], dateMs: 8.64e15, body: okBody };

export const soap = fuzz(
  "the dome's answers",
  fc.tuple(fc.array(reply, { minLength: 1, maxLength: 4 }), fc.nat({ max: operations.length - 1 })),
  async ([replies, which]) => {
    const clock = new VirtualClock();
    const line = new TellingLine(replies, clock);
    const client = new SoapClient(line, clock, { username: 'u', password: 'p' }, device);
    for (const service of ['media', 'ptz'] as const) client.locate(service, device);
    await client.open();
    const operation = operations[which];
    for (let call = 0; operation && call < 3; call++) {
      try {
        clock.advance(1_000);
        const args = { profile: 'p' } as never;
        expect(await client.call(operation, args, { deadlineMs: 2_000 })).toBeDefined();
      } catch (error) {
        if (!(error instanceof DomeError)) throw error;
      }
    }
    line.close();
  },
  [[[farFuture], 1]],
);

/** As the configuration allows them: no control characters. */
const login = fc
  .oneof(fc.constantFrom('u"', '管理员'), fc.string({ unit: 'grapheme' }))
  .map((name) => name.replaceAll(/\p{Cc}/gu, ''));
/** As node:http gives them: one byte a character. */
const heard = fc
  .array(challenges, { maxLength: 3 })
  .map((values) => values.map((one) => one.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '')));

export const digest = fuzz(
  'digest challenges',
  fc.record({ values: heard, username: login }),
  ({ values, username }) => {
    const chosen = chooseChallenge(values);
    const one = new Digest({ username, password: username });
    expect(one.adopt(values)).toBe(chosen !== null);
    const header = one.sign('POST', '/a')?.header ?? null;
    expect(header === null).toBe(chosen === null);
    if (header === null) return;
    validateHeaderValue('authorization', header);
    const [, name = ''] = /username="((?:[^"\\]|\\.)*)"/.exec(header) ?? [];
    const told = Buffer.from(name.replaceAll(/\\(.)/g, '$1'), 'latin1').toString();
    expect(told).toBe(username.toWellFormed());
  },
  [{ values: ['Digest realm="r", nonce="n", qop="auth"'], username: '管理员' }],
);

const addresses = nearlyRight(
  ['http://10.0.0.9/onvif/ptz', 'https://dome.school:8443/x?y', 'http://[fe80::1]:80/z'],
  fc.constantFrom('http://', '@', ':', '/', '..', '[', ']', '%', '?', '\\', 'evil.example'),
);
export const addressesTold = fuzz(
  'addresses that a dome tells',
  fc.oneof(addresses, nastyWord),
  (told) => {
    const { host, port, path } = reachable(told, device, 'http:');
    expect(host).toBe(device.host);
    expect(port).toBeGreaterThan(0);
    expect(path).toMatch(/^\/[\x21-\x7e]*$/);
  },
);
