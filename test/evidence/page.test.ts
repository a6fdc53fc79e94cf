// The report as it comes out of a printer: one A4 page in each language, with a case as full as it may be and
// all texts as long as they may be; nothing is fetched, nothing runs. PAGES=dir keeps what was printed.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { htmlOf } from '#agent/evidence/html.ts';
import type { Report, ReportTime } from '#agent/evidence/report-model.ts';
import type { Language } from '#agent/evidence/words.ts';
import { realReport } from './support.ts';

let browser: Browser;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gate-pages-'));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser.close();
  rmSync(dir, { recursive: true, force: true });
});

/** More of everything than a page has room for. */
function fullest(report: Report): Report {
  const long = (text: string, chars: number) =>
    `${text} ${'长wide字'.repeat(chars)}`.slice(0, chars);
  const many = <T>(one: T | undefined, n = 60): T[] =>
    one ? Array.from({ length: n }, () => one) : [];
  const time: ReportTime = { wallMs: 0, clock: 'unknown', afterMs: 3_599_999, seq: 123_456 };
  const { terminal, incident } = report;
  const word = { role: '110-district', user: long('user', 64), time };
  return {
    ...report,
    terminal: {
      ...terminal,
      school: long('校', 120),
      address: long('路', 120),
      gate: long('门', 120),
    },
    incident: {
      ...{ ...incident, inputName: long('按钮', 80), mark: 'drill', pressedAgain: many(time) },
      resolution: { reason: long('r', 64), note: long('note', 2_000) },
      madeReal: { was: 'service', reason: 'pressed-thrice', time },
    },
    deeds: many({ ...word, what: 'strobe-off' as const }),
    sessions: many(report.sessions[0] && { ...report.sessions[0], ...word }),
    turns: many(report.turns[0] && { ...report.turns[0], ...word }),
    files: many(
      report.files[1] && {
        ...report.files[1],
        file: long('file', 160).replace(/[^a-z]/g, 'f'),
        mended: true,
      },
    ),
    missing: many({ what: 'clip' as const, detail: long('why', 400) }),
    faults: many(
      report.faults[0] && { ...report.faults[0], fault: long('f', 80), detail: long('d', 400) },
    ),
    made: { ...report.made, ...word, reason: long('why', 200) },
  };
}

/** The PDF's own count of its pages. */
const pagesOf = (pdf: Buffer): number => {
  const counts = [...pdf.toString('latin1').matchAll(/\/Type\s*\/Pages\b[^>]*?\/Count (\d+)/g)];
  return Math.max(...counts.map(([, count]) => Number(count)));
};

async function printed(report: Report, language: Language, name: string) {
  const file = join(dir, `${name}.${language}.html`);
  writeFileSync(file, htmlOf(report, language));
  const page = await browser.newPage();
  const asked: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => void asked.push(request.url()));
  page.on('console', (said) => void errors.push(said.text()));
  await page.goto(`file://${file}`);
  const pdf = await page.pdf({ preferCSSPageSize: true });
  const { PAGES: keep } = process.env;
  if (keep) {
    mkdirSync(keep, { recursive: true });
    await page.setViewportSize({ width: 794, height: 1123 });
    await page.screenshot({ path: join(keep, `${name}.${language}.png`) });
    writeFileSync(join(keep, `${name}.${language}.pdf`), pdf);
  }
  const overflow = await page.evaluate(() => document.body.scrollWidth > document.body.clientWidth);
  await page.close();
  return { pages: pagesOf(pdf), overflow, asked: asked.slice(1), errors };
}

describe.each(['zh', 'en'] as const)('on paper, %s', (language) => {
  it.each([
    ['as it usually is', (report: Report) => report],
    ['as full as it may be', fullest],
  ])(
    'a case %s is one page',
    async (name, change) => {
      const seen = await printed(change(realReport()), language, name.replaceAll(' ', '-'));
      expect(seen).toEqual({ pages: 1, overflow: false, asked: [], errors: [] });
    },
    60_000,
  );
});
