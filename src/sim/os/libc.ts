/** What Node has no call for: the few functions of the C library that make a pty. */
export interface Libc {
  grantpt(fd: number): number;
  unlockpt(fd: number): number;
  ptsname_r(fd: number, name: Uint8Array, size: number): number;
  tcgetattr(fd: number, termios: Uint8Array): number;
  tcsetattr(fd: number, when: number, termios: Uint8Array): number;
  tcflush(fd: number, queue: number): number;
  cfmakeraw(termios: Uint8Array): void;
  poll(fds: Uint8Array, count: number, ms: number): number;
  dup(fd: number): number;
}

/** No simulated port on this machine, and the sentence that says why. */
export class NoPty extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "NoPty";
  }
}

/** Through koffi, which needs no compiler; it is an optional dependency. Throws NoPty where it cannot be had. */
export async function libc(): Promise<Libc> {
  if (process.platform === "win32")
    throw new NoPty("simulated serial ports need a pty, which Windows has not");
  let koffi: typeof import("koffi");
  try {
    koffi = await import("koffi");
  } catch (cause) {
    throw new NoPty('simulated serial ports need the optional package koffi: "npm install koffi" brings it', {
      cause,
    });
  }
  // The program itself is linked with the C library: no name of a file that differs between systems.
  const own = koffi.load(null);
  // koffi's functions are untyped; each definition stands in the one line that gives it its type.
  const call = (definition: string): unknown => own.func(definition);
  return {
    grantpt: call("int grantpt(int fd)") as Libc["grantpt"],
    unlockpt: call("int unlockpt(int fd)") as Libc["unlockpt"],
    ptsname_r: call("int ptsname_r(int fd, _Out_ uint8_t *name, size_t size)") as Libc["ptsname_r"],
    tcgetattr: call("int tcgetattr(int fd, _Out_ uint8_t *termios)") as Libc["tcgetattr"],
    tcsetattr: call("int tcsetattr(int fd, int when, uint8_t *termios)") as Libc["tcsetattr"],
    tcflush: call("int tcflush(int fd, int queue)") as Libc["tcflush"],
    cfmakeraw: call("void cfmakeraw(_Inout_ uint8_t *termios)") as Libc["cfmakeraw"],
    poll: call("int poll(_Inout_ uint8_t *fds, unsigned long count, int ms)") as Libc["poll"],
    dup: call("int dup(int fd)") as Libc["dup"],
  };
}
