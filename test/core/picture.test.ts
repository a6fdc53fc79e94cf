import { expect, it } from 'vitest';
import { Story } from './story.ts';

const cut = (story: Story, stream: 'main' | 'sub') =>
  story.happens({ kind: 'picture.cut', stream }).wanted.dome.keyPictures;

it('a key picture is wanted for a second, of that stream, and not again within three', () => {
  const story = new Story();
  expect(story.wanted.dome.keyPictures).toEqual({ main: null, sub: null });
  const { durable } = story.state;
  const first = { main: story.monoMs + 1_000, sub: null };
  expect(cut(story, 'main')).toEqual(first);
  expect(cut(story.passes(2_999), 'main'), 'again and again').toEqual(first);
  const both = { ...first, sub: story.monoMs + 1_000 };
  expect(cut(story, 'sub')).toEqual(both);
  story.passes(1);
  expect(cut(story, 'main')).toEqual({ ...both, main: story.monoMs + 1_000 });
  expect(story.state.durable).toBe(durable);
});
