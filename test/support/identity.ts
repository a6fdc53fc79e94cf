// A school that does not exist.

import type { Identity } from '#agent/contract.ts';

export const contractIdentity: Identity = {
  divisionCode: '330106',
  jurisdiction: '文新派出所',
  school: '文新小学',
  address: '文二西路 12 号',
  position: { lat: 30.274151, lon: 120.15507 },
  gate: '东门',
  gateRoomPhone: '0571-88880012',
  contacts: [{ name: '值班室', phone: '0571-88880013' }],
};
