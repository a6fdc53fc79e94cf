// What a press has found: the contacts that left their rest and came back since somebody began to look,
// most likely first. Pure; works on what `teach.look` answers.

import type { Bias } from '../gpio/kernel.ts';
import type { ContactView, LineView, PortView, Signal, TeachView } from './view.ts';

export type Found =
  | { readonly what: 'line'; readonly line: LineView; readonly signal: Signal }
  /** Both contacts of one button, each on a line. */
  | {
      readonly what: 'pair';
      readonly line: LineView;
      readonly other: LineView;
      readonly signal: Signal;
    }
  | {
      readonly what: 'contact';
      readonly port: PortView;
      readonly contact: ContactView;
      readonly signal: Signal;
    }
  /** A button box that is not configured speaks here; nobody has pressed yet. */
  | { readonly what: 'box'; readonly port: PortView; readonly signal: null };

/** What a hand does, milliseconds. What couples into a wire beside it is shorter. */
const handMs = { min: 40, max: 5000 };
/** The two contacts of a button follow each other within this. */
const pairWithinMs = 150;

/** Presses by contact at the first look: what was before is no answer to "press now". */
export type Baseline = ReadonlyMap<string, number>;

export const baselineOf = (view: TeachView): Baseline =>
  new Map(signalsOf(view).map(({ key, signal }) => [key, signal.presses]));

export function findIn(view: TeachView, baseline: Baseline): Found[] {
  const pressed = signalsOf(view).filter(
    ({ key, signal }) =>
      signal.press && !signal.isNoise && signal.presses > (baseline.get(key) ?? 0),
  );
  const found = paired(
    pressed.map((one) => one.found),
    view.bias,
  ).sort((a, b) => unlikeliness(a) - unlikeliness(b) || lastMs(b) - lastMs(a));
  const speaks = view.ports.filter(
    (port) =>
      port.state === 'watched' &&
      port.frames > 0 &&
      !found.some((one) => one.what === 'contact' && one.port === port),
  );
  return [...found, ...speaks.map((port): Found => ({ what: 'box', port, signal: null }))];
}

interface Candidate {
  readonly key: string;
  readonly signal: Signal;
  readonly found: Found;
}

function signalsOf({ lines, ports }: TeachView): Candidate[] {
  const onLines = lines.flatMap((line): Candidate[] => {
    const { chip, offset, signal } = line;
    return signal
      ? [{ key: `${chip}:${offset}`, signal, found: { what: 'line', line, signal } }]
      : [];
  });
  const onPorts = ports.flatMap((port) =>
    port.contacts.map((contact): Candidate => {
      const { on, name, signal } = contact;
      return {
        key: `${port.path}:${on}:${name}`,
        signal,
        found: { what: 'contact', port, contact, signal },
      };
    }),
  );
  return [...onLines, ...onPorts];
}

/** Two free lines that left rest and came back together, one up and one down, are one button; what a press
 * couples into the wire beside it is too short for that. */
function paired(found: readonly Found[], bias: Bias): Found[] {
  const free = found.filter(
    (one) => one.what === 'line' && one.line.state === 'watched' && unlikeliness(one) === 0,
  );
  if (free.length !== 2) return [...found];
  const [one, two] = free.map((each) => (each.what === 'line' ? each : null));
  if (!one || !two || !areTogether(one.signal, two.signal)) return [...found];
  // At rest the make contact is open: low with a pull-down, else high.
  const open = bias === 'pull-down' ? 0 : 1;
  const [make, other] = one.signal.rest === open ? [one, two] : [two, one];
  const pair: Found = { what: 'pair', line: make.line, other: other.line, signal: make.signal };
  return [pair, ...found.filter((each) => each !== one && each !== two)];
}

function areTogether(one: Signal, two: Signal): boolean {
  if (!one.press || !two.press || one.rest === two.rest || one.rest === null) return false;
  const near = (a: number, b: number) => Math.abs(a - b) <= pairWithinMs;
  return (
    near(one.press.atMs, two.press.atMs) &&
    near(one.press.atMs + one.press.ms, two.press.atMs + two.press.ms)
  );
}

function unlikeliness({ signal }: Found): number {
  const ms = signal?.press?.ms ?? 0;
  return ms >= handMs.min && ms <= handMs.max ? 0 : 1;
}

const lastMs = ({ signal }: Found): number => signal?.press?.atMs ?? 0;
