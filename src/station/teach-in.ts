import { errorText } from "../lib/thrown.ts";
import type { Input } from "./decide.ts";
import type { Effect } from "./decision.ts";
import type { Session } from "./session.ts";

type TeachEffect = Extract<Effect, { type: "teach" }>;

/** Looks for new ports while somebody teaches the station, and writes its map. */
export function teachIn(session: Session): { perform(effect: TeachEffect): Promise<Input | null> } {
  const { teach } = session.options;
  let watch: Disposable | null = null;
  const end = (): void => {
    watch?.[Symbol.dispose]();
    watch = null;
  };
  session.stop.addEventListener("abort", end, { once: true });
  return {
    async perform(effect) {
      end();
      if (teach === null) return null;
      switch (effect.doing) {
        case "begin":
          try {
            watch = await teach.watch((port) => session.post({ type: "plugged", port }));
          } catch (error) {
            return { type: "taught", why: errorText(error) };
          }
          return null;
        case "end":
          return null;
        case "write":
          return { type: "taught", why: teach.write(effect.ports) };
        default:
          return effect satisfies never;
      }
    },
  };
}
