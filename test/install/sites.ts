// The smallest site with a secret: which one it is, is read off the password.

import type { Site } from '#agent/install/site.ts';

export const siteOf = (password: string): Site => ({
  tree: {
    terminal: { id: 'hz-0012' },
    identity: {
      ...{ divisionCode: '330106', jurisdiction: '文新派出所', school: '文新小学' },
      ...{ address: '文二西路 12 号', gate: '东门', gateRoomPhone: '0571-88880012' },
    },
    broker: { url: 'mqtt://localhost:1883', username: password },
    boxes: [
      {
        ...{ id: 'desk', path: '/dev/ttyS0' },
        inputs: { 1: { id: 'button-1', name: '按钮', kind: 'emergency' } },
      },
    ],
  },
  files: { 'broker.passwordFile': `${password}\n` },
});
