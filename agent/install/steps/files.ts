// Files that a person names: a stick's, mostly. Looked at while they are typed, so that a wrong name is
// said at once and not at the end.

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { whyUnreadable } from '../../config/files.ts';
import type { Job } from '../draft.ts';
import type { Words } from '../words.ts';

const bytesMax = 64 * 1024;

/** What a file holds, or why not. */
export function contentOf(path: string): { readonly text: string } | { readonly why: Words } {
  try {
    const stat = statSync(resolve(path));
    if (!stat.isFile()) return { why: ['is no file', '不是文件'] };
    if (stat.size > bytesMax) return { why: ['is larger than 64 kB', '大于 64 kB'] };
    return { text: readFileSync(resolve(path), 'utf8') };
  } catch (error) {
    const why = whyUnreadable(error);
    return { why: [why, why === 'no such file' ? '没有该文件' : '无法读取'] };
  }
}

/** The text of the file that was named. */
export async function askFile(
  job: Job,
  message: Words,
  wrong: (text: string) => Words | null,
): Promise<string> {
  const { ask, say } = job;
  const judge = (path: string): Words | null => {
    const found = contentOf(path.trim());
    return 'why' in found ? found.why : wrong(found.text);
  };
  const path = await ask.text({
    message: say(message),
    check: (typed) => {
      const why = judge(typed);
      return why && say(why);
    },
  });
  const found = contentOf(path.trim());
  // It was there a moment ago; a stick may have been pulled since.
  return 'text' in found ? found.text : askFile(job, message, wrong);
}

export const isPem =
  (what: 'CERTIFICATE' | 'PRIVATE KEY') =>
  (text: string): Words | null =>
    new RegExp(`-----BEGIN [A-Z ]*${what}-----`).test(text)
      ? null
      : [`has no ${what.toLowerCase()} in it; PEM is needed`, '不是 PEM 格式的所需内容'];
