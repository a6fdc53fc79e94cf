// What ties fields together. Works on the tree as written, so that a relation is told even while
// other fields are wrong.

import { isIP } from 'node:net';
import { checkGpio, gpioInputs } from './gpio-relations.ts';
import { at, entriesAt, type Findings } from './judge.ts';
import type { Raw } from './yaml.ts';

type Path = readonly PropertyKey[];

export function checkRelations(root: Raw, findings: Findings): void {
  checkInputs(root, findings);
  checkLines(root, findings);
  checkGpio(root, findings);
  checkBrokers(root, findings);
  checkDome(root, findings);
}

/** Serial lines, by what hangs on them. */
const lines = { boxes: 'box', modems: 'port', modbus: 'line' } as const;

function checkLines(root: Raw, findings: Findings): void {
  const all = Object.keys(lines).flatMap((kind) => entriesAt(root, [kind]));
  unique(
    root,
    all.map(({ path }) => [...path, 'path']),
    'something else is on this line',
    findings,
  );
  for (const [kind, what] of Object.entries(lines)) {
    const ids = entriesAt(root, [kind]).map(({ path }) => [...path, 'id']);
    unique(root, ids, `another ${what} has this id`, findings);
  }
  for (const line of entriesAt(root, ['modbus'])) {
    const units = entriesAt(root, [...line.path, 'modules']).map(({ path }) => [...path, 'unit']);
    unique(root, units, 'another module on this line has this address', findings);
  }
  for (const module of modulesIn(root)) checkModule(root, module.path, findings);
}

const modulesIn = (root: Raw) =>
  entriesAt(root, ['modbus']).flatMap(({ path }) => entriesAt(root, [...path, 'modules']));

function checkModule(root: Raw, path: Path, findings: Findings): void {
  const outputs = [...path, 'outputs'];
  const lights = entriesAt(root, [...outputs, 'lamp']).map((light) => light.path);
  const coils = [...lights, [...outputs, 'buzzer']].filter((one) => at(root, one) !== undefined);
  if (at(root, outputs) !== undefined && coils.length === 0)
    findings.add(outputs, 'missing: a lamp, such as { red: 1 }, or the number of a buzzer');
  if (at(root, outputs) === undefined && entriesAt(root, [...path, 'inputs']).length === 0)
    findings.add([...path, 'inputs'], 'missing: inputs or outputs of the module');
  unique(root, coils, 'something else is on this output', findings);
}

/** Every input, wherever it is wired. */
function inputPaths(root: Raw): Path[] {
  const lines = [...entriesAt(root, ['boxes']), ...entriesAt(root, ['modems'])];
  const holders = [...lines, ...modulesIn(root)];
  const onLines = holders.flatMap(({ path }) => entriesAt(root, [...path, 'inputs']));
  const onDome = entriesAt(root, ['dome', 'inputs']);
  return [...onLines, ...onDome].map(({ path }) => path).concat(gpioInputs(root));
}

function checkInputs(root: Raw, findings: Findings): void {
  const inputs = inputPaths(root);
  unique(
    root,
    inputs.map((path) => [...path, 'id']),
    'another input has this id',
    findings,
  );
  const buttons = inputs.filter((path) => (at(root, [...path, 'role']) ?? 'button') === 'button');
  if (buttons.length === 0)
    findings.add(
      ['boxes'],
      'at least one input with role: button, here, in gpio, modems or modbus',
    );
  for (const path of inputs) {
    const isButton = buttons.includes(path);
    const hasKind = at(root, [...path, 'kind']) !== undefined;
    if (hasKind && !isButton) findings.add([...path, 'kind'], 'only a button has a kind');
    if (!hasKind && isButton) {
      findings.add(
        [...path, 'kind'],
        'missing: what a press means: emergency, silent, medical, fire, test',
      );
    }
  }
}

/** Names every field after the first that says the same. */
function unique(root: Raw, paths: readonly Path[], hint: string, findings: Findings): void {
  const seen = new Set<string>();
  for (const path of paths) {
    const value = at(root, path);
    if (typeof value !== 'string') continue;
    if (seen.has(value)) findings.add(path, hint);
    seen.add(value);
  }
}

function checkBroker(root: Raw, path: Path, findings: Findings): void {
  const has = (name: string) => at(root, [...path, name]) !== undefined;
  const url = checkUrl(root, [...path, 'url'], ['mqtt:', 'mqtts:'], findings);
  if (url && !['', '/'].includes(url.pathname)) {
    findings.add([...path, 'url'], 'host and port only, such as mqtts://broker.example:8883');
  }
  if (url?.protocol === 'mqtt:' && !isLoopback(url.hostname)) {
    findings.add([...path, 'url'], 'mqtt:// only to this machine itself; use mqtts:// and ca');
  }
  if (url?.protocol === 'mqtts:' && !has('ca')) {
    findings.add([...path, 'ca'], 'missing: the file with the certificate of the authority, PEM');
  }
  for (const name of ['ca', 'cert', 'key']) {
    if (url?.protocol === 'mqtt:' && has(name)) {
      findings.add([...path, name], 'has no effect with mqtt://; use mqtts://');
    }
  }
  both(root, path, 'cert', 'key', findings);
  both(root, path, 'username', 'passwordFile', findings);
}

function checkBrokers(root: Raw, findings: Findings): void {
  checkBroker(root, ['broker'], findings);
  const second = ['broker', 'second'];
  if (at(root, second) === undefined) return;
  checkBroker(root, second, findings);
  const [one, other] = [
    ['broker', 'url'],
    [...second, 'url'],
  ].map((path) => placeOf(root, path));
  if (one && one === other) findings.add([...second, 'url'], 'the same place as broker.url');
}

/** Host and port of an address, however it is written. */
function placeOf(root: Raw, path: Path): string | null {
  const value = at(root, path);
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  if (!url) return null;
  const port = url.port || (url.protocol === 'mqtts:' ? '8883' : '1883');
  return `${url.hostname.toLowerCase()}:${port}`;
}

function checkDome(root: Raw, findings: Findings): void {
  if (at(root, ['dome']) === undefined) return;
  const url = checkUrl(root, ['dome', 'url'], ['http:', 'https:'], findings);
  if (url?.protocol === 'http:' && at(root, ['dome', 'ca']) !== undefined) {
    findings.add(['dome', 'ca'], 'has no effect with http://; use https://');
  }
  both(root, ['dome'], 'username', 'passwordFile', findings);
}

function both(root: Raw, path: Path, one: string, other: string, findings: Findings): void {
  const [hasOne, hasOther] = [one, other].map((name) => at(root, [...path, name]) !== undefined);
  if (hasOne && !hasOther) findings.add([...path, other], `missing: ${one} needs ${other}`);
  if (hasOther && !hasOne) findings.add([...path, one], `missing: ${other} needs ${one}`);
}

/** The address at `path`, or null when it is missing or was found wrong. */
function checkUrl(
  root: Raw,
  path: Path,
  protocols: readonly string[],
  findings: Findings,
): URL | null {
  const value = at(root, path);
  if (typeof value !== 'string') return null;
  const expected = protocols.map((protocol) => `${protocol}//host`).join(' or ');
  const url = URL.canParse(value) ? new URL(value) : null;
  if (!url || !protocols.includes(url.protocol) || url.hostname === '') {
    findings.add(path, `an address: ${expected}`);
    return null;
  }
  if (url.username !== '' || url.password !== '') {
    findings.add(path, 'no user or password in an address; use username and passwordFile');
    return null;
  }
  if (url.search !== '' || url.hash !== '') {
    findings.add(path, 'no ? or # in an address');
    return null;
  }
  return url;
}

/** This machine itself, by name or number; a name that merely begins with 127 is none. */
export function isLoopback(host: string): boolean {
  const bareHost = host.replace(/^\[|\]$/g, '');
  if (bareHost === 'localhost' || bareHost === '::1') return true;
  return isIP(bareHost) === 4 && bareHost.startsWith('127.');
}
