// `gate-agent status`: asks the daemon how the terminal is.

import { exitOf, statusReport } from '../status.ts';
import { statusText } from '../status-text.ts';
import { asking, type Command, jsonFlag, socketFlags, UnknownAnswer } from './command.ts';

export const status: Command = {
  name: 'status',
  flags: { ...socketFlags, ...jsonFlag },
  usage: `
gate-agent status        [--config FILE] [--socket PATH] [--json]
    How the terminal is. Exit 0: ready, 1: faults or no link, 2: open incident, 3: not configured,
    69: the daemon does not answer, 77: this user may not ask.`,
  run: (asked) =>
    asking(asked, async (ask) => {
      const { flags, clock, out } = asked;
      const report = statusReport.safeParse(await ask('status'));
      if (!report.success) throw new UnknownAnswer();
      const json = () => `${JSON.stringify(report.data)}\n`;
      out(flags.json ? json() : statusText(report.data, clock.now().wallMs));
      return exitOf(report.data);
    }),
};
