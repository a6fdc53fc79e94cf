import type { Fault } from './fault.ts';

export const serialFaults: readonly Fault[] = [];
