import type { Fault } from './fault.ts';

export const lineFaults: readonly Fault[] = [];
