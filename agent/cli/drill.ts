// `gate-agent drill`: how the last drill went.

import { asking, type Command, exits, jsonFlag, socketFlags, UnknownAnswer } from './command.ts';

const formats = ['text', 'json', 'zh.html', 'en.html'] as const;

export const drill: Command = {
  name: 'drill',
  flags: { ...socketFlags, ...jsonFlag, html: { type: 'string' } },
  usage: `
gate-agent drill         [--json | --html zh|en] [--config FILE] [--socket PATH]
    The last drill: each step after the press beside its target, and who it was; as a page to print
    with --html. Exit 0: all targets met, 1: not all, or none judged, 2: no drill; 69, 77 as above.`,
  async run(asked) {
    const { drillText, isLastDrill, notMet } = await import('../evidence/drill-command.ts');
    const { flags, out, err } = asked;
    const wanted = flags.json ? 'json' : flags.html === undefined ? 'text' : `${flags.html}.html`;
    const as = formats.find((one) => one === wanted);
    if (!as) {
      err('gate-agent: drill: --html zh or --html en\n');
      return exits.usage;
    }
    return asking(asked, async (ask) => {
      const last = await ask('drill.last');
      if (!isLastDrill(last)) throw new UnknownAnswer();
      const text = drillText({ last, as });
      if (text === null) {
        err('gate-agent: no drill is on record\n');
        return notMet.none;
      }
      out(text);
      return last.score?.passed ? exits.ok : notMet.missed;
    });
  },
};
