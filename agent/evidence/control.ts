// What control.sock answers of exports: asks for one, tells how it stands, gives its bytes. Who may use the
// socket may take a case away; the chain has it, with the name they gave and why.

import * as z from 'zod';
import { exportLimits, whyNoExport } from '../core/export.ts';
import type { Fact } from '../core/fact.ts';
import type { State } from '../core/state.ts';
import { Refusal } from '../refusal.ts';
import type { Standing } from './exporter.ts';

/** Of a piece; twice as much as text, and the daemon's loop is held for a millisecond. */
export const pieceBytesMax = 96 * 1024;

export interface ExportDesk {
  readonly terminal: {
    readonly state: State;
    emit(fact: Fact, stepped?: () => void): void;
  };
  readonly exporter: {
    look(id: string): Standing | null;
    read(id: string, from: number, bytes: number): Promise<Buffer | null>;
  };
  readonly ids: { next(): string };
}

const asked = z.strictObject({
  incident: z.string().min(1).max(128),
  reason: z
    .string()
    .min(1)
    .max(exportLimits.reasonChars)
    .refine((text) => text.trim() !== '' && text.isWellFormed()),
  user: z.string().min(1).max(64).default('?'),
});
const named = z.strictObject({ export: z.string().min(1).max(64) });
const piece = named.extend({ from: z.number().int().nonnegative() });

/** Null: the terminal is not armed. */
export function exportVerbs(desk: ExportDesk | null) {
  const armed = (): ExportDesk =>
    desk ?? refuse('terminal', null, 'it is not armed: there is no case here');
  return {
    export: (args: unknown) => begin(armed(), parsed(asked, args)),
    'export.look': (args: unknown) => {
      const { export: id } = parsed(named, args);
      return (
        armed().exporter.look(id) ?? refuse('export', id, 'not asked for since the daemon started')
      );
    },
    'export.read': async (args: unknown) => {
      const { export: id, from } = parsed(piece, args);
      const bytes = await armed().exporter.read(id, from, pieceBytesMax);
      if (!bytes) refuse('export', id, 'not made, or not any more');
      return { data: bytes.toString('base64') };
    },
  } as const;
}

async function begin({ terminal, ids }: ExportDesk, who: z.infer<typeof asked>) {
  const id = ids.next();
  const no = whyNoExport(terminal.state, who.incident);
  if (no) refuse('incident', who.incident, no.detail);
  await new Promise<void>((stepped) =>
    terminal.emit({ kind: 'export.asked', export: id, role: 'local', ...who }, stepped),
  );
  const begun = terminal.state.live.exports.find((one) => one.export === id);
  // Another one came in between.
  if (!begun) refuse('incident', who.incident, 'it is being exported; ask again when that is done');
  return { export: id, file: begun.file };
}

function parsed<T>(shape: z.ZodType<T>, args: unknown): T {
  const read = shape.safeParse(args);
  if (read.success) return read.data;
  const fields = read.error.issues.map(({ path, message }) => ({
    ...{ field: path.join('.') || '(args)', value: null, hint: message },
  }));
  throw new Refusal(fields, 'export');
}

function refuse(field: string, value: unknown, hint: string): never {
  throw new Refusal([{ field, value, hint }], 'export');
}
