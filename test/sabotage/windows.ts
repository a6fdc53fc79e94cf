// Wrong versions of drill and service mode: each would take the meaning out of a guard's press.

import { storm, type Wrong, wrong } from './wrong.ts';

const windows = 'agent/core/windows.ts';
const incident = 'agent/core/incident.ts';
const scenario = 'test/scenario/drill.test.ts';

export const wrongWindows: readonly Wrong[] = [
  wrong(
    'a window survives a restart',
    [storm],
    [
      windows,
      "export const windowVoid = (draft: Draft): void => end(draft, 'restart');",
      'export const windowVoid = (draft: Draft): void =>\n' +
        '  draft.patchLive({ window: draft.site.window ?? null });',
    ],
  ),
  wrong(
    'a window has no end',
    [storm],
    [windows, 'window && monoMs < endMs(window) ? window : null', 'window'],
  ),
  wrong(
    'a window goes on beside a real case',
    [storm],
    [incident, '  else noWindow(draft, press.kind);\n', ''],
  ),
  wrong(
    'a window is opened beside an open case',
    [storm],
    [windows, '  if (open.length > 0)\n', '  if (open.length > 99)\n'],
  ),
  wrong(
    'a press from before the window is marked in it',
    [storm],
    [windows, '!window || earliestMs === null', '!window'],
    [windows, 'earliestMs === undefined || earliestMs >= window.since.monoMs ?', 'true ?'],
  ),
  wrong(
    'the mark is lost on the wire',
    [scenario],
    [
      'agent/contract.ts',
      'return { ...common, ...body, identity: who, chain: head };',
      'return { ...common, ...body, ...{ mark: null }, identity: who, chain: head };',
    ],
  ),
  wrong(
    'a real press is told as a drill',
    [storm],
    [
      incident,
      'const told = { incident: id, role, user, reason, note, mark };',
      'const told = { incident: id, role, user, reason, note, mark };\n' +
        "  draft.put('incidents', { ...incident, mark: 'drill' });",
    ],
  ),
  wrong(
    'the hold is not seen',
    [scenario],
    [windows, "return input?.contact === 'pressed' ?", "return input?.contact === 'tamper' ?"],
  ),
  wrong(
    'a hold while the loop stood still is not seen',
    ['test/core/made-real.test.ts'],
    [windows, 'const heldMs = [edgeMs - before.edgeMs,', 'const heldMs = ['],
  ),
  wrong(
    'presses from before the drill make it real',
    ['test/core/made-real.test.ts'],
    [windows, 'monoMs >= raised.monoMs', 'monoMs >= 0'],
  ),
  wrong(
    'three presses are one drill',
    ['test/core/made-real.test.ts'],
    [windows, "    makeReal(draft, incident, 'pressed-thrice');", '    return;'],
  ),
  wrong(
    'three presses of three buttons make one real',
    ['test/core/made-real.test.ts'],
    [
      windows,
      'rowOf(draft.live.inputs, input)?.pressed ?? []',
      'Object.values(draft.live.inputs).flatMap(({ pressed: each }) => each)',
    ],
  ),
  wrong(
    'the receipt for the drill calls the real alarm received',
    [storm],
    [windows, 'unreadable?.message ?? made?.message ?? id', 'unreadable?.message ?? id'],
  ),
  wrong(
    'the ten seconds go on from the drill',
    ['test/core/made-real.test.ts'],
    [windows, 'made?.at ?? raised;', 'raised ?? made;'],
  ),
  wrong(
    'what is real is resolved as a drill',
    ['test/core/made-real.test.ts'],
    [
      'agent/core/obey.ts',
      "args.as !== undefined && args.as !== 'real'",
      "args.as !== undefined && args.as === 'service'",
    ],
  ),
  wrong(
    'after the window a press is told as a repetition of the drill',
    ['test/core/windows.test.ts'],
    [incident, 'const marked = mark ? own[0] : undefined;', 'const marked = own[0];'],
  ),
  wrong(
    'the siren sounds in a drill',
    [scenario],
    ['agent/core/kinds.ts', 'return { ...rules, siren: false };', 'return rules;'],
  ),
  wrong(
    'a drill hides a real case on the lamp',
    [storm],
    ['agent/core/wanted.ts', 'return real.length > 0 ? real : open;', 'return open;'],
  ),
];
