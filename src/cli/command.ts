import type { Command } from "commander";
import type { Given } from "./given.ts";
import type { Io } from "./io.ts";

/** What a command was called with. */
export interface Call {
  /** Words behind the command; `first` is "" where there is none. */
  readonly words: readonly string[];
  readonly first: string;
  readonly given: Given;
  /** The data folder. */
  readonly data: string;
  readonly color: boolean;
}

/** Answers the exit code. It loads only the files that it needs. */
export type Perform = (call: Call, io: Io) => Promise<number>;

/** Where the files of `commands/` put theirs. */
export interface Commands {
  /**
   * Registers a command; every one has the global options, an example, and one way to be parsed. `parent`: a group, or
   * `null`: the program. `spec`: words as commander reads them; "" is the program itself. `name`: as it is typed.
   */
  add(
    parent: Command | null,
    spec: string,
    name: string,
    about: string,
    example: string,
    perform: Perform,
  ): Command;
  /** A group of commands; on its own it shows them. */
  group(name: string, about: string, example: string): Command;
}
