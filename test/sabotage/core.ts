// Wrong versions of what is decided: core and the loop.

import { storm, type Wrong, wrong } from './wrong.ts';

const button = 'agent/core/button.ts';
const delivery = 'agent/core/delivery.ts';
const incident = 'agent/core/incident.ts';
const obey = 'agent/core/obey.ts';
const dome = 'agent/core/dome.ts';
const terminal = 'agent/terminal.ts';

export const wrongDecisions: readonly Wrong[] = [
  wrong(
    'settled at the PUBACK',
    [storm],
    [delivery, "const isEnd = draft.live.setup.receipts === 'none';", 'const isEnd = true;'],
  ),
  wrong(
    'lamp one step ahead',
    [storm],
    [delivery, "if (incident.sent) return 'sent';", "if (incident.sent) return 'received';"],
  ),
  wrong(
    'a press that is not on disk called stored',
    [storm],
    [terminal, '[...live.unstored, ...unstored]', 'live.unstored'],
    ['agent/core/step.ts', '...fact.unstored])', '])'],
  ),
  wrong(
    'not delivered is never told',
    [storm],
    [delivery, 'age === null || age >= receiptWithinMs', 'age === null'],
  ),
  wrong(
    'an id made twice',
    [storm],
    ['agent/core/draft.ts', 'return n === 0 ?', 'return n >= 0 ?'],
  ),
  wrong(
    'the alarm told behind the fault that its press ends',
    [storm],
    [
      button,
      '  if (presses > 0) act(',
      '  tellWiring(draft, fact, role.name);\n  if (presses > 0) act(',
    ],
    [incident, 'incident: draft.nextId', 'incident: draft.now.id'],
  ),
  wrong(
    'a bare line held at the start ignored',
    [storm],
    [button, "before?.contact !== 'pressed'", "before?.contact === 'normal'"],
  ),
  wrong(
    'a button held when its box is seen first ignored',
    ['test/core/button.test.ts'],
    [button, 'if (!row.count) return heldNow;', 'if (!row.count) return 0;'],
  ),
  wrong(
    'presses that nobody heard not made up for',
    [storm],
    [
      button,
      'return goesOn ? fact.count.total - row.count.total :',
      'return goesOn ? Math.min(heldNow, fact.count.total - row.count.total) :',
    ],
  ),
  wrong(
    'the position of the count not stored with the incident',
    [storm],
    [button, 'if (count && (', 'if (count && !before && ('],
  ),
  wrong(
    'what folded is lost when the minute ends',
    [storm],
    [incident, 'if (window.folded > 0) {', 'if (window.folded > 1) {'],
  ),
  wrong(
    'a contact that chatters fills the database with records',
    ['test/scenario/chatter.test.ts'],
    ['agent/core/step.ts', '(touched && !onlyFolded(before, state))', 'touched'],
  ),
  wrong(
    'a second incident while the first is open',
    [storm],
    [incident, 'if (real) return repeated(', 'if (real && real.seen) return repeated('],
  ),
  wrong(
    'the local reset ends the case',
    [storm],
    [
      incident,
      "  draft.put('site', { ...draft.site, strobe: 'off', siren: 'off' });",
      "  for (const one of open) draft.put('incidents', { ...one, resolved: one.taken as never });",
    ],
  ),
  wrong(
    'strobe off holds over the next press',
    [storm],
    [incident, "if (lights && (site.strobe !== 'auto'", "if (lights && (site.strobe === 'on'"],
    [incident, "|| site.siren !== 'auto'))", "|| site.siren === 'on'))"],
  ),
  wrong(
    "a command's lifetime ignored",
    [storm],
    [obey, 'if (ageMs > lifetimeMs)', 'if (ageMs > 10 * lifetimeMs)'],
  ),
  wrong('a retained command obeyed', [storm], [obey, 'if (command.retained)', 'if (false)']),
  wrong(
    'a command of an earlier boot obeyed',
    [storm],
    [obey, 'if (bootId !== now.bootId)', 'if (bootId === "")'],
  ),
  wrong(
    'the table of roles ignored',
    [storm],
    [obey, '!live.setup.rights[role].includes(args.verb) ||', 'false ||'],
  ),
  wrong(
    'the answer not stored with the effect',
    [storm],
    [obey, "  draft.put('obeyed', { id: key, at: draft.at, answer });", ''],
  ),
  wrong(
    'a resolved case keeps the light on',
    [storm],
    [dome, 'const loud = open.filter(', 'const loud = Object.values(durable.incidents).filter('],
  ),
  wrong(
    'the quietest of several decides about the siren',
    [storm],
    [dome, 'wants.some((one) => rulesOf(one)[what])', 'wants.every((one) => rulesOf(one)[what])'],
  ),
  wrong(
    'driven to want before the commit',
    ['test/scenario/press.test.ts'],
    [
      terminal,
      '    this.#commit(before, all, settle);',
      '    this.#want();\n    this.#commit(before, all, settle);',
    ],
  ),
  wrong(
    'the deadline from a second look at the clock',
    ['test/scenario/crash.test.ts'],
    [terminal, '    this.#wakeAtMs = wakeAtMs;', '    this.#wakeAtMs = this.wanted.wakeAtMs;'],
  ),
  wrong(
    'a storage failure that silences the alarm (rule 2)',
    [storm],
    [
      terminal,
      'if (committed.rows.length > 0) this',
      'if (committed.rows.length > 0 && committed.durable) this',
    ],
  ),
  wrong('an id from outside looked up as a key of every object', 'test/fuzz/fuzz.test.ts', [
    'agent/core/state.ts',
    'Object.hasOwn(table, id) ? table[id] : undefined',
    'table[id]',
  ]),
  wrong('an unreadable incident counts as none', 'test/core/record.test.ts', [
    'agent/core/record.ts',
    "if (table !== 'incidents') {",
    "if (table !== 'none') {",
  ]),
  wrong('commands without a bound', 'test/core/flood.test.ts', [
    'agent/core/flood.ts',
    'if (ofRole < limit.role && ofUser',
    'if (ofRole >= 0 || ofUser',
  ]),
];
