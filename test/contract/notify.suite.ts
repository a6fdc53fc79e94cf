// What every Notify keeps, whoever it tells.

import { afterEach, describe, expect, test } from 'vitest';
import type { Notify } from '#agent/ports.ts';

export interface NotifyRig {
  readonly notify: Notify;
  /** What the service manager was told so far; waits until it was so much. */
  told(count: number): Promise<readonly string[]>;
  close(): Promise<void>;
}

export function notifySuite(name: string, open: () => Promise<NotifyRig>): void {
  describe(`notify: ${name}`, () => {
    const rigs: NotifyRig[] = [];
    afterEach(async () => {
      for (const rig of rigs.splice(0)) await rig.close();
    });
    const opened = async (): Promise<NotifyRig> => {
      const rig = await open();
      rigs.push(rig);
      rig.notify.open();
      return rig;
    };

    test('tells what it is asked to, in order', async () => {
      const { notify, told } = await opened();
      notify.ready();
      notify.status('armed');
      notify.feed();
      notify.feed();
      notify.stopping();
      const all = ['READY=1', 'STATUS=armed', 'WATCHDOG=1', 'WATCHDOG=1', 'STOPPING=1'];
      expect(await told(all.length)).toEqual(all);
    });

    test('a status that is as before is not told again', async () => {
      const { notify, told } = await opened();
      for (const line of ['armed', 'armed', 'link down', 'armed']) notify.status(line);
      const all = ['STATUS=armed', 'STATUS=link down', 'STATUS=armed'];
      expect(await told(all.length)).toEqual(all);
    });

    test('says nothing after its close', async () => {
      const { notify, told } = await opened();
      notify.feed();
      expect(await told(1)).toEqual(['WATCHDOG=1']);
      await notify.close();
      notify.feed();
      expect(await told(1)).toEqual(['WATCHDOG=1']);
    });
  });
}
