// A real browser, without a window: Debian's Chromium, driven by Playwright.

import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { Senses, sensesScript } from './senses.ts';

export interface BrowserOptions {
  /** A WAV that the microphone hears over and over once it is opened. */
  readonly microphone?: string;
  /** `forbidden` by its user, until `allowMicrophone`; default: `allowed`. */
  readonly devices?: 'none' | 'forbidden' | 'allowed';
  readonly language?: 'zh-CN' | 'en-GB';
  /** As browsers are: no page makes a sound before somebody has touched it. Default: any may. */
  readonly sound?: 'after-touch';
  /** SHA-256 of the key of a server whose certificate nobody vouches for, in base64. */
  readonly trusts?: string;
}

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Names instead of addresses need a resolver, which a closed network has not.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

const fakes = {
  none: [],
  forbidden: ['--use-fake-device-for-media-stream'],
  allowed: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
} as const;

export class Chromium {
  readonly page: Page;
  readonly senses: Senses;
  /** What went wrong in the page's script, or is on its console as an error. */
  readonly errors: string[] = [];
  readonly #context: BrowserContext;
  readonly #dir: string;

  private constructor(context: BrowserContext, page: Page, dir: string) {
    this.#context = context;
    this.page = page;
    this.senses = new Senses(page);
    this.#dir = dir;
    page.on('pageerror', ({ message }) => this.errors.push(message));
    page.on('console', (said) => {
      if (said.type() === 'error') this.errors.push(said.text());
    });
  }

  static async open(options: BrowserOptions): Promise<Chromium> {
    const { microphone, devices = 'allowed', language = 'en-GB', sound, trusts } = options;
    const dir = await mkdtemp(join(tmpdir(), 'gate-chromium-'));
    const autoplay = sound ? 'document-user-activation-required' : 'no-user-gesture-required';
    const heard = microphone ? [`--use-file-for-fake-audio-capture=${microphone}`] : [];
    const known = trusts ? [`--ignore-certificate-errors-spki-list=${trusts}`] : [];
    const context = await chromium.launchPersistentContext(dir, {
      executablePath: '/usr/bin/chromium',
      chromiumSandbox: process.getuid?.() !== 0,
      args: [...flags, `--autoplay-policy=${autoplay}`, ...fakes[devices], ...heard, ...known],
      locale: language,
      viewport: { width: 1280, height: 900 },
    });
    context.setDefaultTimeout(30_000);
    if (devices === 'none') await context.grantPermissions(['microphone']);
    if (devices === 'forbidden') await context.grantPermissions([]);
    await context.addInitScript({ content: await sensesScript() });
    const [page = await context.newPage()] = context.pages();
    return new Chromium(context, page, dir);
  }

  /** SIGKILL of the process that runs its pages, or of all of it; SIGSTOP of the pages’. */
  end(how: 'page-killed' | 'killed' | 'page-frozen'): void {
    const all = processesOf(this.#dir);
    const ended = how === 'killed' ? all : all.filter(({ line }) => /--type=renderer/.test(line));
    if (ended.length === 0) throw new Error('no such process of the browser');
    for (const { pid } of ended) process.kill(pid, how === 'page-frozen' ? 'SIGSTOP' : 'SIGKILL');
  }

  /** Its user thinks better of it. */
  allowMicrophone(): Promise<void> {
    return this.#context.grantPermissions(['microphone']);
  }

  async close(): Promise<void> {
    await this.#context.close();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

interface Process {
  readonly pid: number;
  readonly line: string;
}

/** The browser that keeps its profile in `dir`, first, and its children and theirs. */
function processesOf(dir: string): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processOf(Number(name)));
  const own = all.filter(({ line }) => line.includes(dir) && !line.includes('--type='));
  for (const { pid } of own) own.push(...all.filter(({ parent }) => parent === pid));
  return own;
}

/** None, where it has ended meanwhile. */
function processOf(pid: number): (Process & { readonly parent: number })[] {
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return [{ pid, line, parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) }];
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}
