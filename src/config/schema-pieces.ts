import { z } from "zod";
import { isClean } from "../lib/clean-text.ts";

/** A place in memory; hex is a number to YAML. */
export const address = z.int().min(0).max(0xffff_ffff);

/** A name that goes into records, file names and the ledger. */
export const plainName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/,
    "1 to 40 letters, digits, dots, dashes or _ were expected, a letter or digit first",
  );

/** Text for people: it comes to screens and sheets, so that nothing in it may steer a terminal. */
export const shownText = (most: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((text) => text === "" || isClean(text), "visible characters in one line were expected");

/** `YYYY-MM-DD`, and a day that there is. */
export const isDay = (text: string): boolean =>
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text;
