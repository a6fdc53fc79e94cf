// The lens of the simulated dome: what the generic positions of ONVIF mean in degrees.

export const optics = {
  /** Of pan 1. */
  panDegrees: 180,
  /** Of tilt 1. */
  tiltDegrees: 45,
  /** Horizontal field of view at zoom 0. */
  wideDegrees: 60,
  magnificationMax: 10,
  heightToWidth: 9 / 16,
} as const;

/** Horizontal field of view, degrees. */
export const fieldOfView = (zoom: number): number =>
  optics.wideDegrees / optics.magnificationMax ** zoom;
