// Rows of the outbox that the contract allows, and the terminal they come from.

import type { AlarmMessage, EventMessage, Identity } from '#agent/contract.ts';
import type { Lane } from '#agent/core/message.ts';
import type { TerminalStatus } from '#agent/core/target.ts';
import type { OutboxRow } from '#agent/ports.ts';

export const terminal = 'gate-1';
export const identity: Identity = {
  divisionCode: '330782',
  jurisdiction: 'Yiwu',
  school: 'School No. 1',
  address: '1 School Road',
  position: null,
  gate: 'east',
  gateRoomPhone: '0579-1',
  contacts: [],
};
export const evidence = { alg: 'ed25519', keyId: 'k1', publicKey: 'cHVi' } as const;
export const status: TerminalStatus = {
  ...{ version: '1.0.0', incidents: [], faults: [] },
  ...{ stick: null, callers: [], window: null },
  lights: { strobe: 'auto', siren: 'auto' },
};

/** A row with the id `{lane}-{seq}`. */
export function row(lane: Lane, seq: number, note = ''): OutboxRow {
  const id = `${lane}-${seq}`;
  const at = { bootId: 'b', seq, monoMs: seq, wallMs: 1_795_000_000_000, clock: 'good' } as const;
  const envelope = { v: 1, id, terminal, ...at } as const;
  const sig = { alg: 'ed25519', keyId: 'k1', sig: 'c2ln' } as const;
  const chain = { seq, hash: '0'.repeat(64), ...sig };
  const alarm: AlarmMessage = {
    ...{ ...envelope, identity, chain, kind: 'alarm.raised', incident: id },
    ...{ input: 'desk', inputName: `Desk ${note}`, alarm: 'emergency', edge: 'live' },
    mark: null,
  };
  const event: EventMessage = { ...envelope, kind: 'fault.raised', fault: 'x.y', detail: note };
  return { id, seq, lane, payload: JSON.stringify(lane === 'alarm' ? alarm : event) };
}

export const rowsOf = (lane: Lane, from: number, count: number): OutboxRow[] =>
  Array.from({ length: count }, (_, n) => row(lane, from + n));

export const idOf = (payload: string): string | undefined => JSON.parse(payload).id;
