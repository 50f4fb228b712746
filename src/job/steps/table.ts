import type { StepName } from "../../model/event.ts";
import type { Step } from "../attempt-state.ts";
import { bind } from "./bind.ts";
import { erase } from "./erase.ts";
import { identify } from "./identify.ts";
import { launch } from "./launch.ts";
import { options } from "./options.ts";
import { prove } from "./prove.ts";
import { verify } from "./verify.ts";
import { write } from "./write.ts";

export const steps: Readonly<Record<StepName, Step>> = {
  identify,
  bind,
  erase,
  write,
  verify,
  options,
  prove,
  launch,
};
