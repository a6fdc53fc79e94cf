// The strip of short news, read aloud by a screen reader and closed by nobody.

import type { Desk } from '../desk/desk.ts';

export function NoteStrip({ desk }: { readonly desk: Desk }) {
  return (
    <div class="notes" role="status" aria-live="polite">
      {desk.notes.all.value.map(({ id, text, tone }) => (
        <p key={id} class={`note note-${tone}`}>
          {text}
        </p>
      ))}
    </div>
  );
}
