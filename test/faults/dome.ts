import type { Fault } from './fault.ts';

export const domeFaults: readonly Fault[] = [];
