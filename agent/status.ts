// What `status` on control.sock answers: shape for the daemon, the panel and the command line. How it is
// worded for people: status-text.ts.

import * as z from 'zod';
import { machine } from './contract/machine.ts';
import { sessionKinds } from './core/command.ts';
import { marks } from './core/mark.ts';
import { kinds } from './core/state.ts';
import { ladder } from './core/target.ts';
import { updateStatus } from './update/status.ts';

export const lampWord = z.enum(['ready', 'unstored', ...ladder, 'undelivered']);
const unixMs = z.number().nonnegative();
const count = z.number().int().nonnegative();
/** null: it is real. */
const mark = z.enum(marks).nullable();

/** Plain values only; parts that an unarmed terminal has not got are null. */
export const statusReport = z.object({
  version: z.string(),
  uptimeS: z.number().nonnegative(),
  terminal: z.string().nullable(),
  /** False: no configuration, control.sock alone. */
  armed: z.boolean(),
  online: z.boolean(),
  /** Address of the broker in use, first or second; while offline of the one that is tried. */
  broker: z.string().nullable(),
  /** Ids of the button boxes; how they are is told by the faults `box.{id}.*`. */
  boxes: z.array(z.string()).optional(),
  /** Likewise serial ports with contacts, `modem.{id}.*`, and lines with modules, `modbus.{id}.*`. */
  modems: z.array(z.string()).optional(),
  modbus: z.array(z.string()).optional(),
  /** Lines of this machine; absent where none is configured. */
  gpio: z
    .object({
      /** null: there is no way to any line. */
      driver: z.enum(['chardev', 'sysfs']).nullable(),
      lines: z.array(
        z.object({
          /** Id of the input, or `lamp-red`, `buzzer`, `strobe`. */
          id: z.string(),
          /** null while the line cannot be had. */
          where: z.string().nullable(),
          /** polled: its chip has no interrupts, so the level is asked for every few milliseconds. */
          mode: z.enum(['edge', 'polled', 'output']),
          level: z.union([z.literal(0), z.literal(1)]).nullable(),
          edges: count,
          /** Edges that the kernel dropped or never told. */
          lost: count,
        }),
      ),
    })
    .optional(),
  /** Calls and viewers; absent where the configuration has neither. How the processes are is told by the
   * faults `talk.*`, `live.*` and `sound.*`. */
  sessions: z
    .array(
      z.object({
        id: z.string(),
        kind: z.enum(sessionKinds),
        role: z.string(),
        user: z.string(),
        connected: z.boolean(),
        /** Heard in the gate room. */
        speaks: z.boolean(),
      }),
    )
    .optional(),
  /** Silent ones, too: who shows this where a stranger can look must leave them out. */
  incidents: z.array(
    z.object({
      id: z.string(),
      input: z.string(),
      kind: z.enum(kinds),
      step: lampWord,
      presses: z.number().int().positive(),
      mark,
      raisedWallMs: unixMs,
    }),
  ),
  faults: z.array(z.object({ fault: z.string(), detail: z.string(), sinceWallMs: unixMs })),
  store: z
    .object({
      outboxRows: count,
      transactions: count,
      chainSeq: count,
      chainHash: z.string(),
      /** Turns that are waiting for the disk. */
      behind: count,
    })
    .nullable(),
  lamp: z
    .object({
      word: lampWord,
      silent: lampWord.nullable(),
      fault: z.boolean(),
      linkDown: z.boolean(),
      mark,
    })
    .nullable(),
  /** A release that is being fetched, and what became of the last one; absent: nothing of both. */
  update: updateStatus.optional(),
  /** Presses are marked now. */
  window: z
    .object({ mark: z.enum(marks), untilWallMs: unixMs, role: z.string(), user: z.string() })
    .nullable(),
  /** The daily patrol; absent: none by itself. */
  patrol: z
    .object({
      dueWallMs: unixMs,
      running: z.boolean(),
      /** Null: before the first. */
      last: z
        .object({
          wallMs: unixMs,
          parts: z.array(z.object({ part: z.string(), ok: z.boolean(), detail: z.string() })),
        })
        .nullable(),
    })
    .optional(),
  /** What the dome should show; null where there is none. */
  dome: z
    .object({
      strobe: z.boolean(),
      siren: z.boolean(),
      /** null: it was turned by hand. */
      preset: z.enum(['alarm', 'guard']).nullable(),
    })
    .nullable(),
  /** The PC; absent while unarmed. */
  machine: machine.optional(),
});
export type StatusReport = z.infer<typeof statusReport>;

/** Exit codes of `gate-agent status`; the first that applies. */
export const statusExit = { incident: 2, unarmed: 3, fault: 1, ready: 0 } as const;

export function exitOf(report: StatusReport): number {
  if (report.incidents.some(({ step }) => step !== 'resolved')) return statusExit.incident;
  if (!report.armed) return statusExit.unarmed;
  return report.faults.length > 0 || !report.online ? statusExit.fault : statusExit.ready;
}

const faultsShown = 5;

/** The report in one line, for `systemctl status`. Whoever stands at the machine may read that, so a
 * silent alarm leaves no trace in it. */
export function statusLine(report: StatusReport): string {
  if (!report.armed) return 'unarmed: no configuration';
  const open = report.incidents.filter(({ kind }) => kind !== 'silent').map(({ step }) => step);
  const faults = report.faults.map(({ fault }) => fault);
  const more = faults.length > faultsShown ? ` and ${faults.length - faultsShown} more` : '';
  const parts = ['armed', report.online ? 'link up' : 'link down'];
  if (report.window) parts.push(report.window.mark);
  if (open.length > 0) parts.push(`incidents: ${open.join(', ')}`);
  if (faults.length > 0) parts.push(`faults: ${faults.slice(0, faultsShown).join(', ')}${more}`);
  return parts.join('; ');
}
