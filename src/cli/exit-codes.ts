/** Exit codes of every command (contract, Exit codes). */
export const exitCodes = {
  /** Every unit passed; SKIPPED alone leaves it so. */
  ok: 0,
  /** A unit did not pass, or an audit is broken. */
  failed: 1,
  /** Usage or a bad file; nothing was touched. */
  usage: 2,
  /** The station is not fit: a port is not there, the data folder is held, the disk is full. */
  unfit: 3,
  sighup: 129,
  sigint: 130,
  sigterm: 143,
} as const;
