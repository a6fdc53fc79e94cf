// Times as people read them: relative on the screen, absolute beside it. Pure.

import type { Language } from './language.ts';

const units = {
  zh: { s: '秒', min: '分', h: '小时', d: '天' },
  en: { s: ' s', min: ' min', h: ' h', d: ' d' },
} as const;

/** `12 s`, `3 min 05 s`, `2 h 10 min`, `4 d`. */
export function spanText(ms: number, language: Language): string {
  const { s, min, h, d } = units[language];
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const gap = language === 'en' ? ' ' : '';
  if (seconds < 60) return `${seconds}${s}`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${min}${gap}${two(seconds % 60)}${s}`;
  const hours = Math.floor(seconds / 3600);
  if (hours < 48) return `${hours}${h}${gap}${two(Math.floor((seconds % 3600) / 60))}${min}`;
  return `${Math.floor(hours / 24)}${d}`;
}

const locales = { zh: 'zh-CN', en: 'en-GB' } as const;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(language: Language, what: 'clock' | 'whole'): Intl.DateTimeFormat {
  const key = `${language}/${what}`;
  const known = formats.get(key);
  if (known) return known;
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
  const date = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const format = new Intl.DateTimeFormat(
    locales[language],
    what === 'clock' ? time : { ...date, ...time },
  );
  formats.set(key, format);
  return format;
}

/** Of the day. */
export const clockText = (wallMs: number, language: Language): string =>
  formatOf(language, 'clock').format(wallMs);

/** With its day. */
export const momentText = (wallMs: number, language: Language): string =>
  formatOf(language, 'whole').format(wallMs);

/** The day itself, once an hour's time says nothing any more. */
export const dayClock = (wallMs: number, nowMs: number, language: Language): string =>
  Math.abs(nowMs - wallMs) < 20 * 3_600_000
    ? clockText(wallMs, language)
    : momentText(wallMs, language);
