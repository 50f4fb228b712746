import type { Connection } from "./file/connection.ts";
import type { Session } from "./terms.ts";

/** What every writing part of the books needs: the connection, who is writing, and the time of day. */
export interface Desk {
  readonly db: Connection;
  readonly session: Session;
  readonly now: () => Date;
}
