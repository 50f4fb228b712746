import type { FaultCode } from "./fault.ts";
import type { Verdict } from "./fault.ts";
import type { OptionRecord } from "./option-bytes.ts";

/** In the order of an attempt: protection after verify, proof before the application has the chip. */
export const stepNames = [
  "identify",
  "bind",
  "erase",
  "write",
  "verify",
  "options",
  "prove",
  "launch",
] as const;
export type StepName = (typeof stepNames)[number];

export interface Failure {
  readonly code: FaultCode;
  /** The operator's sentence. */
  readonly message: string;
  /** The engineer's detail. */
  readonly detail: string;
}

export type Outcome =
  | { readonly kind: "PASS"; readonly marginal: boolean }
  | { readonly kind: Verdict; readonly failure: Failure };

/** What the loader and the table say of the chip that lies there. */
export interface ChipFacts {
  readonly name: string;
  readonly productId: number | null;
  readonly familyKey: string;
  /** Protocol version, or bcdDevice over DFU. */
  readonly protocolVersion: number;
  readonly bootloaderId: number | null;
  readonly flashKiB: number;
  readonly usbSerial: string | null;
}

/** One thing that happened in an attempt, at a time of the slot's clock (ms since the attempt began). */
export type AttemptEvent = { readonly ms: number } & AttemptHappening;

export type AttemptHappening =
  | { readonly type: "step"; readonly step: StepName; readonly state: "start" }
  | {
      readonly type: "step";
      readonly step: StepName;
      readonly state: "done" | "fail";
      readonly bytes: number;
      readonly took: number;
      readonly retries: number;
      readonly code: FaultCode | null;
    }
  | { readonly type: "progress"; readonly step: StepName; readonly done: number; readonly total: number }
  | { readonly type: "chip"; readonly chip: ChipFacts }
  | { readonly type: "bound"; readonly uid: string | null; readonly how: string }
  | {
      readonly type: "data";
      readonly serial: string | null;
      readonly hash: string;
      readonly fields: readonly string[];
    }
  | { readonly type: "verified"; readonly method: string; readonly hash: string; readonly bytes: number }
  | { readonly type: "options"; readonly options: readonly OptionRecord[] }
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "ended"; readonly outcome: Outcome };
