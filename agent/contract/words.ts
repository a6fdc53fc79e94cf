// The words of an alarm in both languages, the same wherever a person reads them: console, report.

/** Chinese, English. */
export type Word = readonly [zh: string, en: string];

/** How far an alarm has got. */
export const ladderWords = {
  stored: ['已登记', 'stored'],
  sent: ['已发出', 'sent'],
  received: ['平台已收到', 'received'],
  seen: ['警方已看到', 'seen'],
  taken: ['已接警', 'taken'],
  talking: ['正在通话', 'talking'],
  resolved: ['已解除', 'resolved'],
} as const satisfies { readonly [step: string]: Word };

export const kindWords = {
  emergency: ['紧急报警', 'Emergency'],
  silent: ['静默报警', 'Silent alarm'],
  medical: ['医疗求助', 'Medical'],
  fire: ['火警', 'Fire'],
  test: ['测试', 'Test'],
} as const satisfies { readonly [kind: string]: Word };

/** Beyond mistake. */
export const markWords = {
  drill: ['演练', 'DRILL'],
  service: ['检修', 'SERVICE'],
} as const satisfies { readonly [mark: string]: Word };
