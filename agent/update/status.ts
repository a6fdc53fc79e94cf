// What `status` tells of updates, for programs and for people.

import * as z from 'zod';

const count = z.number().int().nonnegative();

export const updateStatus = z.object({
  /** A release on its way here. */
  fetching: z.object({ version: z.string(), bytes: count, has: count }).nullable(),
  /** What became of the last one. */
  last: z
    .object({
      verdict: z.enum(['applied', 'failed']),
      ...{ version: z.string(), from: z.string(), detail: z.string() },
    })
    .nullable(),
});

export function updateText({ fetching, last }: z.infer<typeof updateStatus>): string {
  const parts: string[] = [];
  if (fetching) {
    const percent = Math.floor((fetching.has / fetching.bytes) * 100);
    parts.push(`${fetching.version} is being fetched 下载中 ${percent} %`);
  }
  if (last?.verdict === 'applied') parts.push(`${last.version} applied 已升级  from ${last.from}`);
  if (last?.verdict === 'failed') parts.push(`${last.version} failed 升级失败  ${last.detail}`);
  return parts.join('  ');
}
