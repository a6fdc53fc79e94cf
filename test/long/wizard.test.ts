// The whole wizard by keys, in both languages, before a real daemon, broker, button box and dome;
// interrupted at each step by Ctrl-C and by SIGKILL, and gone on with; and writing killed at every call
// that changes the disk.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keptFile, readKept } from '#agent/install/kept.ts';
import type { Language } from '#agent/install/words.ts';
import { launcher } from '#test/e2e/support/house.ts';
import { Person, type Stuff } from '#test/install/person.ts';
import { placeKilledAt } from '#test/install/place.ts';
import { Room } from '#test/install/room.ts';
import { Kept, terminal } from '#test/install/support.ts';
import { Tmux } from '#test/install/tmux.ts';
import { until } from '#test/support/wait.ts';

interface Site extends Stuff {
  readonly dir: string;
  readonly file: string;
  readonly daemon: Kept;
}
let room: Room;
let site: Site;
const screens: Tmux[] = [];

beforeEach(async () => {
  room = await Room.open();
  const { dir, stick, box, broker, dome } = room;
  const file = join(dir, 'etc', 'gate-agent.yaml');
  const daemon = new Kept(dir, file);
  await daemon.said('unarmed');
  site = { dir, file, daemon, box, dome, stick: stick.dir, url: broker.url };
});
afterEach(async () => {
  for (const screen of screens.splice(0)) await screen.close();
  await site.daemon.end();
  await room.close();
});

const pidFile = (): string => join(site.dir, 'wizard.pid');

async function sits(language: Language): Promise<Person> {
  const tmux = new Tmux();
  screens.push(tmux);
  const { daemon, file } = site;
  const where = ['--config', file, '--socket', daemon.socket, '--port', site.box.path];
  const line = `echo $$ >${pidFile()}; exec "$0" "$@"`;
  const command = ['sh', '-c', line, launcher, 'provision', ...where, '--restart', daemon.restart];
  await tmux.start({ command, env: { ...daemon.env } });
  return new Person(tmux, language);
}

const steps: readonly (readonly [name: string, does: (person: Person) => Promise<void>])[] = [
  ['language', (person) => person.choosesLanguage()],
  ['identity', (person) => person.scans()],
  [
    'broker',
    async (person) => {
      await person.connects(site);
      await person.says('user', '');
      await person.sees('connected');
    },
  ],
  ['buttons', (person) => person.teaches(site)],
  ['lamp', (person) => person.seesLamp()],
  ['dome', (person) => person.skips('dome')],
  ['sound', (person) => person.skips('sound')],
  ['clock', (person) => person.seesClock()],
  ['panel', (person) => person.setsPin()],
];

async function writes(person: Person): Promise<void> {
  await person.yes('write');
  // Its database is taken from the disk now, which others use, too.
  await person.sees('armed', 150_000).catch((cause: Error) => {
    throw new Error(`the daemon said\n${site.daemon.lines.slice(-30).join('\n')}`, { cause });
  });
  await person.tmux.sees('[exit 0]');
  const text = readFileSync(site.file, 'utf8');
  expect(text).toContain(`id: ${terminal}`);
  expect(text).toContain('值班台按钮');
  expect(readKept(site.file, Date.now())).toBeNull();
}

describe.each(['zh', 'en'] as const)('in %s', (language) => {
  it('from the first question to an armed terminal', async () => {
    const person = await sits(language);
    for (const [name, does] of steps)
      if (name === 'dome') await person.seesDome(site);
      else await does(person);
    await writes(person);
    expect(readFileSync(join(dirname(site.file), 'site-1', 'dome.yaml'), 'utf8')).toContain(
      'relay',
    );
  });

  it.each(['C-c', 'SIGKILL'])('interrupted by %s at each step, and gone on with', async (how) => {
    let person = await sits(language);
    for (const [n, [, does]] of steps.entries()) {
      await does(person);
      await person.tmux.sees(`[${n + 2}/10]`);
      if (how === 'C-c') await person.tmux.keys('C-c');
      else await person.tmux.kill(Number(readFileSync(pidFile(), 'utf8')));
      await person.tmux.sees(how === 'C-c' ? '[exit 75]' : '[exit 137]');
      expect(readKept(site.file, Date.now())?.step).toBe(steps[n + 1]?.[0] ?? 'write');
      person = await sits(language);
    }
    await writes(person);
  });

  it('a certificate of another name, a dead platform, no dome, back to an earlier step', async () => {
    const person = await sits(language);
    const { tmux } = person;
    await person.choosesLanguage();
    await person.scans();
    await person.connects(site, ['other.pem', 'other.key']);
    await tmux.sees(language === 'en' ? 'it names hz-9999' : '证书中的名称不是本终端编号');
    await person.takes('certificate', 'fromFiles');
    await person.says('certFile', `${site.stick}/my.pem`);
    await person.says('keyFile', `${site.stick}/my.key`);
    await room.broker.down();
    await person.says('user', '');
    await tmux.sees(language === 'en' ? 'connection refused' : '平台拒绝连接');
    await room.broker.up();
    await tmux.chooses(
      language === 'en' ? 'What now?' : '怎么办',
      language === 'en' ? 'Try' : '重试',
    );
    await person.sees('connected');
    await person.teaches(site);
    await person.skips('lamp');
    await person.takes('dome', 'doIt');
    const [noDome, typeIt] =
      language === 'en'
        ? (['No dome answers', 'Type its address'] as const)
        : (['没有球机应答', '手工输入地址'] as const);
    await tmux.sees(noDome);
    await tmux.chooses(language === 'en' ? 'Which dome?' : '哪一台', typeIt);
    await tmux.answers(language === 'en' ? 'Address of the dome' : '球机地址', '127.0.0.1:9');
    await tmux.sees(language === 'en' ? 'cannot be reached' : '无法连接球机');
    await tmux.sees(language === 'en' ? 'Which dome?' : '哪一台');
    await tmux.keys('Escape');
    await person.skips('dome');
    await tmux.chooses(person.word('sound'), language === 'en' ? 'Back to an earlier' : '返回前面');
    await tmux.chooses(language === 'en' ? 'Back to' : '返回到', '2 ');
    await tmux.sees('[2/10]');
    await tmux.chooses(
      language === 'en' ? 'Who and where' : '终端身份',
      language === 'en' ? 'Keep' : '保持',
    );
    await tmux.sees('[3/10]');
  });
});

it('killed while it writes the answers: whole ones are there, old or new', async () => {
  const person = await sits('en');
  await person.choosesLanguage();
  await person.scans();
  await person.says('url', site.url);
  await until(() => readFileSync(keptFile(site.file), 'utf8').includes(site.url), {
    ...{ withinMs: 5000, what: 'the answer on disk' },
  });
  await person.tmux.kill(Number(readFileSync(pidFile(), 'utf8')));
  const next = await sits('en');
  await next.tmux.sees('[3/10]');
  await next.tmux.sees(site.url);
});

it('writing is killed before every call that changes the disk', async () => {
  const { calls } = await placeKilledAt(0);
  const seen = new Set<string | undefined>();
  for (let n = 1; n <= calls; n++) {
    const { isKilled, user, password, next } = await placeKilledAt(n);
    expect({ n, isKilled, user, next }).toEqual({
      n,
      isKilled: true,
      user: password,
      next: 'next',
    });
    seen.add(password);
  }
  expect(seen).toEqual(new Set(['old', 'new']));
});
