// What is told of what people do at the terminal's own panel.

import * as z from 'zod';

/** Of an alarm. Absent: a button. */
export const cause = z
  .literal('duress')
  .optional()
  .describe(
    'It was no button: somebody was made to enter a PIN at the panel, and entered the one for that. The ' +
      'panel shows nothing of it. Absent: a button',
  );

/** With what may be done by a key or at the panel. */
export const atPanel = {
  role: z.string().optional().describe('`local`: at the panel. Absent: by a key'),
  user: z.string().optional().describe('As they called themselves there'),
};
