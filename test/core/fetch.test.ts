// Evidence fetched by the platform: a piece in an answer, a file to an address, a case held.

import { describe, expect, it } from 'vitest';
import { fetchLimits } from '#agent/core/fetch.ts';
import { resolvedKept } from '#agent/core/incident.ts';
import { Story } from './story.ts';

const kept = () => new Story({ evidence: true });
const get = { verb: 'evidence.get', file: 'case-1.mp4', from: 0, bytes: 9 } as const;
const put = { verb: 'evidence.put', file: 'case-1.mp4', url: 'https://files.example/a' } as const;
const platform = { role: 'platform' } as const;
const evidence = (story: Story) => story.wanted.media.evidence;

describe('a piece', () => {
  it('is answered when it has been read, behind everything else, one at a time', () => {
    const story = kept().command(get);
    const id = evidence(story)?.piece?.id ?? '';
    expect(story.answers).toHaveLength(0);
    expect(story.command(get).lastAnswer).toMatchObject({ ok: false, reason: 'busy' });
    const read = { kind: 'evidence.read', data: 'AAAA', total: 70, detail: '' } as const;
    story.happens({ ...read, id: 'another' });
    expect(story.answers).toHaveLength(1);
    story.happens({ ...read, id });
    expect(story.answers.at(-1)).toMatchObject({ bulk: true });
    expect(story.lastAnswer?.result).toEqual({
      ...{ file: 'case-1.mp4', from: 0, total: 70, data: 'AAAA' },
    });
    expect(evidence(story)?.piece).toBeNull();
    expect(story.records).not.toContainEqual(expect.objectContaining({ kind: 'evidence.read' }));
  });

  it('that is not there, or does not come, is refused', () => {
    const story = kept().command(get);
    const id = evidence(story)?.piece?.id ?? '';
    story.happens({ kind: 'evidence.read', id, data: null, total: 0, detail: 'no such file' });
    expect(story.lastAnswer).toMatchObject({ reason: 'unknown-file', detail: 'no such file' });
    story.command(get).passes(fetchLimits.pieceMs);
    expect(story.lastAnswer).toMatchObject({ reason: 'failed' });
    expect(evidence(story)?.piece).toBeNull();
  });

  it('is refused where nothing is kept', () => {
    expect(new Story().command(get).lastAnswer).toMatchObject({ ok: false, reason: 'failed' });
  });
});

describe('a file', () => {
  it('is on its way until it is told as sent; its address is nobody else’s to know', () => {
    const story = kept().command(put, platform);
    const upload = story.lastAnswer?.result?.upload as string;
    expect(evidence(story)?.uploads).toEqual([{ id: upload, file: put.file, url: put.url }]);
    expect(JSON.stringify([story.records, story.state.durable])).not.toContain('files.example');
    story.happens({ kind: 'evidence.sent', id: upload, detail: null });
    const body = { kind: 'evidence.sent', file: put.file, upload, ok: true, detail: null };
    expect(story.told.at(-1)?.body).toEqual(body);
    expect(evidence(story)?.uploads).toEqual([]);
    expect(story.records.at(-1)).toMatchObject({ kind: 'evidence.sent' });
    story.happens({ kind: 'evidence.sent', id: upload, detail: null });
    expect(story.toldKinds()).toEqual(['evidence.sent']);
  });

  it('waits while an alarm has not arrived', () => {
    const story = kept().command(put, platform).press('desk');
    expect(evidence(story)?.uploads).toEqual([]);
    story.ack(story.of('desk')).receipt(story.of('desk'));
    expect(evidence(story)?.uploads).toHaveLength(1);
  });

  it('asked for again takes the new address; too many are refused; half a day is enough', () => {
    const story = kept()
      .command(put, platform)
      .command({ ...put, url: 'https://b.example' }, platform);
    expect(evidence(story)?.uploads.map(({ url }) => url)).toEqual(['https://b.example']);
    for (let n = 2; n <= fetchLimits.uploadsMax; n++)
      story.command({ ...put, file: `case-${n}.mp4` }, platform);
    story.command({ ...put, file: 'one-more.mp4' }, platform);
    expect(story.lastAnswer).toMatchObject({ ok: false, reason: 'busy' });
    story.passes(fetchLimits.uploadMs);
    expect(evidence(story)?.uploads).toEqual([]);
    expect(story.toldKinds().filter((kind) => kind === 'evidence.sent')).toHaveLength(8);
  });
});

describe('a case that is held', () => {
  it('keeps its files and its row until it is let go', () => {
    const story = kept().press('desk');
    const { id } = story.of('desk');
    const hold = (on: boolean) => story.command({ verb: 'evidence.hold', incident: id, on });
    expect(hold(true).lastAnswer?.result).toEqual({ held: true });
    const end = (incident: string) =>
      story.command({ verb: 'resolve', incident, reason: 'handled', note: null });
    end(id);
    for (let n = 0; n < resolvedKept + 3; n++)
      end(story.passes(60_000).press('desk').of('desk').id);
    story.passes(600_000);
    expect(evidence(story)?.kept).toEqual([id]);
    hold(false);
    expect(evidence(story)?.kept).toEqual([]);
    expect(
      story.command({ verb: 'evidence.hold', incident: 'x', on: true }).lastAnswer,
    ).toMatchObject({
      reason: 'unknown-incident',
    });
  });
});
