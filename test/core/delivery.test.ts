import { describe, expect, it } from 'vitest';
import { Story } from './story.ts';

describe('the ladder', () => {
  it('climbs one known step at a time', () => {
    const story = new Story().press('desk');
    const incident = story.of('desk');
    const words = [story.word];
    words.push(story.ack(incident).word, story.receipt(incident).word);
    words.push(story.command({ verb: 'seen', incident: incident.id }).word);
    words.push(story.command({ verb: 'take', incident: incident.id }).word);
    expect(words).toEqual(['stored', 'sent', 'received', 'seen', 'taken']);
  });

  it('settles at the receipt, not at the PUBACK', () => {
    const story = new Story().press('desk');
    story.ack(story.of('desk'));
    expect(story.settled).toEqual([]);
    story.receipt(story.of('desk'));
    expect(story.settled).toEqual([story.of('desk').id]);
  });

  it('shows the least advanced of several', () => {
    const story = new Story().press('desk').press('gate');
    story.ack(story.of('desk')).receipt(story.of('desk'));
    expect(story.word).toBe('stored');
    story.ack(story.of('gate'));
    expect(story.word).toBe('sent');
  });

  it('shows a silent alarm by its discreet sign alone', () => {
    const story = new Story().press('quiet');
    expect(story.wanted.lamp).toMatchObject({ word: 'ready', silent: 'stored' });
    story.passes(10_000);
    expect(story.wanted.lamp).toMatchObject({ word: 'ready', silent: 'undelivered' });
  });

  it('a receipt for something else changes no incident', () => {
    const story = new Story().press('desk');
    story.happens({ kind: 'uplink.received', ids: ['other'] });
    expect(story.word).toBe('stored');
    expect(story.settled).toEqual(['other']);
  });
});

describe('no receipt after 10 s', () => {
  it('is a state of its own, and a late receipt ends it', () => {
    const story = new Story().press('desk');
    story.ack(story.of('desk')).passes(9_599);
    expect(story.word).toBe('sent');
    story.passes(1);
    expect(story.word).toBe('undelivered');
    story.receipt(story.of('desk'));
    expect(story.word).toBe('received');
  });

  it('counts on through a restart, and has passed after a reboot', () => {
    const story = new Story().press('desk').passes(5_000);
    story.restarts();
    expect(story.word).toBe('stored');
    story.passes(5_000);
    expect(story.word).toBe('undelivered');
    expect(new Story().press('desk').restarts('boot-2').word).toBe('undelivered');
  });

  it('runs to the PUBACK where the platform sends no receipts', () => {
    const story = new Story({ receipts: 'none' }).press('desk');
    const { id } = story.of('desk');
    story.ack(story.of('desk')).passes(60_000);
    expect(story.word).toBe('sent');
    expect(story.settled).toEqual([id]);
  });

  it('a dispatcher who has seen it proves the delivery', () => {
    const story = new Story().press('desk').passes(10_000);
    story.command({ verb: 'seen', incident: story.of('desk').id });
    expect(story.word).toBe('seen');
  });
});

describe('a commit that failed or hung (rule 2)', () => {
  it('never shows stored, goes on from sent, and is told as a fault', () => {
    const story = new Story().press('desk');
    const { id } = story.of('desk');
    story.happens({ kind: 'storage.failed', reason: 'hung', unstored: [id] });
    expect(story.word).toBe('unstored');
    expect(story.wanted.lamp.fault).toBe(true);
    expect(story.told.at(-1)?.body).toMatchObject({
      kind: 'fault.raised',
      fault: 'storage.failed',
    });
    story.happens({ kind: 'storage.recovered' });
    expect(story.word).toBe('unstored');
    expect(story.wanted.lamp.fault).toBe(false);
    expect(story.ack(story.of('desk')).word).toBe('sent');
  });
});

describe('while idle', () => {
  it('the lamp tells a link that is down', () => {
    const story = new Story();
    expect(story.wanted.lamp.linkDown).toBe(true);
    story.happens({ kind: 'uplink.online', broker: 'b' });
    expect(story.wanted.lamp).toEqual({
      word: 'ready',
      silent: null,
      fault: false,
      linkDown: false,
      mark: null,
    });
  });

  it('asks to be woken once a day only, to tell the head of the chain', () => {
    const story = new Story();
    story.passes(600_000);
    expect(story.told).toEqual([]);
    story.passes(86_400_000);
    expect(story.toldKinds()).toEqual(['chain.head']);
  });
});
