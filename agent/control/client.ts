// The other end of control.sock, for command line, panel and update helper: one question, one
// answer.

import { connect } from 'node:net';
import type { Clock } from '../ports.ts';
import { answer, type ControlReason, controlLimits } from './wire.ts';

/** `not-running`: nobody answers on the path. `no-access`: this user may not ask. `no-answer`: in
 * time, or none that could be read. */
export class ControlFailed extends Error {
  readonly reason: ControlReason | 'not-running' | 'no-access' | 'no-answer';

  constructor(reason: ControlFailed['reason'], detail: string, cause?: unknown) {
    super(detail, { cause });
    this.name = 'ControlFailed';
    this.reason = reason;
  }
}

export interface Question {
  readonly path: string;
  readonly verb: string;
  readonly args?: { readonly [name: string]: unknown };
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Asks once. Throws a `ControlFailed`. */
export async function askControl(question: Question): Promise<unknown> {
  const { verb, args = {} } = question;
  const line = await exchange(question, `${JSON.stringify({ id: '1', verb, args })}\n`);
  const parsed = answer.safeParse(jsonOf(line));
  if (!parsed.success) throw new ControlFailed('no-answer', 'the answer could not be read');
  if (!parsed.data.ok) {
    const { reason, detail } = parsed.data.error;
    throw new ControlFailed(reason, detail);
  }
  return parsed.data.result;
}

function exchange({ path, timeoutMs, clock }: Question, line: string): Promise<string> {
  return new Promise((done, fail) => {
    const socket = connect(path);
    const cancel = clock.after(timeoutMs, () =>
      socket.destroy(new ControlFailed('no-answer', `no answer in ${timeoutMs} ms`)),
    );
    let text = '';
    socket.setEncoding('utf8');
    socket.once('connect', () => socket.write(line));
    socket.on('data', (chunk) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) done(text.slice(0, end));
      if (end >= 0 || text.length > controlLimits.answerBytesMax) socket.destroy();
    });
    socket.once('end', () => socket.destroy());
    socket.once('error', (error) => fail(whyNot(error, path)));
    socket.once('close', () => {
      cancel();
      // Of no effect where an answer or an error came first.
      fail(new ControlFailed('no-answer', 'the daemon closed the connection'));
    });
  });
}

function whyNot(error: Error, path: string): ControlFailed {
  if (error instanceof ControlFailed) return error;
  const code = 'code' in error ? error.code : '';
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return new ControlFailed('not-running', `nobody answers on ${path}`, error);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new ControlFailed('no-access', `this user may not use ${path}`, error);
  }
  return new ControlFailed('no-answer', error.message, error);
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
