// A document whose commands are run: its blocks marked `sh run`, one after another in one shell, and
// what each of them printed beside what the document says that it prints.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { within } from './wait.ts';

export interface Block {
  readonly line: number;
  readonly script: string;
  /** Lines that it prints, in order; `…` stands for anything. */
  readonly expected: readonly string[];
}

const fence = /^```(\S*)(?: (run|out))?\n([\s\S]*?)^```$/gm;

/** The commands of a document in Markdown. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  for (const found of markdown.matchAll(fence)) {
    const [, language, mark, text = ''] = found;
    const line = markdown.slice(0, found.index).split('\n').length;
    if (mark === 'run' && language === 'sh') blocks.push({ line, script: text, expected: [] });
    const before = blocks.at(-1);
    if (mark !== 'out') continue;
    if (!before || before.expected.length > 0) throw new Error(`line ${line}: nothing prints this`);
    blocks[blocks.length - 1] = { ...before, expected: text.trimEnd().split('\n') };
  }
  return blocks;
}

export interface Ran {
  readonly code: number | null;
  /** What each block printed, of those that were begun. */
  readonly printed: readonly string[];
  readonly err: string;
}

const mark = '@@ block';

/** Runs the blocks in one shell that ends at the first failure; its children are ended with it. */
export async function runBlocks(
  blocks: readonly Block[],
  { env, cwd, withinMs }: { env: NodeJS.ProcessEnv; cwd: string; withinMs: number },
): Promise<Ran> {
  const script = blocks.map((block) => `echo '${mark}'\n${block.script}`).join('\n');
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it leaves behind can be ended.
    detached: true,
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  try {
    await within(once(child, 'exit'), { withinMs, what: 'the end of the document' });
  } catch (cause) {
    throw new Error(`it had said:\n${out.slice(-3000)}\n${err.slice(-3000)}`, { cause });
  } finally {
    endGroup(child.pid);
  }
  const printed = out.split(`${mark}\n`).slice(1);
  return { code: child.exitCode, printed, err };
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nobody of it is left, as it should be.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** The first line that was to be printed and was not, in order; null: all of them were. */
export function missingLine(expected: readonly string[], printed: string): string | null {
  let rest = printed.split('\n');
  for (const line of expected) {
    const parts = line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const pattern = new RegExp(`^${parts.join('.*')}$`);
    const at = rest.findIndex((one) => pattern.test(one));
    if (at < 0) return line;
    rest = rest.slice(at + 1);
  }
  return null;
}
