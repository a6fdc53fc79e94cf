// Figures for Prometheus at the panel: only where its configuration says so, and to a GET alone.

import { expect, test } from 'vitest';
import { Rig } from './rig.ts';

async function withRig(metrics: boolean, use: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = new Rig();
  rig.metrics = metrics;
  try {
    await use(await rig.open());
  } finally {
    await rig.close();
  }
}

test('off by default', () =>
  withRig(false, async (rig) => {
    expect(await rig.browser().get('/metrics')).toMatchObject({ status: 404 });
  }));

test('on, it needs no PIN and a daemon that answers', () =>
  withRig(true, async (rig) => {
    const told = await rig.browser().get('/metrics');
    expect(told).toMatchObject({ status: 200, bytes: Buffer.from('gate_armed 1\n') });
    expect(told.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await rig.browser().post('/metrics')).toMatchObject({ status: 405 });
    await rig.daemonDown();
    expect(await rig.browser().get('/metrics')).toMatchObject({ status: 503 });
  }));
