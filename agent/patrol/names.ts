// Names of the parts that the patrol looks after, in its order.

export const partNames = [
  'buttons',
  'lamp',
  'dome',
  'picture',
  'sound',
  'broker',
  'certificate',
  'store',
  'space',
  'clock',
  'key',
  'chain',
] as const;
export type PartName = (typeof partNames)[number];
