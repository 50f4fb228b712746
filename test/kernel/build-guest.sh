#!/usr/bin/env bash
# Builds the guest of the kernel bench from Debian's packages and prints the folder it lies in:
#   vmlinuz, initramfs.gz, tools/, which the guest lays over the root of this machine, and compiled/, where its Node
#   keeps what it compiled.
# Nothing is installed and nobody must be root: the packages are downloaded by name and unpacked, so that udev and its
# friends never meet the machine's own. A second run finds the folder and asks nobody anything; remove the folder to
# get a newer kernel.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/gangflash-kernel-bench
say() { echo "kernel bench: $*" >&2; }
root() { [ "$(id -u)" = 0 ]; }
lists() { root && { say "asks for the package lists"; apt-get update -qq >&2; }; }

# What the first lines of the guest need to reach the machine's root; modprobe finds the rest in tools/.
first=(virtio_pci 9pnet_virtio 9p overlay virtio_console)
packages=(busybox-static kmod libkmod2 libssl3 udev libsystemd-shared libudev1 usbip usb.ids libwrap0
  dfu-util libusb-1.0-0 stm32flash can-utils)
# Most of the kernel package is for machines that a guest without a graphics card, disks or sound never is.
unwanted=(sound net/{bluetooth,wireless,mac80211,sunrpc,netfilter,sctp,tipc,batman-adv}
  fs/{btrfs,xfs,ceph,ocfs2,nfs,nfsd,smbfs_common,cifs,f2fs,jfs,gfs2,reiserfs,ext4,ubifs,dlm}
  drivers/{gpu,media,infiniband,scsi,iio,hwmon,ata,nvme,md,mtd,isdn,staging,video,platform,firewire,target,pinctrl}
  drivers/{mfd,leds,crypto,acpi,edac,i2c,nvdimm,power,regulator,thunderbolt,spi,atm,block,net/{ethernet,wireless,phy,fddi}})

# The recipe is part of the name: a changed script builds anew beside the old folder.
recipe=$(cat "$here/build-guest.sh" "$here/guest-init.sh" | sha256sum | cut -c1-8)
mkdir -p "$cache"
find "$cache" -mindepth 1 -maxdepth 1 -mtime +60 -exec rm -rf {} +
newest() { find "$cache" -maxdepth 1 -type d -name "*-$recipe" | sort -V | tail -1; }
guest=$(newest)
if [ -n "$guest" ]; then
  touch "$guest"
  echo "$guest"
  exit 0
fi

command -v apt-get >/dev/null || { say "apt-get is not here: the guest is built from Debian's packages"; exit 3; }
kernel() { apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -1; }
image=$(kernel)
if [ -z "$image" ]; then lists && image=$(kernel); fi
[ -n "$image" ] || { say "the package linux-image-amd64 is not known here: run apt-get update"; exit 3; }

work=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/debs" "$work/guest/compiled" "$work/unpacked"
chmod 755 "$work/guest"
say "downloads $image and ${#packages[@]} tools"
(
  cd "$work/debs"
  # Lists of last week name packages that are gone.
  fetch() { apt-get download -qq -o APT::Sandbox::User="$(id -un)" "$image" "${packages[@]}" >&2; }
  fetch || { lists && fetch; }
)

say "unpacks them"
for deb in "$work"/debs/*.deb; do
  case ${deb##*/} in
    linux-image-*)
      drop=()
      for folder in "${unwanted[@]}"; do drop+=("--exclude=./lib/modules/*/kernel/$folder"); done
      dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/unpacked" "${drop[@]}" ./boot ./lib/modules
      ;;
    *) dpkg-deb -x "$deb" "$work/unpacked" ;;
  esac
done
# A /lib of its own would hide the machine's link /lib -> usr/lib, and with it every library.
for folder in bin sbin lib; do
  [ -d "$work/unpacked/$folder" ] || continue
  mkdir -p "$work/unpacked/usr/$folder"
  cp -a "$work/unpacked/$folder/." "$work/unpacked/usr/$folder/"
  rm -r "${work:?}/unpacked/$folder"
done
find "$work/unpacked/usr/lib/modules" -name '*.ko.xz' -exec xz -d {} +
mv "$work"/unpacked/boot/vmlinuz-* "$work/guest/vmlinuz"
rm -r "$work/unpacked/boot"
tools=$work/guest/tools
mv "$work/unpacked" "$tools"
version=$(ls "$tools/usr/lib/modules")
busybox=$tools/usr/bin/busybox
libraries=$(dirname "$(find "$tools/usr/lib" -name 'libssl.so.3')")
ln -s usr/lib "$tools/lib"
(LD_LIBRARY_PATH=$libraries exec -a depmod "$tools/usr/bin/kmod" -b "$tools" "$version")
rm "$tools/lib"

say "makes the first root of the guest"
start=$work/initramfs
mkdir -p "$start"/{bin,dev,proc,sys,machine,tools,memory,new,modules}
cp "$busybox" "$start/bin/"
install -m 755 "$here/guest-init.sh" "$start/init"
modules=usr/lib/modules/$version
# In the order in which insmod takes them: what a module needs stands before it.
needs() {
  local name=${1//[-_]/[-_]} line one
  line=$(grep -E "(^|/)$name\.ko:" "$tools/$modules/modules.dep") || return 0 # built into the kernel
  for one in $(cut -d: -f2 <<<"$line"); do needs "$(basename "$one" .ko)"; done
  cut -d: -f1 <<<"$line"
}
for name in "${first[@]}"; do needs "$name"; done | awk '!seen[$0]++' >"$work/order"
while read -r module; do
  cp "$tools/$modules/$module" "$start/modules/"
  echo "${module##*/}"
done <"$work/order" >"$start/modules/order"
(cd "$start" && find . | "$busybox" cpio -o -H newc 2>/dev/null | gzip -1) >"$work/guest/initramfs.gz"

guest=$cache/$version-$recipe
mv -T "$work/guest" "$guest" 2>/dev/null || [ -d "$guest" ] # another run was quicker
say "built $version"
echo "$guest"
