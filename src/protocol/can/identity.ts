import { Fault } from "../../model/fault.ts";
import { replyMs, type Exchange } from "./commands.ts";
import { ACK, codes } from "./frames.ts";

/** More codes than any loader has. */
const mostCommands = 32;
/** Frames of the time before that are passed over. */
const mostLate = 20;

export interface Told {
  readonly version: number;
  readonly commands: readonly number[];
}

/** Get: some loaders tell another count of commands than they send (B3), so the closing ACK decides. */
export async function get(wire: Exchange, signal: AbortSignal): Promise<Told> {
  await wire.begin(codes.get, signal);
  return await wire.within("Get", replyMs, signal, async (stop) => {
    wire.send(codes.get, new Uint8Array(), stop);
    if (!(await wire.acknowledged("Get", stop))) throw new Fault("CHIP_REFUSED", "NACK to Get");
    const byte = async (): Promise<number> => {
      const { data } = await wire.answer(stop);
      const [value] = data;
      if (data.length === 1 && value !== undefined) return value;
      throw new Fault("LINK_NOISE", `Get was answered with a frame of ${data.length} bytes`);
    };
    await byte();
    const version = await byte();
    const commands: number[] = [];
    while (commands.length <= mostCommands) {
      const code = await byte();
      if (code === ACK) return { version, commands };
      commands.push(code);
    }
    throw new Fault("LINK_NOISE", `Get did not end after ${mostCommands} commands`);
  });
}

export async function getId(wire: Exchange, signal: AbortSignal): Promise<number> {
  await wire.begin(codes.getId, signal);
  return await wire.within("Get ID", replyMs, signal, async (stop) => {
    wire.send(codes.getId, new Uint8Array(), stop);
    if (!(await wire.acknowledged("Get ID", stop))) throw new Fault("CHIP_REFUSED", "NACK to Get ID");
    const { data } = await wire.answer(stop);
    if (data.length !== 2 || !(await wire.acknowledged("Get ID", stop)))
      throw new Fault("LINK_NOISE", `Get ID was answered with a frame of ${data.length} bytes`);
    return ((data[0] ?? 0) << 8) | (data[1] ?? 0);
  });
}

/**
 * The loaders have no addresses: two boards on one bus answer both, each with its own three frames. Two that answer in
 * the same bit look like one until their data differs; that shows later, as answers that are destroyed.
 */
export async function refuseSecondBoard(wire: Exchange, signal: AbortSignal): Promise<void> {
  await wire.untilQuiet(wire.settleMs(), signal);
  await wire.begin(codes.getId, signal);
  wire.send(codes.getId, new Uint8Array(), signal);
  // Over a slow adapter the last answers to what woke the loader come first.
  for (let late = 0; late <= mostLate; late += 1) {
    const first = await wire.heardWithin(replyMs, signal);
    if (first === null) return;
    if (first.id === codes.getId) break;
  }
  const rest = await wire.untilQuiet(wire.settleMs(), signal);
  const answers = 1 + rest.filter(({ id }) => id === codes.getId).length;
  if (answers > 3)
    throw new Fault("CAN_TWO_BOARDS", `Get ID was answered with ${answers} frames, one board sends 3`);
}
