// What domes and their libraries are known to do wrong, by the references of the field note `onvif.md`, and
// what becomes of it here. Each has exactly one test, `quirk('its reference', ..)`, in the suites beside this
// file or where its part is tested; dome-quirks.test.ts counts them.

import { type TestContext, test } from 'vitest';

export const quirks = {
  // What npm onvif 0.8.3 does not survive, by the note's numbers, and the driver's own client must.
  'npm onvif 1': "the device's auxiliary command is in the namespace that a strict server wants",
  'npm onvif 2': 'relays are switched, it is told to follow, its snapshots are told',
  'npm onvif 3': 'a connection that is cut while the clock is set ends nothing',
  'npm onvif 4': 'an answer that ends in the middle or drips is a fault in time',
  'npm onvif 5': 'a 200 with an unrelated body is no success',
  'npm onvif 6': 'a wrong password is one fault, and nothing throws',
  'npm onvif 7': 'a clock that jumps, to and fro, costs no login',
  'npm onvif 8': 'events go on: a fault at first, times in +00:00, an http address behind https',
  'npm onvif 9': 'answers of 10 MB cost no time',
  'npm onvif 10': 'numbers stay text, and an alarm is one request on a connection that is there',
  'gSOAP with one thread': 'no connection is opened before there is a request for it',
  // How domes switch.
  'names to the letter': 'an auxiliary command goes out as it is advertised, whatever is in it',
  'HA PR#161480': "a relay's elements are the device service's",
  'Device/Trigger/Relay': 'a relay is read back by its event, a normally closed one, too',
  'Hikvision AudioAlarm': 'a siren that stops after 5 s and that nothing stops is heard, and ends',
  'siren stops by itself': 'a siren that stopped by itself is heard again',
  'rroller/dahua#429': 'a siren that answers 400 while somebody talks is heard after',
  'reserved preset': 'a preset that switches following turns nothing',
  // Talk through the dome.
  backchannel: 'the speaker is asked for on a connection of its own, and is heard',
  'go2rtc#49': 'what stands behind the address of a stream stays',
  'go2rtc#95': 'one talk channel that somebody else has is waited for',
  // What the client must survive.
  '200 without effect': 'off that was answered well and not carried out is sent again',
  'unknown answered 200': 'the next recipe is tried where the first is unknown, and answered 200',
  'HA#121952, agsh/onvif#249': 'a clock that a reboot has lost is no wrong password',
  'a password for the clock': 'a dome that wants one for GetSystemDateAndTime is served',
  'several WWW-Authenticate': 'one that can be answered is taken, alone or beside a token',
  'rroller/dahua#603': 'a 401 that means too many connections passes, be it after an hour',
  'rroller/dahua#729': 'a wrong password locks nobody out',
  'ONVIF off': 'a dome without ONVIF is one sentence that says what to switch on',
  'ports 80, 8000, 2020, 8899': 'an address without a port is tried at each',
  'agsh/onvif#170': 'an inner address behind NAT is not gone to',
  'closed without notice': 'a connection that the dome has closed costs one more try',
  'agsh/onvif#314': 'a pull whose connection is closed is another pull',
  'HA PR#37711': 'after a reboot the subscription is made anew, at its new address',
  'HA#92627': 'an Unsubscribe that ends all subscriptions is made good',
  ReferenceParameters: 'a subscription that is named by headers gets them back with each call',
  'scrypted#2124': 'a dome that ignores its Timeout stands all the same',
  'Timeout or Zoom rejected': 'a move is said without what the dome does not take',
  'Stop ignored': 'a dome that does not heed a Stop is told a speed of nothing',
  MoveStatus: 'missing, frozen or one word: the dome is told to stand, and nothing is told of it',
  'GetStatus 30 s late': 'a dome that tells how it was is not called a run-away',
  '300 empty presets': 'one among them is found, by its token',
  'names missing': 'presets without names are gone to',
  'name is not token': 'a name that is the token of another preset is not mixed up',
  'snapshot missing': 'a dome without snapshots has streams',
  'snapshot rtsp://': 'an address of a snapshot that is none is not told',
  'snapshot at a foreign host': 'it is fetched from the dome, wherever that says it is',
  'snapshot with other authentication': 'it is had with a digest where SOAP has tokens',
  'snapshot truncated': 'half of a picture is none',
  'Media2 broken': 'streams are told where Media2 is advertised and broken',
  'media without media': 'light and siren do not mind',
  'events as arrays': 'several in one message are all heard, in order',
  'PullPoint slots': 'none left is one sentence, and heard when one is free',
  // Discovery.
  'only tds:Device': 'a dome that answers to that type only is found',
  'exact Types prefix': 'a dome that takes the prefix to the letter is found',
  'no XAddrs': 'a device without an address is named and not looked at',
  duplicates: 'a dome that answers three times is told once',
  'several network cards': 'a dome on two of them is told once, with both',
  'lost packets': 'a dome that has not heard the first questions hears the next',
} as const;

export type Quirk = keyof typeof quirks;

/** The one test of a quirk. */
export function quirk(
  reference: Quirk,
  run: (context: TestContext) => Promise<void>,
  options: { readonly timeout?: number } = {},
): void {
  test(`${reference}: ${quirks[reference]}`, options, run);
}
