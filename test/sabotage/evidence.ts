// Wrong versions of the export of a case and of its verifier.

import { type Wrong, wrong } from './wrong.ts';

const verify = 'test/evidence/verify.test.ts';

export const wrongEvidence: readonly Wrong[] = [
  wrong('verify looks at no fragment', verify, [
    'agent/evidence/verify/media.ts',
    'if (one?.sha256 === sha256 && one.bytes === bytes) continue;',
    'continue;',
  ]),
  wrong('verify believes any signature', verify, [
    'agent/evidence/manifest.ts',
    'return verify(null, Buffer.from(text), key, bytes);',
    'return true;',
  ]),
  wrong('a case is taken away without a record of who and why', 'test/core/export.test.ts', [
    'agent/core/export.ts',
    "draft.record.push({ kind: 'export.begun', ...begun });",
    '',
  ]),
  wrong('words of other cases leave with a bundle', verify, [
    'agent/evidence/segment.ts',
    '(own.has(row.seq) ? row : stubOf(row))',
    'row',
  ]),
  wrong('a bundle is made while an alarm is on its way', 'test/evidence/exporter.test.ts', [
    'agent/evidence/exporter.ts',
    'if (this.#target.isPaused)',
    'if (false)',
  ]),
];
