/** What went wrong, in the words of whoever threw it. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The code of the system or of a library, such as `ENOENT`; empty where there is none. */
export const errorCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
