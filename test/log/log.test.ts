// What the log shows, what it must never show, and how much of it there may be.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig, Secret } from '#agent/config.ts';
import { RateLimit, rateLimits } from '#agent/log/rate.ts';
import { createLog } from '#agent/log.ts';
import { Refusal } from '#agent/refusal.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { within } from '#test/support/wait.ts';
import { brokerPassword, domePassword, makeSite } from '../config/support.ts';

function recordedLog(level: 'debug' | 'info' = 'info') {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const sink = { write: (line: string) => void lines.push(line), flush: () => undefined };
  const log = createLog({ level, clock, sink });
  const said = () => lines.map((line): { [key: string]: unknown } => JSON.parse(line));
  return { clock, lines, log, said };
}

describe('a line', () => {
  it('is one JSON object with level, time, fields and message', () => {
    const { log, said, lines } = recordedLog();
    log.info({ terminal: 'hz-0012' }, 'armed\nforged: line');
    log.debug('not at this level');
    expect(said()).toEqual([
      {
        level: 'info',
        time: '2026-11-21T08:00:00.000Z',
        terminal: 'hz-0012',
        msg: 'armed\nforged: line',
      },
    ]);
    expect(lines[0]?.trimEnd()).not.toContain('\n');
  });

  it('carries an error with its stack', () => {
    const { log, said } = recordedLog();
    log.error({ error: new Refusal([{ field: 'a.b', value: 1, hint: 'two' }]) }, 'refused');
    expect(said()[0]?.error).toMatchObject({ type: 'Refusal', fields: [{ field: 'a.b' }] });
  });
});

describe('secrets', () => {
  it('show nowhere in a configuration, however it is printed', () => {
    const config = loadConfig(makeSite().request);
    expect(config.dome?.password?.reveal()).toBe(domePassword);
    const { log, lines } = recordedLog();
    log.info({ config }, 'loaded');
    const secret = config.broker.password;
    const shown = [
      JSON.stringify(config),
      inspect(config, { depth: 9, showHidden: true }),
      `${secret} ${String(secret)}`,
      lines.join(''),
    ].join('\n');
    for (const text of [brokerPassword, domePassword, 'staple']) expect(shown).not.toContain(text);
    expect(shown).toContain('[secret]');
  });

  it('are masked by the name of their field', () => {
    const { log, said } = recordedLog();
    log.info({ password: 'a1', dome: { key: 'a2', headers: { authorization: 'a3' } } }, 'x');
    expect(said()[0]).toMatchObject({
      password: '[secret]',
      dome: { key: '[secret]', headers: { authorization: '[secret]' } },
    });
  });

  it('are masked wherever they turn up, once the log knows them', () => {
    const { log, lines } = recordedLog();
    log.hide([new Secret(domePassword), null, new Secret('ab')]);
    log.warn(
      { where: `http://u:${domePassword}@dome/`, error: new Error(domePassword) },
      domePassword,
    );
    expect(lines[0]).not.toContain('staple');
    expect(lines[0]).toContain('http://u:[secret]@dome/');
  });
});

describe('the rate', () => {
  it('ten of a line a minute; the rest is counted and told when the minute ends', () => {
    const { clock, log, said } = recordedLog();
    for (let n = 0; n < 35; n += 1) log.warn({ fault: 'dome.lost' }, 'fault');
    log.warn({ fault: 'box.desk.silent' }, 'fault');
    expect(said()).toHaveLength(11);
    clock.advance(rateLimits.windowMs);
    expect(said()[11]).toMatchObject({ leftOut: 25, msg: 'repeated lines left out' });
    log.warn({ fault: 'dome.lost' }, 'fault');
    expect(said()).toHaveLength(13);
    expect(clock.timers).toBe(0);
  });

  it('is bounded in all, in lines and in memory, whatever is said', () => {
    const clock = new VirtualClock();
    const told: number[] = [];
    const limit = new RateLimit(clock, (leftOut) => void told.push(leftOut));
    const passed = Array.from({ length: 50_000 }, (_, n) => limit.allows(`line ${n}`)).filter(
      Boolean,
    );
    expect(passed).toHaveLength(rateLimits.inAll);
    limit.close();
    expect(told.reduce((sum, n) => sum + n, 0)).toBe(50_000 - rateLimits.inAll);
    expect(told.length).toBeLessThanOrEqual(21);
    expect(clock.timers).toBe(0);
  });
});

describe('standard output', () => {
  const cwd = join(import.meta.dirname, '../..');
  const program = (body: string) =>
    `import { createLog } from '#agent/log.ts'; const log = createLog({ level: 'info' }); ${body}`;

  it('has every line when the process exits at once', async () => {
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        program(`for (let n = 0; n < 50; n += 1) log.info({ n }, 'line ' + n); process.exit(7);`),
      ],
      { cwd },
    );
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const [code] = await within(once(child, 'close'), { withinMs: 15_000, what: 'the child' });
    expect(code).toBe(7);
    expect(text.trim().split('\n')).toHaveLength(50);
  });

  it('that nobody reads holds nothing up', async () => {
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        program(
          `for (let n = 0; n < 600; n += 1) log.info({ n, pad: 'x'.repeat(4000) }, 'line ' + n);
       process.stderr.write('went on');`,
        ),
      ],
      { cwd, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    try {
      const [said] = await within(once(child.stderr, 'data'), {
        withinMs: 15_000,
        what: 'going on',
      });
      expect(String(said)).toBe('went on');
    } finally {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
  });
});
