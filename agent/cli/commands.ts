// Every command, in the order in which `--help` tells them.

import { accept } from './accept.ts';
import { checkConfig } from './check-config.ts';
import type { Command } from './command.ts';
import { domeDiscover, domeProbe } from './dome.ts';
import { exportCase, verify } from './evidence.ts';
import { run } from './run.ts';
import { status } from './status.ts';
import { buttonTeach } from './teach.ts';

export const commands: readonly Command[] = [
  run,
  checkConfig,
  status,
  buttonTeach,
  domeDiscover,
  domeProbe,
  accept,
  exportCase,
  verify,
];
