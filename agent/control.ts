// control.sock (0660): panel, command line and update helper speak to the daemon here, and nowhere
// else.

export { askControl, ControlFailed, type Question } from './control/client.ts';
export { type ControlOptions, ControlServer, type VerbCall } from './control/server.ts';
export { type ControlAnswer, type ControlReason, controlLimits } from './control/wire.ts';
export type { StatusReport } from './status.ts';
