// A case taken away: who may, what is recorded and told of it, and what it waits for.

import { describe, expect, it } from 'vitest';
import type { Role } from '#agent/core/command.ts';
import { exportLimits, whyNoExport } from '#agent/core/export.ts';
import { Story } from './story.ts';

const reason = 'asked for by the court';
const kept = () => new Story({ evidence: true });
const ask = (story: Story, incident: string, role: Role = '110-city') =>
  story.command({ verb: 'evidence.export', incident, reason }, { role });
const end = (story: Story, detail: string | null = null) => {
  const [one] = story.wanted.exports.exports;
  if (!one) throw new Error('nothing is exported');
  const { export: id, incident, file } = one;
  const made = detail === null ? { bytes: 7, sha256: 'ab'.repeat(32) } : { bytes: 0, sha256: '' };
  return story.happens({ kind: 'export.ended', export: id, incident, file, ...made, detail });
};

describe('an export', () => {
  it('is answered with its file, recorded with who, why and the case as it stood, told when made', () => {
    const story = kept().press('desk');
    const desk = story.of('desk');
    story.ack(desk).receipt(desk);
    ask(story, desk.id);
    const { result } = story.lastAnswer ?? {};
    const [one] = story.wanted.exports.exports;
    expect(result).toEqual({ export: one?.export, file: one?.file });
    expect(one?.file).toMatch(new RegExp(`^${desk.id}-\\d+\\.zip$`));
    expect(story.records.at(-1)).toEqual({
      ...{
        kind: 'export.begun',
        ...result,
        incident: desk.id,
        role: '110-city',
        user: 'li',
        reason,
      },
      case: story.of('desk'),
    });
    end(story);
    expect(story.wanted.exports.exports).toEqual([]);
    expect(story.told.at(-1)?.body).toMatchObject({
      kind: 'evidence.exported',
      ok: true,
      bytes: 7,
    });
    expect(story.records.at(-1)).toMatchObject({ kind: 'export.ended', export: one?.export });
  });

  it('has the same answer when its command comes again, and is made once', () => {
    const story = kept().press('desk');
    const { id } = story.of('desk');
    const args = { verb: 'evidence.export', incident: id, reason } as const;
    story.command(args, { id: 'same' }).command(args, { id: 'same' });
    expect(story.wanted.exports.exports).toHaveLength(1);
    expect(story.answers.map(({ answer }) => answer)[1]).toEqual(story.answers[0]?.answer);
  });

  it('is asked for at the terminal itself with the same record', () => {
    const story = new Story().press('desk');
    const { id: incident } = story.of('desk');
    const who = { role: 'local', user: 'root', reason };
    expect(whyNoExport(story.state, incident)).toBeNull();
    story.happens({ kind: 'export.asked', export: 'e-1', incident, ...who });
    expect(story.records.at(-1)).toMatchObject({ kind: 'export.begun', export: 'e-1', ...who });
    expect(end(story, 'the disk is full').told.at(-1)?.body).toMatchObject({
      ...{ kind: 'evidence.exported', ok: false, detail: 'the disk is full' },
    });
  });

  it('is refused for a case nobody knows, one under way, too many, and where no clips are kept', () => {
    const story = kept();
    expect(ask(story, 'x').lastAnswer?.reason).toBe('unknown-incident');
    for (const input of ['desk', 'gate', 'nurse', 'fire', 'check']) story.press(input);
    const ids = story.incidents.map(({ id }) => id);
    for (const id of ids.slice(0, exportLimits.atOnce))
      expect(ask(story, id).lastAnswer?.ok).toBe(true);
    expect(ask(story, ids[4] ?? '').lastAnswer?.reason).toBe('busy');
    expect(ask(end(story), ids[1] ?? '').lastAnswer?.reason).toBe('busy');
    expect(ask(new Story().press('desk'), 'f10').lastAnswer?.reason).toBe('failed');
  });

  it('stands still while an alarm is on its way, ten seconds at most, and ends after an hour', () => {
    const story = kept().press('desk');
    const desk = story.of('desk');
    ask(story.ack(desk).receipt(desk), desk.id);
    const isPaused = () => story.wanted.exports.isPaused;
    expect(isPaused()).toBe(false);
    story.press('gate');
    expect(isPaused()).toBe(true);
    expect(isPaused()).toBe(true);
    story.passes(10_000);
    expect(isPaused()).toBe(false);
    story.passes(exportLimits.mostMs);
    expect(story.wanted.exports.exports).toEqual([]);
    expect(story.told.at(-1)?.body).toMatchObject({ kind: 'evidence.exported', ok: false });
  });

  it('dies with the process', () => {
    const story = kept().press('desk');
    ask(story, story.of('desk').id);
    expect(story.restarts().wanted.exports.exports).toEqual([]);
  });
});
