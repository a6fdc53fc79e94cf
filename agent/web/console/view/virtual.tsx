// A long list of which only what is on the screen is drawn: rows of one height, so that where a row lies is
// a multiplication. The list itself takes the focus and scrolls by keys.

import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { scrolls } from './parts.tsx';

interface Props<R> {
  readonly rows: readonly R[];
  readonly label: string;
  readonly keyOf: (row: R) => string;
  readonly draw: (row: R) => ComponentChildren;
}

/** Of a row, in the page's letters; as style/desk.css has it. */
const rowRem = 3;
const beyond = 6;

export function VirtualList<R>({ rows, label, keyOf, draw }: Props<R>) {
  const place = useRef<HTMLElement>(null);
  const top = useSignal(0);
  const height = useSignal(600);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    scrolls(element);
    const observer = new ResizeObserver(() => {
      height.value = element.clientHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [height]);
  const rowPx = rowRem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const first = Math.max(0, Math.floor(top.value / rowPx) - beyond);
  const count = Math.ceil(height.value / rowPx) + 2 * beyond;
  const shown = rows.slice(first, first + count);
  return (
    <section
      ref={place}
      class="virtual"
      aria-label={label}
      data-arrows
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
      }}
    >
      <ul style={{ height: `${rows.length * rowRem}rem` }}>
        {shown.map((row, n) => (
          <li key={keyOf(row)} style={{ top: `${(first + n) * rowRem}rem` }}>
            {draw(row)}
          </li>
        ))}
      </ul>
    </section>
  );
}
