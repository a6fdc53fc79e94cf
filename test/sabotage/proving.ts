// Wrong versions of what proves that the terminal works: patrol, acceptance, signed records.

import { type Wrong, wrong } from './wrong.ts';

const patrolled = 'test/core/patrol.test.ts';
const patrol = 'agent/core/patrol.ts';
const desk = 'agent/install/accept/desk.ts';
const accepted = 'test/install/accept-desk.test.ts';

export const wrongProving: readonly Wrong[] = [
  wrong('a patrol beside an alarm', patrolled, [
    patrol,
    'openIncidents(durable).length > 0 ||',
    '',
  ]),
  wrong('a patrol goes by a clock that nobody has set', patrolled, [
    patrol,
    "now.clock === 'good' ?",
    'now.clock ?',
  ]),
  wrong('a clock set back brings a second patrol the same night', patrolled, [
    patrol,
    'nextDue(live, rules, now, patrolLimits.apartMs)',
    'nextDue(live, rules, now, 0)',
  ]),
  wrong('the installer ends an alarm that is real', 'test/core/service.test.ts', [
    'agent/core/service.ts',
    "incident?.mark !== 'service' || incident.resolved",
    '!incident || incident.resolved',
  ]),
  wrong('a simulated press outside service mode', accepted, [
    desk,
    "asked.what !== 'resolve' && endMs",
    "asked.what === 'range' && endMs",
  ]),
  wrong('a simulated press in a drill of somebody else', accepted, [
    desk,
    "window?.mark === 'service' && window.role === localRole ? window : null",
    'window',
  ]),
  wrong('a record is believed whatever its bytes', 'test/records/record.test.ts', [
    'agent/records/record.ts',
    'if (sha256Of(record) !== record.sha256)',
    'if (record.sha256 === "")',
  ]),
  wrong('any sound is taken for the tone', 'test/media/sweep.test.ts', [
    'agent/media/sound/sweep.ts',
    'most >= heardMin && most >= standsOut * usual',
    'power > 0',
  ]),
];
