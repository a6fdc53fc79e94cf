// The daemon, as provisioning meets it: is an incident open, restart it, wait until it is armed with what was
// just written. Asked over control.sock only.

import { ControlFailed } from '../control.ts';
import type { Clock } from '../ports.ts';
import { exitOf, type StatusReport, statusExit, statusReport } from '../status.ts';
import { codes, Trouble, type Words } from './words.ts';

export type Ask = (verb: string, args?: { readonly [name: string]: unknown }) => Promise<unknown>;

export interface DaemonPort {
  readonly ask: Ask;
  /** null: nobody here knows how; a person starts it. */
  readonly restart: (() => Promise<void>) | null;
  readonly clock: Clock;
}

const armedWithinMs = 90_000;
const onlineWithinMs = 15_000;
const lookEveryMs = 250;
/** Whole seconds are told of its age. */
const agedMs = 1500;

/** null: no daemon runs. Throws a `Trouble` where it cannot be asked. */
export async function statusOf(ask: Ask): Promise<StatusReport | null> {
  try {
    return statusIn(await ask('status'));
  } catch (error) {
    if (!(error instanceof ControlFailed)) throw error;
    if (error.reason === 'not-running') return null;
    if (error.reason === 'no-access') throw new Trouble(codes.noAccess, noAccess, error);
    throw new Trouble(
      codes.unavailable,
      [
        `The daemon does not answer (${error.message}): systemctl restart gate-agent, then again.`,
        `守护进程无应答(${error.message}):请执行 systemctl restart gate-agent 后重试。`,
      ],
      error,
    );
  }
}

function statusIn(answer: unknown): StatusReport {
  const { data } = statusReport.safeParse(answer);
  if (!data) throw new ControlFailed('no-answer', 'it answers in a form that is not known here');
  return data;
}

/** A change of configuration waits for the end of the incident. Throws a `Trouble`. */
export async function refuseDuringIncident(ask: Ask): Promise<void> {
  const status = await statusOf(ask);
  if (status && exitOf(status) === statusExit.incident)
    throw new Trouble(codes.later, incidentOpen);
}

/** How it is once it is armed as `terminal`, and where it can be, online. Throws a `Trouble` where it is
 * not armed in time, or goes by its copy of an older configuration. */
export async function restartArmed(port: DaemonPort, terminal: string): Promise<StatusReport> {
  const { clock } = port;
  const beganMs = clock.now().wallMs;
  await port.restart?.();
  const isNew = ({ uptimeS }: StatusReport) =>
    clock.now().wallMs - uptimeS * 1000 >= beganMs - agedMs;
  const isThere = (status: StatusReport) =>
    isNew(status) && status.armed && (refusedBy(status) !== null || status.terminal === terminal);
  const status = await waitFor(port, isThere, armedWithinMs);
  const detail = status && refusedBy(status);
  if (status && detail === null) {
    const isOnline = (one: StatusReport) => one.online;
    return (await waitFor(port, isOnline, onlineWithinMs)) ?? status;
  }
  const why = detail ?? `it was not armed within ${armedWithinMs / 1000} s`;
  throw new Trouble(codes.unavailable, [
    `The daemon did not take the configuration: ${why}`,
    `守护进程未采用该配置:${detail ?? `${armedWithinMs / 1000} 秒内未布防`}`,
  ]);
}

const refusedBy = ({ faults }: StatusReport): string | null =>
  faults.find(({ fault }) => fault === 'config.refused')?.detail ?? null;

async function waitFor(
  { ask, clock }: DaemonPort,
  isSo: (status: StatusReport) => boolean,
  withinMs: number,
): Promise<StatusReport | null> {
  const endMs = clock.now().monoMs + withinMs;
  for (;;) {
    const status = await lookAt(ask);
    if (status && isSo(status)) return status;
    if (clock.now().monoMs >= endMs) return null;
    await new Promise<void>((done) => clock.after(lookEveryMs, done));
  }
}

/** While it restarts it may be deaf, or gone in the middle of an answer. */
async function lookAt(ask: Ask): Promise<StatusReport | null> {
  try {
    return statusIn(await ask('status'));
  } catch (error) {
    if (error instanceof ControlFailed) return null;
    throw error;
  }
}

const noAccess: Words = [
  'This user may not ask the daemon: run it with sudo.',
  '当前用户无权访问守护进程:请用 sudo 运行。',
];
const incidentOpen: Words = [
  'An incident is open: the configuration is not changed before the dispatcher has resolved it.',
  '有未解除的警情:解除之前不能更改配置。',
];
