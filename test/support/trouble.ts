// What a daemon needs in its environment to be got into trouble by a signal (see trouble.cjs).

import { join } from 'node:path';

export const troubleEnv = (dir: string) => ({
  NODE_OPTIONS: `--require=${join(import.meta.dirname, 'trouble.cjs')}`,
  TROUBLE_FILE: join(dir, 'trouble'),
});
