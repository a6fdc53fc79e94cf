// The answers of an unattended run: a file with the fields of the configuration itself, judged by the
// daemon's own schema and loader, and a group `provision` with what has to be done and is no configuration.
// Every wrong field is named at once, with line, value and hint, before anything is done.

import { dirname, resolve } from 'node:path';
import type * as z from 'zod';
import {
  type FileField,
  type Files,
  fileFields,
  type ParseProfile,
  readFiles,
} from '../config/files.ts';
import { Findings, judge } from '../config/judge.ts';
import { checkRelations } from '../config/relations.ts';
import { schemaOf } from '../config/schema.ts';
import { group, oneOf, path, text, yesNo } from '../config/words.ts';
import { type Raw, readYaml, type Tree } from '../config/yaml.ts';
import type { Surroundings } from '../config.ts';
import { assumptions } from '../dome/person.ts';
import { whyNoPin } from '../panel/pin.ts';
import { Refusal } from '../refusal.ts';
import { readQr } from './qr.ts';
import { type Group, groupOf, put, putFile, type Site, textAt, valueAt } from './site.ts';
import { contentOf } from './steps/files.ts';
import { languages } from './words.ts';

const https = text(
  'https://HOST/.well-known/est/simpleenroll',
  256,
  (value) => /^https:\/\/[^/@]+\//.test(value) && URL.canParse(value),
);

const provision = group({
  language: oneOf(languages).default('zh'),
  qr: text('what the QR code says: GATE1?..&k=..', 2048).nullable().default(null),
  enrol: group({
    url: https,
    ca: path.nullable().default(null),
    username: text('a user name', 128).nullable().default(null),
    passwordFile: path.nullable().default(null),
  })
    .nullable()
    .default(null),
  request: path.nullable().default(null),
  tryBroker: yesNo.default(true),
  probe: group({
    assume: oneOf(assumptions).default('proof'),
    trust: text('a SHA-256 fingerprint', 128).nullable().default(null),
    storePresets: yesNo.default(false),
  })
    .nullable()
    .default(null),
  talkTest: yesNo.default(false),
  clock: oneOf(['any', 'good']).default('any'),
  pinFile: path.nullable().default(null),
  duressPinFile: path.nullable().default(null),
}).prefault({});
export type Orders = z.infer<typeof provision>;

export interface Answers {
  readonly site: Site;
  readonly orders: Orders;
  /** Contents of the files that orders name. */
  readonly secrets: {
    readonly enrolCa: string | null;
    readonly enrolPassword: string | null;
    readonly pin: string | null;
    readonly duress: string | null;
  };
}

export interface AnswersOptions {
  /** Absolute; relative paths in it begin at its directory. */
  readonly file: string;
  readonly around: Surroundings;
  readonly parseProfile: ParseProfile;
}

/** `dome.url` of whom discovery shall find. */
export const discovered = 'discover';

/** Throws a `Refusal` that names every wrong field. */
export function readAnswers(content: string, options: AnswersOptions): Answers {
  const tree = readYaml(content);
  const findings = new Findings(tree);
  const { provision: ordered, ...rest } = rootOf(tree);
  const asOrdered = { ...tree, root: { provision: ordered } };
  const orders = judge(group({ provision }), asOrdered, findings)?.provision ?? null;
  const site: Site = { tree: withQr(groupOf(rest), orders?.qr ?? null, findings), files: {} };
  const asWillBe = orders ? withPlaceholders(site, orders) : site;
  judge(schemaOf(options.around.places), { ...tree, root: asWillBe.tree }, findings);
  checkRelations(asWillBe.tree, findings);
  const base = dirname(resolve(options.file));
  const stick = { copies: {}, parseProfile: options.parseProfile, isStick: true } as const;
  const files = readFiles({ ...stick, root: site.tree, base }, findings);
  if (orders) checkOrders(orders, site, findings);
  const secrets = orders ? secretsOf(orders, base, findings) : null;
  if (findings.bad.length > 0 || !orders || !secrets) throw new Refusal(findings.bad, options.file);
  return { site: withContents(site, files), orders, secrets };
}

const rootOf = ({ root }: Tree): { readonly [key: string]: Raw } =>
  typeof root === 'object' && !isList(root) ? root : {};
const isList = (raw: Raw): raw is readonly Raw[] => Array.isArray(raw);

/** What is typed beside it goes before what was scanned. */
function withQr(tree: Group, qr: string | null, findings: Findings): Group {
  if (qr === null) return tree;
  try {
    const { id, identity } = readQr(qr);
    const { terminal, identity: typed } = tree;
    const named = id === null ? {} : { id };
    return {
      ...tree,
      terminal: { ...named, ...groupOf(terminal) },
      identity: { ...identity, ...groupOf(typed) },
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    for (const bad of error.fields) findings.addForeign(['provision', 'qr'], bad);
    return tree;
  }
}

/** As it will be, as far as the schema is concerned, once all has been done that is ordered. */
export function withPlaceholders(site: Site, { enrol, request, probe }: Orders): Site {
  const makes = (so: Site, field: string) =>
    textAt(so, field) === null ? put(so, field, 'made') : so;
  const isCertified = enrol !== null || request !== null;
  const certified = isCertified ? ['broker.cert', 'broker.key'].reduce(makes, site) : site;
  const known = probe && valueAt(site, 'dome') ? makes(certified, 'dome.profile') : certified;
  return textAt(site, 'dome.url') === discovered ? put(known, 'dome.url', 'http://made') : known;
}

function checkOrders(orders: Orders, site: Site, findings: Findings): void {
  const { enrol, request, probe, pinFile, duressPinFile } = orders;
  const has = (field: string) => textAt(site, field) !== null;
  const refuse = (field: string, hint: string) => findings.add(field.split('.'), hint);
  if (enrol && request) refuse('provision.request', 'or enrol: one of them');
  if (enrol && (has('broker.cert') || has('broker.key')))
    refuse('provision.enrol', 'broker.cert and broker.key come from it: leave them out');
  if (request && has('broker.key'))
    refuse(
      'broker.key',
      'is made here and kept here: leave it out, or leave out provision.request',
    );
  if ((enrol || request) && !textAt(site, 'broker.url')?.startsWith('mqtts:'))
    refuse('broker.url', 'a certificate needs mqtts://');
  if (probe && !valueAt(site, 'dome')) refuse('provision.probe', 'needs the group dome');
  if (probe && has('dome.profile'))
    refuse('dome.profile', 'is written by provision.probe: leave it out');
  if (probe && !(has('dome.username') && has('dome.passwordFile')))
    refuse('dome.username', 'missing: provision.probe logs in with username and passwordFile');
  if (!probe && textAt(site, 'dome.url') === discovered)
    refuse('dome.url', `${discovered} needs provision.probe`);
  if (duressPinFile !== null && pinFile === null) refuse('provision.pinFile', 'missing');
}

function secretsOf(orders: Orders, base: string, findings: Findings): Answers['secrets'] {
  const read = (field: string, file: string | null | undefined): string | null => {
    if (!file) return null;
    const found = contentOf(resolve(base, file));
    if ('text' in found) return found.text;
    findings.add(['provision', ...field.split('.')], found.why[0]);
    return null;
  };
  const line = (text: string | null) => text?.split(/\r?\n/, 1)[0] ?? null;
  const pin = line(read('pinFile', orders.pinFile));
  const duress = line(read('duressPinFile', orders.duressPinFile));
  const isWrong = (field: string, typed: string | null) => {
    const why = typed === null ? null : whyNoPin(typed);
    if (why) findings.add(['provision', field], `the PIN in it: ${why.en}`);
  };
  isWrong('pinFile', pin);
  isWrong('duressPinFile', duress);
  if (pin !== null && pin === duress)
    findings.add(['provision', 'duressPinFile'], 'must differ from the PIN');
  return {
    enrolCa: read('enrol.ca', orders.enrol?.ca),
    enrolPassword: line(read('enrol.passwordFile', orders.enrol?.passwordFile)),
    ...{ pin, duress },
  };
}

/** Files that were named become the site's own. */
function withContents(site: Site, files: Files): Site {
  const fields = Object.keys(fileFields) as FileField[];
  return fields.reduce<Site>((so, field) => {
    const text = files.text(field);
    return text === null ? so : putFile(put(so, field, null), field, text);
  }, site);
}
