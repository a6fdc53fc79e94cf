// What is wrong with a configuration, for people.

import type { Refusal } from '../refusal.ts';

/** Every wrong field: line, path, value, and what would be right. */
export function refusalText(refusal: Refusal, file: string): string {
  const count = refusal.fields.length;
  const head = `${file}: ${count} ${count === 1 ? 'field is' : 'fields are'} wrong`;
  const lines = refusal.fields.flatMap(({ field, value, hint, line }) => {
    const where = line === undefined ? field : `line ${line}: ${field}`;
    const was = value === null || value === undefined ? '' : ` = ${JSON.stringify(value)}`;
    return [`  ${where}${was}`, `      ${hint}`];
  });
  return `${[head, ...lines].join('\n')}\n`;
}
