// The line breaks: wire, names, certificates, broker, platform. An alarm waits on the disk for as long as it
// must, the lamp says how far it has got, and what is wrong is told in one sentence.

import type { Fault } from './fault.ts';
import { brokerFaults } from './line-broker.ts';
import { certificateFaults } from './line-certs.ts';
import { platformFaults } from './line-platform.ts';
import { wireFaults } from './line-wire.ts';

export const lineFaults: readonly Fault[] = [
  ...wireFaults,
  ...brokerFaults,
  ...certificateFaults,
  ...platformFaults,
];
