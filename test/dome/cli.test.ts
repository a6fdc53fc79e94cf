// What whoever types `gate-agent dome discover` and `dome probe` reads where something is wrong: one sentence
// each, on which output, and with which exit code. Processes of their own, as they are typed.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseProfile } from '#agent/dome/profile.ts';
import { type SimDome, type SimDomeOptions, startDome } from '#agent/sim/dome/dome.ts';
import { selfSigned, tlsFront } from './tls-front.ts';

const program = join(import.meta.dirname, '../../agent/main.ts');
const slow = { timeout: 180_000 };
const ends: (() => unknown)[] = [];
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gate-dome-'));
  writeFileSync(join(dir, 'right'), 'secret\n');
  writeFileSync(join(dir, 'wrong'), 'nonsense\n');
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  rmSync(dir, { recursive: true });
});

/** One relay to switch, and nothing else to wait for. */
const model: SimDomeOptions = {
  ...{ relays: { R: 'strobe' }, deviceAuxiliary: [], ptzAuxiliary: [], presets: [] },
  ...{ audioClips: {}, coaxial: {}, moveAndTrack: false, dayNight: false, snapshots: false },
};
const dome = async (options: SimDomeOptions = {}): Promise<SimDome> => {
  const sim = await startDome({ ...model, ...options });
  ends.push(() => sim.close());
  return sim;
};

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function typed(command: 'discover' | 'probe', url: string, ...more: string[]): Promise<Ran> {
  const login = ['--user', 'admin', '--password-file', join(dir, 'right')];
  const given = more.includes('--password-file') ? [] : login;
  const args = [program, 'dome', command, '--address', url, ...given, ...more];
  return new Promise((done) => {
    execFile(process.execPath, args, { timeout: 120_000 }, (error, out, err) => {
      const code = error ? Number(error.code) : 0;
      done({ code, out, err });
    });
  });
}

const both = (url: string, ...more: string[]): Promise<[Ran, Ran]> =>
  Promise.all([typed('discover', url, ...more), typed('probe', url, '--assume', 'yes', ...more)]);

/** Lines of a table that are sentences about the dome. */
const sentences = ({ out }: Ran): string[] =>
  [...out.matchAll(/^ {4}([A-Z][^\n]*。)$/gm)].map(([, line = '']) => line);

/** Nothing was found out, and that in one sentence. */
function refuses([discover, probe]: [Ran, Ran], sentence: RegExp, codes: [number, number]): void {
  expect(discover.err).toBe('');
  expect(sentences(discover)).toEqual([expect.stringMatching(sentence)]);
  expect(probe.out).toBe('');
  expect(probe.err).toMatch(/^[^\n]+\n$/);
  expect(probe.err).toMatch(sentence);
  expect([discover.code, probe.code]).toEqual(codes);
}

test('a wrong password: tried once by each', slow, async () => {
  const sim = await dome();
  const wrong = ['--user', 'admin', '--password-file', join(dir, 'wrong')];
  refuses(
    await both(sim.url, ...wrong),
    /^The dome refuses user or password; it was tried once .*用户名或密码错误/,
    [77, 77],
  );
  expect(sim.log.filter(({ auth }) => auth !== 'none')).toHaveLength(2);
});

test('a wrong clock: said, and no hindrance', slow, async () => {
  const sim = await dome({ auth: 'token', clockOffsetMs: -3 * 3_600_000 });
  const [discover, probe] = await both(sim.url);
  const sentence = /^Its clock is 3 h 0 min behind: set it, and give it a time server\. 球机时钟慢/;
  expect(sentences(discover)).toEqual([expect.stringMatching(sentence)]);
  expect(probe.err).toMatch(sentence);
  expect(probe.err.match(/Its clock/g)).toHaveLength(1);
  expect(parseProfile(probe.out, 'f').strobe).toMatchObject([{ token: 'R' }]);
  expect([discover.code, probe.code]).toEqual([0, 0]);
});

test('a certificate that nobody has signed: which, and what to do', slow, async () => {
  const sim = await dome();
  const pair = await selfSigned(dir);
  const front = await tlsFront(sim, pair);
  ends.push(() => front.close());
  const sentence = new RegExp(
    `^Its certificate is signed by nobody known, SHA-256 ${pair.fingerprint}: compare .*dome\\.ca.*不受信任`,
  );
  refuses(await both(front.url), sentence, [1, 69]);
  expect(sim.log).toEqual([]);
  const out = join(dir, 'dome.yaml');
  const unattended = ['--assume', 'yes', '--out', out, '--trust'];
  const other = await typed('probe', front.url, ...unattended, 'AB'.repeat(32));
  expect(other).toMatchObject({ code: 69, err: expect.stringMatching(sentence) });
  expect([existsSync(out), existsSync(join(dir, 'dome.pem'))]).toEqual([false, false]);
  const right = await typed('probe', front.url, ...unattended, pair.fingerprint.toLowerCase());
  expect(right, right.err).toMatchObject({ code: 0, out: `${out}\n` });
  expect(readFileSync(join(dir, 'dome.pem'), 'utf8')).toBe(pair.cert);
  expect(right.err).toContain(`    ca: ${join(dir, 'dome.pem')}\n`);
});

test('unreachable', slow, async () => {
  const sim = await dome();
  const { url } = sim;
  await sim.down();
  refuses(
    await both(url),
    /^The dome cannot be reached \([^)]+\): check its address, its cable and its power\. 无法连接球机/,
    [1, 69],
  );
});

test('half an answer', slow, async () => {
  const sim = await dome();
  sim.turn('cut-answer');
  refuses(
    await both(sim.url),
    /^The dome answers in part or not as ONVIF says \([^\n]+\): restart it, .* 球机应答不完整/,
    [1, 69],
  );
});

test('a file that cannot be written is said before anything is switched', slow, async () => {
  const sim = await dome();
  const nowhere = join(dir, 'nowhere', 'dome.yaml');
  const { code, err } = await typed('probe', sim.url, '--assume', 'yes', '--out', nowhere);
  expect({ code, err }).toMatchObject({ code: 64, err: expect.stringContaining('--out: ENOENT') });
  expect(sim.log).toEqual([]);
});
