// Every command, in the order in which `--help` tells them.

import { accept } from './accept.ts';
import { backup, replace } from './backup.ts';
import { checkConfig } from './check-config.ts';
import type { Command } from './command.ts';
import { doctor } from './doctor.ts';
import { domeDiscover, domeProbe } from './dome.ts';
import { drill } from './drill.ts';
import { exportCase, verify } from './evidence.ts';
import { panelFingerprint, panelSetPin } from './panel.ts';
import { provision } from './provision.ts';
import { retire } from './retire.ts';
import { rotateKey } from './rotate-key.ts';
import { run } from './run.ts';
import { sealKeysCommand } from './seal-keys.ts';
import { status } from './status.ts';
import { buttonTeach } from './teach.ts';
import { update } from './update.ts';
import { patrol, watch } from './watch.ts';

export const commands: readonly Command[] = [
  run,
  checkConfig,
  provision,
  status,
  watch,
  doctor,
  patrol,
  buttonTeach,
  domeDiscover,
  domeProbe,
  accept,
  drill,
  exportCase,
  verify,
  rotateKey,
  sealKeysCommand,
  backup,
  replace,
  update,
  retire,
  panelSetPin,
  panelFingerprint,
];
