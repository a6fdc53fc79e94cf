// The fields of the configuration file: shape, unit, range, default and the hint that is printed
// when one is wrong. Values arrive as the text that was written (yaml.ts). What ties two fields
// together is in relations.ts, what stands in other files in files.ts. A change of any field needs
// a restart of the daemon: it is read once, at start, and frozen.

import type * as z from 'zod';
import { domeEvents } from '../core/fact.ts';
import { drills } from './drills.ts';
import { gpio } from './gpio.ts';
import { health } from './health.ts';
import { inputFields } from './input.ts';
import { media } from './media.ts';
import { patrol } from './patrol.ts';
import { box, modbusLine, modem } from './serial.ts';
import {
  absolute,
  degrees,
  group,
  list,
  oneOf,
  path,
  phone,
  text,
  whole,
  word,
  yesNo,
} from './words.ts';

const contact = group({ name: text('a name', 64), phone });

const identity = group({
  divisionCode: text('the division code of the place (行政区划代码), 6 or 12 digits', 12, (value) =>
    /^[1-9](\d{5}|\d{11})$/.test(value),
  ),
  jurisdiction: text('the police station in charge (辖区)', 128),
  school: text("the school's name", 128),
  address: text('the address to drive to', 256),
  position: group({ lat: degrees('latitude', 90), lon: degrees('longitude', 180) })
    .nullable()
    .default(null),
  gate: text('which gate of the school', 64),
  gateRoomPhone: phone,
  contacts: list(contact, 0, 10).default([]),
});

const brokerFields = {
  url: text('mqtts://host:8883', 256),
  ca: path.nullable().default(null),
  cert: path.nullable().default(null),
  key: path.nullable().default(null),
  username: text('a user name', 128).nullable().default(null),
  passwordFile: path.nullable().default(null),
  clientId: word.optional(),
};

const broker = group({
  ...brokerFields,
  renewDays: whole('days', 0, 365).default(30),
  second: group(brokerFields).nullable().default(null),
});

const domeInput = group({
  ...inputFields,
  event: oneOf(domeEvents).default('digital-input'),
  token: text('the token of the input, as the dome names it', 64).nullable().default(null),
  contact: oneOf(['no', 'nc']).default('no'),
});

const heardAs = oneOf(['none', 'fault', 'information']).default('none');

const dome = group({
  url: text('http://host or https://host', 256),
  ca: path.nullable().default(null),
  username: text('a user name', 128).nullable().default(null),
  passwordFile: path.nullable().default(null),
  profile: path,
  dayNight: yesNo.default(true),
  clock: oneOf(['tell', 'set', 'follow']).default('tell'),
  trackingMinutes: whole('minutes', 0, 720).default(60),
  inputs: list(domeInput, 0, 16).default([]),
  events: group({
    ...{ tamper: heardAs, motion: heardAs, line: heardAs, loitering: heardAs, audio: heardAs },
    'digital-input': heardAs,
  }).prefault({}),
});

/** Where things live when the file does not say; systemd's directories where it gives them. */
export interface Places {
  readonly stateDir: string;
  readonly runtimeDir: string;
  /** systemd's credentials of this service; absent: it has given none. */
  readonly credentialsDir?: string | null;
}

/** The schema of the whole file. */
export function schemaOf(places: Places) {
  const { credentialsDir = null } = places;
  const sealedFile = (name: string) =>
    absolute(`the ${name}`)
      .nullable()
      .default(credentialsDir && `${credentialsDir}/${name}`);
  return group({
    terminal: group({ id: word }),
    identity,
    data: group({
      dir: absolute('the directory of database and keys').default(places.stateDir),
      capMb: whole('megabytes', 16, 4096).default(128),
      masterKeyFile: sealedFile('master-key'),
      evidenceKeyFile: sealedFile('evidence-key'),
    }).prefault({}),
    control: group({
      socket: absolute('the control socket', 96).default(`${places.runtimeDir}/control.sock`),
    }).prefault({}),
    broker,
    platform: group({ receipts: oneOf(['platform', 'none']).default('platform') }).prefault({}),
    boxes: list(box, 0, 16).default([]),
    modems: list(modem, 0, 16).default([]),
    modbus: list(modbusLine, 0, 8).default([]),
    gpio: gpio.nullable().default(null),
    dome: dome.nullable().default(null),
    media: media.nullable().default(null),
    patrol: patrol.prefault({}),
    health: health.prefault({}),
    drills: drills.prefault({}),
    log: group({ level: oneOf(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
    debounceMs: whole('milliseconds', 1, 300).default(50),
  });
}

export type Fields = z.infer<ReturnType<typeof schemaOf>>;
