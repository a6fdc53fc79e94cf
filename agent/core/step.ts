// Routes each fact to its machine and decides nothing itself.

import { inputChanged, stuckDue } from './button.ts';
import { buttonTestsDue } from './button-test.ts';
import { certificateDue, certificateRequested, certificateShown } from './certificate.ts';
import { isTransient } from './command.ts';
import { acked, received, undeliveredDue } from './delivery.ts';
import { Draft } from './draft.ts';
import { settleDrill } from './drill.ts';
import { evidenceMissing, evidenceStored } from './evidence.ts';
import { exportAsked, exportEnded, exportsDue } from './export.ts';
import type { Fact, Now } from './fact.ts';
import { factClass } from './fact-class.ts';
import { clearFault, raiseFault } from './fault.ts';
import { fetchDue, fileSent, pieceRead } from './fetch.ts';
import { commandsDue, commandsEnd, isOneTooMany, isTooMany } from './flood.ts';
import { headDue } from './head.ts';
import { foldedDue, onlyFolded } from './incident.ts';
import { failInterrupted, jobEnded, jobsDue } from './job.ts';
import { lifecycleTold } from './lifecycle.ts';
import { localAsked } from './local.ts';
import type { Message, Notice, Reply } from './message.ts';
import { obey, refuseMalformed } from './obey.ts';
import { patrolAsked, patrolDue, patrolEnded, patrolGivesWay, patrolStarts } from './patrol.ts';
import { pictureCut } from './picture.ts';
import { recordUnreadable } from './record.ts';
import { Refused } from './refused.ts';
import { serviceAsked } from './service.ts';
import { markTalking, mediaTold, sessionsDue } from './session.ts';
import { followed, pictured } from './sighting.ts';
import { recordSigned } from './signed.ts';
import type { State } from './state.ts';
import { casesChanged, linkLost, moved, stickDue, stickEnds } from './stick.ts';
import { updateDue, updateEnded, updateFetched } from './update.ts';
import { heldDue, windowDue, windowVoid } from './windows.ts';

export interface Stepped {
  readonly state: State;
  /** Messages the platform must get: rows of the outbox. */
  readonly enqueue: readonly Message[];
  /** Ids of rows that are done. */
  readonly settle: readonly string[];
  /** Answers that are worthless when late. */
  readonly send: readonly Reply[];
  readonly notices: readonly Notice[];
  /** Facts that core adds to the hash chain by itself. */
  readonly record: readonly Fact[];
}

/** One fact, one decision. Pure and synchronous. */
export function step(state: State, fact: Fact, now: Now): Stepped {
  const draft = new Draft(state, now);
  route(draft, fact);
  if (draft.durable.incidents !== state.durable.incidents) casesChanged(draft, state.durable);
  patrolGivesWay(draft);
  settleDrill(draft);
  const { enqueue, settle, send, notices, record } = draft;
  return { state: draft.state, enqueue, settle, send, notices, record };
}

/** Whether a fact goes into the hash chain. How far a source has counted is a position, not an event:
 * of the class `change` only what touched a case or an answer, or was told, is kept. */
export function isRecord(fact: Fact, before: State, { state, enqueue }: Stepped): boolean {
  const { incidents, obeyed } = before.durable;
  const touched = state.durable.incidents !== incidents || state.durable.obeyed !== obeyed;
  switch (factClass[fact.kind]) {
    case 'audit':
      // What is in a session's command is live, and some of it is secret.
      if (fact.kind === 'command.received' && isTransient(fact.args.verb)) return false;
      return !isOneTooMany(before, state);
    case 'change':
      return enqueue.length > 0 || (touched && !onlyFolded(before, state));
    case 'state':
    case 'live':
      return false;
  }
}

function route(draft: Draft, fact: Fact): void {
  switch (fact.kind) {
    case 'terminal.started':
      failInterrupted(draft);
      markTalking(draft);
      foldedDue(draft, true);
      windowVoid(draft);
      patrolStarts(draft);
      return due(draft);
    case 'terminal.stopping':
      stickEnds(draft);
      return commandsEnd(draft);
    case 'time.passed':
      return due(draft);
    case 'input.changed':
      return inputChanged(draft, fact);
    case 'storage.failed':
      draft.patchLive({
        storageFailing: true,
        unstored: [...new Set([...draft.live.unstored, ...fact.unstored])],
      });
      return raiseFault(
        draft,
        'storage.failed',
        `the disk does not take records (${fact.reason}); alarms go out from memory. Replace it`,
      );
    case 'storage.recovered':
      draft.patchLive({ storageFailing: false });
      return clearFault(draft, 'storage.failed');
    case 'record.unreadable':
      return recordUnreadable(draft, fact);
    case 'fault.raised':
      return raiseFault(draft, fact.fault, fact.detail);
    case 'fault.cleared':
      return clearFault(draft, fact.fault);
    case 'uplink.online':
      return draft.patchLive({ online: true });
    case 'uplink.offline':
      draft.patchLive({ online: false });
      return linkLost(draft);
    case 'uplink.acked':
      return acked(draft, fact.ids);
    case 'uplink.received':
      return received(draft, fact.ids);
    case 'command.received':
      return isTooMany(draft, fact) ? undefined : obey(draft, fact);
    case 'command.malformed':
      return isTooMany(draft, fact) ? undefined : refuseMalformed(draft, fact);
    case 'commands.refused':
    case 'presses.folded':
    case 'session.opened':
    case 'session.ended':
    case 'session.passed':
    case 'drill.scored':
    case 'stick.ended':
    case 'evidence.written':
    case 'evidence.purged':
    case 'export.begun':
    case 'backup.made':
    case 'update.offered':
      return;
    case 'terminal.replaced':
    case 'terminal.retired':
      return lifecycleTold(draft, fact);
    case 'evidence.stored':
      return evidenceStored(draft, fact);
    case 'evidence.missing':
      return evidenceMissing(draft, fact);
    case 'session.answered':
    case 'session.gathered':
    case 'session.connected':
    case 'session.heard':
    case 'session.closed':
      return mediaTold(draft, fact);
    case 'dome.streams':
      return draft.patchLive({ streams: fact.streams });
    case 'picture.cut':
      return pictureCut(draft, fact.stream);
    case 'dome.noticed': {
      const { event, source, on } = fact;
      const picture = pictured(draft);
      return void draft.tell('event', { kind: 'dome.noticed', event, source, on, ...picture });
    }
    case 'dome.followed':
      return followed(draft);
    case 'stick.moved':
      return moved(draft, fact);
    case 'evidence.read':
      return pieceRead(draft, fact);
    case 'evidence.sent':
      return fileSent(draft, fact);
    case 'export.asked':
      return exportAsked(draft, fact);
    case 'export.ended':
      return exportEnded(draft, fact);
    case 'record.signed':
      return recordSigned(draft, fact);
    case 'service.asked':
      return serviceAsked(draft, fact);
    case 'patrol.asked':
      return patrolAsked(draft);
    case 'patrol.ended':
      return patrolEnded(draft, fact);
    case 'update.fetched':
      return updateFetched(draft, fact);
    case 'update.ended':
      return updateEnded(draft, fact);
    case 'certificate.shown':
      return certificateShown(draft, fact);
    case 'certificate.requested':
      return certificateRequested(draft, fact);
    case 'local.asked':
      return localAsked(draft, fact);
    case 'job.done':
      return jobEnded(draft, fact.id, fact.result ?? {});
    case 'job.failed': {
      const reason = fact.outOfRange ? 'out-of-range' : 'failed';
      return jobEnded(draft, fact.id, new Refused(reason, fact.reason));
    }
  }
}

function due(draft: Draft): void {
  heldDue(draft);
  windowDue(draft);
  foldedDue(draft, false);
  undeliveredDue(draft);
  stuckDue(draft);
  buttonTestsDue(draft);
  jobsDue(draft);
  sessionsDue(draft);
  stickDue(draft);
  fetchDue(draft);
  exportsDue(draft);
  updateDue(draft);
  commandsDue(draft);
  headDue(draft);
  patrolDue(draft);
  certificateDue(draft);
}
