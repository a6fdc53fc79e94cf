// A picture that runs, wherever it is shown: the same stream may be small in the list and large in hand.

import { useEffect, useRef } from 'preact/hooks';
import type { Desk } from '../desk/desk.ts';
import type { Picture } from '../desk/pictures.ts';

interface Props {
  readonly desk: Desk;
  readonly picture: Picture;
  readonly label: string;
  readonly id?: string;
}

export function Video({ desk, picture, label, id }: Props) {
  const place = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = place.current;
    if (!video) return;
    video.srcObject = picture.live.video;
    let isShown = true;
    const frame = () => {
      if (!isShown) return;
      picture.frameMs = desk.clock.monoMs();
      video.requestVideoFrameCallback(frame);
    };
    video.requestVideoFrameCallback(frame);
    return () => {
      isShown = false;
      video.srcObject = null;
    };
  }, [desk, picture]);
  const isStill = picture.status.value.state === 'snapshots';
  return (
    <span class="video">
      {/* biome's rule on captions: it is live, and nobody writes them. */}
      <video ref={place} id={id} muted autoplay playsInline hidden={isStill} aria-label={label} />
      {isStill && picture.still.value !== null && (
        <img id={id ? 'snapshot' : undefined} src={picture.still.value} alt={label} />
      )}
    </span>
  );
}
