/** `1-4.3`, or `1-4.3:1` for the second channel, as a port names it behind `can:gs_usb:`; else what was expected. */
export function gsUsbPlace(device: string): { readonly path: string; readonly channel: number } | string {
  const [, path, channel = "0"] = /^([0-9]+-[0-9]+(?:\.[0-9]+)*)(?::([0-9]{1,2}))?$/.exec(device) ?? [];
  return path === undefined
    ? "a USB path such as can:gs_usb:1-4.3, or can:gs_usb:1-4.3:1 for the second channel"
    : { path, channel: Number(channel) };
}
