// Wrong versions of discovery and probe.

import { type Wrong, wrong } from './wrong.ts';

const probe = 'test/dome/probe.test.ts';
const parts = 'test/dome/probe-parts.test.ts';
const drive = 'test/dome/probe-drive.test.ts';
const cli = 'test/dome/cli.test.ts';
const discover = 'test/dome/discover.test.ts';

export const wrongProbe: readonly Wrong[] = [
  wrong('a relay that has moved proves that a strobe hangs on it', probe, [
    'agent/dome/probe/bench.ts',
    "proofs.includes('picture') || (proofs.includes('read-back') && !isContact(recipe));",
    'proofs.length > 0;',
  ]),
  wrong('what was tried is left on', probe, [
    'agent/dome/probe/bench.ts',
    'const trouble = await this.#switchOff(recipe);',
    'const trouble = null;',
  ]),
  wrong('a relay that is closed at rest is taken for an open one', parts, [
    'agent/dome/probe/candidates.ts',
    "idle === 'closed'",
    'false',
  ]),
  wrong('a preset is taken though it was not reached', drive, [
    'agent/dome/person.ts',
    'looks: async (_, __, arrived) => arrived !== false,',
    'looks: async () => true,',
  ]),
  wrong('a relay that was of no use is left as it was tried', probe, [
    'agent/dome/probe/bench.ts',
    "if (!found && candidate.kind === 'relay') await this.#putBack(candidate.token);",
    '',
  ]),
  wrong('a certificate is trusted whatever fingerprint was given', cli, [
    'agent/dome/probe-command.ts',
    'isSameFingerprint(trust, certificate.fingerprint)',
    'true',
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
