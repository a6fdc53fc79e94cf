// `scripts/demo`: the daemon in the rehearsal room. With a terminal, keys break and mend things while
// lamp, dome and outbox are shown; without one the story is told once and checked. Exit 0 or 1.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Room } from './room.ts';
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

async function demo(): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'gate-demo-'));
  const room = await Room.open({ dir, command: [launcher], inputs });
  try {
    if (process.stdin.isTTY && process.stdout.isTTY) await new Screen(room).run();
    else await new StoryTeller(room, (line) => console.log(line)).tell();
    return 0;
  } catch (error) {
    if (!(error instanceof StoryFailed)) throw error;
    console.log(`\nThe last the daemon said:\n${room.daemon.lines.slice(-20).join('\n')}`);
    return 1;
  } finally {
    await room.close();
    await rm(dir, { recursive: true, force: true });
  }
}

process.exitCode = await demo();
