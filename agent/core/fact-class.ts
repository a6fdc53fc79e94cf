// What becomes of each kind of fact.

import type { FactKind } from './fact.ts';
import { lifecycleClass } from './lifecycle.ts';

/**
 * - `audit`: always kept in the hash chain.
 * - `change`: kept in the chain when it touched a case or told the platform something; a release,
 *   a bounce, a fault already known or a receipt for telemetry did neither.
 * - `state`: may change what must survive, is not worth a record.
 * - `live`: stepped, never recorded.
 */
export type FactClass = 'audit' | 'change' | 'state' | 'live';

export const factClass: { readonly [K in FactKind]: FactClass } = {
  'terminal.started': 'audit',
  'terminal.stopping': 'audit',
  'time.passed': 'change',
  'input.changed': 'change',
  'storage.failed': 'audit',
  'storage.recovered': 'audit',
  'record.unreadable': 'audit',
  'fault.raised': 'change',
  'fault.cleared': 'change',
  'uplink.online': 'live',
  'uplink.offline': 'live',
  'uplink.acked': 'state',
  'uplink.received': 'change',
  'command.received': 'audit',
  'command.malformed': 'audit',
  'commands.refused': 'audit',
  'presses.folded': 'audit',
  'session.answered': 'live',
  'session.gathered': 'live',
  'session.connected': 'live',
  'session.heard': 'live',
  'session.closed': 'live',
  'session.opened': 'audit',
  'session.ended': 'audit',
  'session.passed': 'audit',
  'drill.scored': 'audit',
  'dome.streams': 'live',
  'picture.cut': 'live',
  'dome.noticed': 'change',
  'dome.followed': 'change',
  'stick.moved': 'live',
  'stick.ended': 'audit',
  'evidence.written': 'audit',
  'evidence.stored': 'audit',
  'evidence.missing': 'audit',
  'evidence.purged': 'audit',
  'evidence.read': 'live',
  'evidence.sent': 'change',
  'export.asked': 'live',
  'export.begun': 'audit',
  'export.ended': 'audit',
  'record.signed': 'audit',
  'service.asked': 'audit',
  'patrol.asked': 'audit',
  'patrol.ended': 'audit',
  ...lifecycleClass,
  'update.offered': 'audit',
  'update.fetched': 'audit',
  'update.ended': 'change',
  'certificate.shown': 'change',
  'certificate.requested': 'change',
  'local.asked': 'audit',
  'job.done': 'change',
  'job.failed': 'change',
};
