// Wrong versions of discovery and probe.

import { type Wrong, wrong } from './wrong.ts';

const probe = 'test/dome/probe.test.ts';
const discover = 'test/dome/discover.test.ts';

export const wrongProbe: readonly Wrong[] = [
  wrong('a relay that has moved proves that a strobe hangs on it', probe, [
    'agent/dome/probe/probe.ts',
    "proofs.includes('picture') || (proofs.includes('read-back') && !isContact(recipe));",
    'proofs.length > 0;',
  ]),
  wrong('what was tried is left on', probe, [
    'agent/dome/probe/probe.ts',
    'const trouble = await this.#switchOff(recipe);',
    'const trouble = null;',
  ]),
  wrong('a password that one device has refused is shown to the next', discover, [
    'agent/dome/discover/discover.ts',
    'passwordRefused ||= known.admitted === false;',
    '',
  ]),
  wrong(
    'a device without an address is looked at as if it had one',
    'test/dome/discover-net.test.ts',
    ['agent/dome/discover/ws-discovery.ts', '.filter(isAddress)', ''],
  ),
];
