// `gate-agent watch` and `gate-agent patrol`: how the terminal is from now on, and a look at each part now.

import { userInfo } from 'node:os';
import { socketIn } from '../config.ts';
import { askControl, ControlFailed } from '../control.ts';
import { statusReport } from '../status.ts';
import {
  asking,
  type Command,
  exits,
  interrupted,
  socketFlags,
  text,
  UnknownAnswer,
} from './command.ts';

const askMs = 3_000;

export const watch: Command = {
  name: 'watch',
  flags: socketFlags,
  usage: `
gate-agent watch         [--config FILE] [--socket PATH]
    The status as it changes: redrawn once a second on a terminal, else written when it has changed.
    Ctrl-C ends.`,
  async run({ cli, flags, file, around, clock, out }) {
    const { watchStatus } = await import('../status-watch.ts');
    const path = text(flags.socket) ?? socketIn(file, around);
    const isScreen = process.stdout.isTTY && cli.out === undefined;
    await watchStatus({
      look: async () => {
        try {
          const told = await askControl({ path, verb: 'status', timeoutMs: askMs, clock });
          return statusReport.parse(told);
        } catch (error) {
          if (error instanceof ControlFailed) return null;
          throw error;
        }
      },
      ...{ out, clock, size: isScreen ? () => process.stdout : null },
      ended: cli.ended?.() ?? interrupted(),
    });
    return exits.ok;
  },
};

const lookEveryMs = 300;
const failed = 1;

export const patrol: Command = {
  name: 'patrol',
  flags: socketFlags,
  usage: `
gate-agent patrol        [--config FILE] [--socket PATH]
    Looks after each part now, as every night, without light or sound. Exit 0: all is well, 1: not all,
    75: not now, an alarm, a window or a call is open; 69 and 77 as above.`,
  run: (asked) =>
    asking(asked, async (ask) => {
      const { clock, out, err } = asked;
      const look = async () => {
        const { data } = statusReport.safeParse(await ask('status'));
        if (!data) throw new UnknownAnswer();
        return data.patrol ?? null;
      };
      await ask('patrol.run', { user: userInfo().username.slice(0, 64) });
      let now = await look();
      if (!now?.running) {
        err('gate-agent: not now: an alarm, a window or a call is open, or it is switched off\n');
        return later;
      }
      while (now?.running) {
        await new Promise<void>((next) => void clock.after(lookEveryMs, next));
        now = await look();
      }
      const parts = now?.last?.parts ?? [];
      for (const { part, ok, detail } of parts)
        out(`${ok ? '正常 ok    ' : '异常 failed'}  ${part}: ${detail}\n`);
      return parts.length > 0 && parts.every(({ ok }) => ok) ? exits.ok : failed;
    }),
};

/** EX_TEMPFAIL. */
const later = 75;
