import type { Figure } from "./figure.ts";
import { figure as fsyncOrder } from "./fsync-order.ts";
import { figure as fullDisk } from "./full-disk.ts";
import { figure as kills } from "./kills.ts";
import { figure as levelTwo } from "./level-two.ts";
import { figure as wrongBytes } from "./mutations.ts";
import { figure as powerCuts } from "./power-cuts.ts";
import { figure as pulls } from "./pulls.ts";
import { figure as scans } from "./scans.ts";
import { figure as tamperings } from "./tampering.ts";
import { figure as twoWriters } from "./two-writers.ts";

/** The figures to publish, by their numbers. */
export const figures: readonly Figure[] = [
  kills,
  powerCuts,
  fsyncOrder,
  twoWriters,
  pulls,
  wrongBytes,
  levelTwo,
  scans,
  fullDisk,
  tamperings,
];
