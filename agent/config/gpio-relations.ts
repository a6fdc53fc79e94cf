// What ties the fields of `gpio` together: a line is named one way, used once, and a pair has two.

import { at, entriesAt, type Findings } from './judge.ts';
import type { Raw } from './yaml.ts';

type Path = readonly PropertyKey[];

export const gpioInputs = (root: Raw): Path[] =>
  entriesAt(root, ['gpio', 'inputs']).map(({ path }) => path);

export function checkGpio(root: Raw, findings: Findings): void {
  const inputs = gpioInputs(root);
  for (const path of inputs) checkPair(root, path, findings);
  const lamp = ['gpio', 'outputs', 'lamp'];
  const colours = entriesAt(root, lamp).map(({ path }) => path);
  if (at(root, lamp) !== undefined && colours.length === 0)
    findings.add(lamp, 'missing: at least one of its lights, such as red: { line: lamp-red }');
  const others = ['buzzer', 'strobe'].map((name) => ['gpio', 'outputs', name]);
  const places = [...inputs, ...inputs.map((path) => [...path, 'pair']), ...colours, ...others];
  checkPlaces(
    root,
    places.filter((path) => at(root, path) !== undefined),
    findings,
  );
}

function checkPair(root: Raw, path: Path, findings: Findings): void {
  const isPair = at(root, [...path, 'contact']) === 'pair';
  const hasPair = at(root, [...path, 'pair']) !== undefined;
  if (isPair && !hasPair)
    findings.add(
      [...path, 'pair'],
      'missing: the line of the break contact, as line or chip and offset',
    );
  if (hasPair && !isPair) findings.add([...path, 'pair'], 'only with contact: pair');
}

function checkPlaces(root: Raw, places: readonly Path[], findings: Findings): void {
  const taken = new Set<string>();
  for (const path of places) {
    const [line, chip, offset] = ['line', 'chip', 'offset'].map((name) =>
      at(root, [...path, name]),
    );
    if (line === undefined && offset === undefined)
      findings.add(
        [...path, chip === undefined ? 'line' : 'offset'],
        'missing: a line by name, or chip and offset',
      );
    else if (line !== undefined && offset !== undefined)
      findings.add([...path, 'offset'], 'a line by name or by offset, not both');
    else if (offset !== undefined && chip === undefined)
      findings.add([...path, 'chip'], 'missing: the chip that the offset counts on');
    const key = JSON.stringify([line, chip, offset]);
    if (taken.has(key))
      findings.add(
        [...path, line === undefined ? 'offset' : 'line'],
        'another input or output is on this line',
      );
    if (line !== undefined || offset !== undefined) taken.add(key);
  }
}
