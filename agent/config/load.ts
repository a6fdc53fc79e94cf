// From the text of a file to a `Config`: parse, judge, relate, read what it names, freeze.

import { dirname, resolve } from 'node:path';
import type { Identity } from '../contract.ts';
import { type BadField, Refusal } from '../refusal.ts';
import { type brokers, copiedFields, type Files, type ParseProfile, readFiles } from './files.ts';
import { Findings, judge } from './judge.ts';
import { checkRelations } from './relations.ts';
import { type Fields, type Places, schemaOf } from './schema.ts';
import type { Secret } from './secret.ts';
import { readYaml } from './yaml.ts';

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** What the broker's link needs; passwords and keys as `Secret`, certificates as PEM text. */
export interface BrokerConfig {
  readonly url: string;
  readonly clientId: string;
  readonly username: string | null;
  readonly password: Secret | null;
  /** null with mqtt://. `ca` is null only where its file was lost after the terminal was armed. */
  readonly tls: {
    readonly ca: string | null;
    readonly cert: string | null;
    readonly key: Secret | null;
    /** Absolute paths; they may be changed while the terminal runs. */
    readonly files: { readonly [F in 'ca' | 'cert' | 'key']: string | null };
  } | null;
}

export interface BrokersConfig extends BrokerConfig {
  /** Used while the first fails; null: there is none. */
  readonly second: BrokerConfig | null;
  /** Days before its end that a new certificate is asked for; 0: never. */
  readonly renewDays: number;
}

export interface DomeConfig {
  readonly url: string;
  /** PEM; null: the authorities that the system trusts. */
  readonly ca: string | null;
  readonly username: string | null;
  readonly password: Secret | null;
  /** Checked: `parseProfile(text, file)` does not refuse it. */
  readonly profile: { readonly file: string; readonly text: string };
  readonly dayNight: boolean;
  readonly trackingMinutes: number;
  readonly clock: 'tell' | 'set' | 'follow';
  readonly inputs: DeepReadonly<NonNullable<Fields['dome']>['inputs']>;
  readonly events: DeepReadonly<NonNullable<Fields['dome']>['events']>;
}

/** Taken over as they are. */
type Plain =
  | 'terminal'
  | 'data'
  | 'control'
  | 'platform'
  | 'boxes'
  | 'modems'
  | 'modbus'
  | 'gpio'
  | 'media'
  | 'patrol'
  | 'health'
  | 'drills'
  | 'log';

/** Checked and frozen; paths are absolute. */
export interface Config extends DeepReadonly<Pick<Fields, Plain>> {
  readonly identity: Identity;
  readonly broker: BrokersConfig;
  /** null: no dome, or its profile was lost after the terminal was armed. */
  readonly dome: DomeConfig | null;
  readonly debounceMs: number;
}

export interface Text {
  /** Absolute path the text comes from. */
  readonly file: string;
  readonly text: string;
  /** Public files by field, in place of those on the disk. */
  readonly copies: { readonly [field: string]: string };
}

export interface Loaded {
  readonly config: Config;
  /** Public files, for the last-known-good copy. */
  readonly files: { readonly [field: string]: string };
  /** Lenient only: what is wrong with the files it names. */
  readonly wrongFiles: readonly Refusal[];
}

export interface LoadOptions {
  readonly places: Places;
  readonly parseProfile: ParseProfile;
  /** Goes on without the files that are wrong, as long as the text itself is right: a terminal that
   * was armed once must not stay dead because the dome's password has gone. */
  readonly lenient: boolean;
}

/** Throws a `Refusal` naming every wrong field. */
export function loadText(source: Text, options: LoadOptions): Loaded {
  const tree = readYaml(source.text);
  const findings = new Findings(tree);
  const fields = judge(schemaOf(options.places), tree, findings);
  checkRelations(tree.root, findings);
  const inText = findings.bad.length;
  const base = dirname(source.file);
  const { parseProfile } = options;
  const files = readFiles({ root: tree.root, base, copies: source.copies, parseProfile }, findings);
  const refusal = findings.bad.length > 0 ? new Refusal(inOrder(findings.bad), source.file) : null;
  if (refusal && !(options.lenient && inText === 0)) throw refusal;
  if (fields === null) throw new Error('a tree without findings has fields');
  return {
    config: freeze(configOf(fields, files, base)),
    files: Object.fromEntries(
      copiedFields.flatMap((field) => {
        const text = files.text(field);
        return text === null ? [] : [[field, text]];
      }),
    ),
    wrongFiles: refusal ? [refusal] : [],
  };
}

/** As one meets them reading down the file. */
const inOrder = (bad: readonly BadField[]): BadField[] =>
  [...bad].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));

function configOf(fields: Fields, files: Files, base: string): Config {
  const { terminal, identity, data, control, broker, platform, dome, log } = fields;
  const profile = files.text('dome.profile');
  return {
    terminal,
    identity,
    data,
    control,
    platform,
    boxes: fields.boxes,
    modems: fields.modems,
    modbus: fields.modbus,
    gpio: fields.gpio,
    media: fields.media,
    patrol: fields.patrol,
    health: fields.health,
    drills: fields.drills,
    log,
    debounceMs: fields.debounceMs,
    broker: {
      ...brokerOf(broker, { place: 'broker', terminal: terminal.id, files, base }),
      second:
        broker.second &&
        brokerOf(broker.second, { place: 'broker.second', terminal: terminal.id, files, base }),
      renewDays: broker.renewDays,
    },
    dome:
      dome === null || profile === null
        ? null
        : {
            url: dome.url,
            ca: files.text('dome.ca'),
            username: dome.username,
            password: files.secret('dome.passwordFile'),
            profile: { file: resolve(base, dome.profile), text: profile },
            dayNight: dome.dayNight,
            trackingMinutes: dome.trackingMinutes,
            clock: dome.clock,
            inputs: dome.inputs,
            events: dome.events,
          },
  };
}

type BrokerPlace = (typeof brokers)[number];

interface BrokerSource {
  readonly place: BrokerPlace;
  readonly terminal: string;
  readonly files: Files;
  readonly base: string;
}

function brokerOf(
  { url, clientId, username, ca, cert, key }: Omit<Fields['broker'], 'second' | 'renewDays'>,
  { place, terminal, files, base }: BrokerSource,
): BrokerConfig {
  const path = (file: string | null) => file && resolve(base, file);
  const paths = { ca: path(ca), cert: path(cert), key: path(key) };
  return {
    ...{ url, clientId: clientId ?? terminal, username },
    password: files.secret(`${place}.passwordFile`),
    tls: url.startsWith('mqtts:') ? { ...tlsOf(place, files), files: paths } : null,
  };
}

function tlsOf(place: BrokerPlace, files: Files) {
  const cert = files.text(`${place}.cert`);
  const key = files.secret(`${place}.key`);
  // One without the other is of no use, and the TLS library throws at it.
  const pair = cert !== null && key !== null ? { cert, key } : { cert: null, key: null };
  return { ca: files.text(`${place}.ca`), ...pair };
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}
