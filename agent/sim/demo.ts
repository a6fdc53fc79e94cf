// `scripts/demo [--port N] [--page]`: the daemon in the rehearsal room. With a terminal, keys break and mend
// things while lamp, dome and outbox are shown, and a page shows gate and dispatcher; without one the story
// is told once and checked, or with `--page` the page served until SIGTERM. Exit 0 or 1.

import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SimBroker } from './broker.ts';
import { openDesks } from './login/desks.ts';
import { Page } from './page/server.ts';
import { Room, roomClips } from './room.ts';
import { Screen } from './screen.ts';
import { StoryFailed, StoryTeller } from './story.ts';

const launcher = join(import.meta.dirname, '../../scripts/gate-agent');
const inputs = [
  { id: 'button-1', name: '值班台按钮', kind: 'emergency' },
  { id: 'button-2', name: '东门按钮', kind: 'emergency' },
  { id: 'button-3', name: '医务室按钮', kind: 'medical' },
  { id: 'button-4', name: '静默按钮', kind: 'silent' },
  { id: 'false-alarm', name: '误报键', role: 'false-alarm' },
  { id: 'local-reset', name: '本地复位', role: 'local-reset' },
] as const;

const { values } = parseArgs({ options: { port: { type: 'string' }, page: { type: 'boolean' } } });

const isScreen = process.stdin.isTTY && process.stdout.isTTY;

const hasSoundCard = (): boolean =>
  existsSync('/proc/asound/cards') && /^ *\d+ \[/m.test(readFileSync('/proc/asound/cards', 'utf8'));

async function demo(): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'gate-demo-'));
  const desks = await openDesks(dir);
  const broker = new SimBroker(desks.broker);
  await broker.start();
  const withPage = isScreen || values.page === true;
  const room = await Room.open({
    ...{ dir, command: [launcher], inputs, broker, ...desks.room },
    ...(withPage
      ? { media: { sound: hasSoundCard() ? 'cards' : 'simulated', clips: roomClips } }
      : {}),
  });
  const page = new Page(room, {
    port: Number(values.port ?? 0),
    broker: (stream) => broker.accept(stream),
    login: desks.login,
  });
  try {
    if (isScreen) await onScreen(room, page, desks.lines);
    else if (values.page) await onPage(room, page, desks.lines);
    else await new StoryTeller(room, (line) => console.log(line)).tell();
    return 0;
  } catch (error) {
    if (!(error instanceof StoryFailed)) throw error;
    console.log(`\nThe last the daemon said:\n${room.daemon.lines.slice(-20).join('\n')}`);
    return 1;
  } finally {
    await page.close();
    await room.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function onScreen(room: Room, page: Page, people: readonly string[]): Promise<void> {
  await page.open();
  await new Screen(room, `${page.url}  ${page.consoleUrl}`, people).run();
}

async function onPage(room: Room, page: Page, people: readonly string[]): Promise<void> {
  await page.open();
  room.daemon.start();
  console.log(page.url);
  console.log(page.consoleUrl);
  for (const line of people) console.log(line);
  await new Promise((done) => process.once('SIGTERM', done).once('SIGINT', done));
}

process.exitCode = await demo();
