// PINs: which may be one, how they are kept, how often they may be tried.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Guesses, guessLimits } from '#agent/panel/guesses.ts';
import { gatewaysOf } from '#agent/panel/network.ts';
import { checkPin, pinFileText, readPinFile, whyNoPin } from '#agent/panel/pin.ts';
import { setPin } from '#agent/panel/set-pin.ts';
import { VirtualClock } from '#test/fakes/clock.ts';

describe('a PIN', () => {
  test.each([
    '',
    '12345',
    '1234567890123',
    'abcdef',
    '12345a',
    '123456',
    '987654',
    '000000',
    '111222',
  ])('%j may not be one', (pin) => expect(whyNoPin(pin)).not.toBeNull());
  test.each(['482915', '135792', '7314060912'])('%s may', (pin) =>
    expect(whyNoPin(pin)).toBeNull(),
  );

  test('the file tells the one from the other, takes as long for any, and holds neither', async () => {
    const text = await pinFileText('482915', '731406');
    expect(text).not.toMatch(/482915|731406/);
    const file = JSON.parse(text);
    expect(await checkPin(file, '482915')).toBe('pin');
    expect(await checkPin(file, '731406')).toBe('duress');
    expect(await checkPin(file, '482916')).toBeNull();
    expect(await checkPin({ ...file, duress: null }, '731406')).toBeNull();
  });
});

describe('set-pin', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'gate-pin-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const set = async (typed: string, file = join(dir, 'etc/pin.json')) => {
    const said: string[] = [];
    const tell = (text: string) => void said.push(text);
    const input = Readable.from([typed]);
    return { code: await setPin({ file, input, out: tell, err: tell }), said: said.join('') };
  };

  test('from standard input into a file that others may not read', async () => {
    const file = join(dir, 'etc/pin.json');
    const { code, said } = await set('482915\n731406\n');
    expect(code).toBe(0);
    expect(said).not.toMatch(/482915|731406/);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readPinFile(file)?.duress).not.toBeNull();
    expect((await set('135792\n')).code).toBe(0);
    expect(readPinFile(file)?.duress).toBeNull();
    const before = readFileSync(file, 'utf8');
    for (const wrong of ['', '123456\n', '482915\n482915\n', '482915\n1\n'])
      expect((await set(wrong)).code, wrong).toBe(64);
    expect((await set('482915\n', join(dir, 'etc/pin.json/x/pin.json'))).code).toBe(73);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test.each(['', '{}', '{"v":2}', 'x'])('a file that holds %j lets nobody in', (text) => {
    const file = join(dir, 'pin.json');
    expect(readPinFile(file)).toBeNull();
    writeFileSync(file, text);
    expect(readPinFile(file)).toBeNull();
  });
});

describe('guesses', () => {
  const start = () => {
    const clock = new VirtualClock();
    const guesses = new Guesses(clock);
    /** Tries as often as it may, for so long; how often that was. */
    const guessFor = (addresses: readonly string[], ms: number): number => {
      let count = 0;
      for (const endMs = clock.monoMs + ms; clock.monoMs < endMs; clock.advance(500))
        for (const address of addresses)
          if (guesses.waitMs(address) === 0) {
            guesses.tried(address);
            count += 1;
          }
      return count;
    };
    return { clock, guesses, guessFor };
  };
  const hourMs = 3_600_000;

  test('an address alone has fewer than twenty an hour, and none is locked out for good', () => {
    const { clock, guesses, guessFor } = start();
    expect(guessFor(['10.0.0.9'], hourMs)).toBeLessThan(20);
    expect(guesses.waitMs('10.0.0.9')).toBeLessThanOrEqual(guessLimits.mostMs);
    expect(guesses.waitMs('127.0.0.1')).toBe(0);
    clock.advance(2 * hourMs);
    expect(guesses.waitMs('10.0.0.9')).toBe(0);
  });

  test('a hundred addresses together have few, and whoever has signed in waits for none of them', () => {
    const { clock, guesses, guessFor } = start();
    guesses.tried('10.0.0.7');
    guesses.right('10.0.0.7');
    const all = Array.from({ length: 100 }, (_, n) => `2001:db8:${n.toString(16)}::1`);
    expect(guessFor(all, hourMs / 6)).toBeLessThan(60);
    expect(guesses.waitMs('10.0.0.7')).toBe(0);
    expect(guesses.waitMs('::1')).toBe(0);
    expect(guesses.waitMs('10.0.0.8')).toBeGreaterThan(0);
    clock.advance(guessLimits.mostOfAllMs);
    expect(guesses.waitMs('10.0.0.8')).toBe(0);
  });

  test('one IPv6 network is one address; a mapped IPv4 address is the IPv4 address', () => {
    const { guesses } = start();
    for (let n = 0; n < 5; n += 1) guesses.tried(`fd00:1:2:3::${n}`);
    expect(guesses.waitMs('fd00:1:2:3:ffff:ffff:0:1')).toBeGreaterThan(0);
    expect(guesses.waitMs('fd00:1:2:4::1')).toBe(0);
    for (let n = 0; n < 5; n += 1) guesses.tried('::ffff:10.0.0.1');
    expect(guesses.waitMs('10.0.0.1')).toBeGreaterThan(0);
  });
});

test('gateways as the kernel writes them', () => {
  const table = 'Iface\tDestination\tGateway\nens3\t00000000\t0202000A\neth1\t0000A8C0\t00000000\n';
  expect(gatewaysOf(table)).toEqual(['10.0.2.2']);
});
