// config/button-box.md is what makers build from: every frame printed there is right, and what it
// says to type works on a real line.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ButtonBox } from '#agent/buttons/box.ts';
import { crc16, encodeOutput, parsePayload } from '#agent/buttons/frame.ts';
import { deadSign, frameOf, readOutput } from '#agent/sim/box-frames.ts';
import { openPtyPair, type PtyPair } from '#agent/sim/pty.ts';
import { systemClock } from '#agent/system/clock.ts';
import { RecordingSink, until } from './support.ts';

const text = readFileSync(join(import.meta.dirname, '../../config/button-box.md'), 'utf8');
const printed = [...text.matchAll(/\$([SO],1,[^*\s]+)\*([0-9A-F]{4})/g)].map(
  ([, payload = '', crc = '']) => ({ payload, crc }),
);
const codeLine = (begins: string): string => {
  const line = text.split('\n').find((one) => one.trim().startsWith(begins));
  if (!line) throw new Error(`the document has no line ${begins}`);
  return line.trim();
};

describe('frames in the document', () => {
  test('there are some of both kinds', () => {
    expect(printed.filter(({ payload }) => payload.startsWith('S')).length).toBeGreaterThan(5);
    expect(printed.filter(({ payload }) => payload.startsWith('O')).length).toBeGreaterThan(3);
  });

  test.each(printed)('$payload', ({ payload, crc }) => {
    expect(crc16(Buffer.from(payload))).toBe(Number.parseInt(crc, 16));
    expect(frameOf(payload)).toBe(`$${payload}*${crc}\r\n`);
    if (payload.startsWith('S')) return expect(parsePayload(payload)).toHaveProperty('state');
    const output = readOutput(payload);
    expect(output).not.toBeNull();
    if (output) expect(encodeOutput(output).toString()).toBe(`$${payload}*${crc}\r\n`);
  });

  test('the sign of a dead terminal is the one that the simulated box shows', () => {
    expect(text).toContain(`    ${deadSign}\n`);
  });
});

async function shell(script: string, env: Record<string, string>): Promise<void> {
  const child = spawn('bash', ['-c', script], { env: { ...process.env, ...env } });
  const [code] = await once(child, 'exit');
  expect(code, script).toBe(0);
}

describe('by hand', () => {
  let dir: string;
  let pair: PtyPair;
  let driver: ButtonBox;
  let sink: RecordingSink;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'gate-hand-'));
    pair = await openPtyPair(dir);
    sink = new RecordingSink();
    const clock = systemClock();
    driver = new ButtonBox({
      id: 'desk',
      path: pair.agentPath,
      baud: 115_200,
      inputs: { 1: 'b1' },
      clock,
    });
    await driver.open(sink);
  });
  afterEach(async () => {
    await driver.close();
    await pair.kill();
    await rm(dir, { recursive: true, force: true });
  });

  test('the printf lines of the document, as they stand', async () => {
    const lines = text.split('\n').filter((line) => line.trim().startsWith("printf '%s"));
    expect(lines.length).toBe(3);
    for (const line of lines) await shell(line, { BOX: pair.boxPath });
    await until(() => sink.contacts('b1').length === 3, 'three facts');
    expect(sink.contacts('b1')).toEqual(['normal', 'pressed', 'normal']);
    expect(sink.total('b1')).toBe(1);
  });

  test('the shell functions of the document', async () => {
    const script = [codeLine('crc()'), codeLine('frame()'), codeLine("frame 'S,1")].join('\n');
    await shell(script, { BOX: pair.boxPath });
    await until(() => sink.total('b1') === 2, 'the second press');
    expect(sink.contacts('b1')).toEqual(['pressed']);
  });
});
