// Wrong versions of the dome's driver: its events, what it reads back, its siren.

import { type Wrong, wrong } from './wrong.ts';

const actuator = 'agent/dome/actuator.ts';
const arrival = 'agent/dome/arrival.ts';
const pullPoint = 'agent/dome/pull-point.ts';
const relays = 'agent/dome/relays.ts';
const heard = 'test/contract/dome-quirks-events.test.ts';
const readBack = 'test/dome/read-back.test.ts';
const login = 'test/contract/dome-quirks-login.test.ts';
const turned = 'test/contract/dome-quirks-turn.test.ts';

export const wrongDome: readonly Wrong[] = [
  wrong('a subscription that is gone is pulled for ever', heard, [
    pullPoint,
    'if (!signal.aborted) await this.#failed(failure);',
    'this.#closed = true;',
  ]),
  wrong('reference parameters of a subscription are not echoed', heard, [
    'agent/dome/soap.ts',
    "this.#echoed.get(operation.service) ?? ''",
    "''",
  ]),
  wrong('a dome without a slot for us is deaf, and nobody is told', heard, [
    pullPoint,
    'nowMs - this.#deafSinceMs >= deafMs || isRefused',
    'isRefused',
  ]),
  wrong('of several events in one message the first is read', heard, [
    'agent/dome/event-operations.ts',
    "const messages = all(one, 'Message').flatMap((outer) => {",
    "const messages = all(one, 'Message').slice(0, 1).flatMap((outer) => {",
  ]),
  wrong('a siren that stops by itself is not said again', 'test/dome/alarm.test.ts', [
    actuator,
    'recipe.repeatEveryS * 1000);',
    'recipe.repeatEveryS * 1e6);',
  ]),
  wrong('a dome that says yes and does not turn is believed', readBack, [
    arrival,
    "return apart(now, at) <= there ? 'arrived' : 'unmoved';",
    "return apart(now, at) <= there ? 'arrived' : 'unknown';",
  ]),
  wrong('a dome that tells late where it looks is called a liar', readBack, [
    arrival,
    'Math.max(unmovedMs, timesSlowest * this.#slowestMs)',
    'unmovedMs',
  ]),
  wrong('a preset that was saved anew makes its dome a liar', readBack, [
    arrival,
    'const now = spotOf(await this.#parts.place(preset, true));',
    'const now = spotOf(await this.#parts.place(preset, false));',
  ]),
  wrong(
    'a normally closed relay makes its dome a liar',
    'test/contract/dome-quirks-switch.test.ts',
    [relays, "told.state !== (idle === 'closed')", 'told.state'],
  ),
  wrong('a filter that was set and is not is believed', readBack, [
    'agent/dome/perform.ts',
    'if (state === to || state === null) return state !== null;',
    'return true;',
  ]),
  wrong('a dome that was crowded is never asked again', login, [
    'agent/dome/link.ts',
    'if (!this.#everUp) return;\n    const [firstMs',
    'if (!this.#everUp || this.#refusals > 0) return;\n    const [firstMs',
  ]),
  wrong('a dome that tells how it was is called a run-away', turned, [
    'agent/dome/whereabouts.ts',
    'if (lateMs > least && lateMs < most) return null;',
    '',
  ]),
  wrong('a Stop that a dome does not heed is all that it is told', turned, [
    'agent/dome/steer.ts',
    'await this.#parts.stop(tries % 2 === 1);',
    'await this.#parts.stop(false);',
  ]),
];
