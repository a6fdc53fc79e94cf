// Sound that has no picture: a player that nobody sees, for whatever stream it is given. Only where it
// differs: what is given anew begins anew.

import { useEffect, useRef } from 'preact/hooks';

export function Player({
  id,
  stream,
}: {
  readonly id: string;
  readonly stream: MediaStream | null;
}) {
  const place = useRef<HTMLSpanElement>(null);
  const player = useRef<HTMLAudioElement | null>(null);
  useEffect(() => {
    const audio = document.createElement('audio');
    Object.assign(audio, { id, autoplay: true });
    place.current?.append(audio);
    player.current = audio;
    return () => {
      audio.srcObject = null;
      audio.remove();
    };
  }, [id]);
  useEffect(() => {
    if (player.current && player.current.srcObject !== stream) player.current.srcObject = stream;
  }, [stream]);
  return <span ref={place} class="hidden" />;
}
