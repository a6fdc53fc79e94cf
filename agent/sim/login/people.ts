// Who works in the rehearsal room: one of each role that has a desk, and one whose district is another.

import type { Person } from '../../contract.ts';

/** `terminals`: those of the district that the room plays. */
export const peopleOf = (terminals: readonly string[]): readonly Person[] => [
  { user: 'li', role: '110-city', jurisdiction: '杭州市公安局', terminals: null },
  { user: 'zhao', role: '110-city', jurisdiction: '杭州市公安局', terminals: null },
  { user: 'wang', role: '110-district', jurisdiction: '西湖分局', terminals },
  { user: 'sun', role: '110-district', jurisdiction: '余杭分局', terminals: [] },
  { user: 'chen', role: 'campus', jurisdiction: '西湖区教育局', terminals },
  { user: 'wu', role: 'police-video', jurisdiction: '杭州市公安局', terminals: null },
];
