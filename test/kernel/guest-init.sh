#!/bin/busybox sh
# The first process of the guest, twice: as /init of the initramfs it lays a memory disk over the machine's root, which
# stays unwritten, and goes there; as "init up" it starts what a Linux on a bench has running, does the one command in
# /run/out/command, and switches the guest off.
b=/bin/busybox

reach_the_machine() {
  $b mount -t proc proc /proc
  $b mount -t sysfs sys /sys
  $b mount -t devtmpfs dev /dev
  while read -r module; do
    $b insmod "/modules/$module" || echo "bench: $module does not load"
  done </modules/order

  share="trans=virtio,version=9p2000.L,msize=512000"
  $b mount -t 9p -o "$share,cache=loose,ro" machine /machine || echo "bench: no root"
  $b mount -t 9p -o "$share,cache=loose,ro" tools /tools || echo "bench: no tools"
  $b mount -t tmpfs -o size=75% memory /memory
  $b mkdir /memory/upper /memory/work
  layers=lowerdir=/tools:/machine,upperdir=/memory/upper,workdir=/memory/work
  $b mount -t overlay -o $layers root /new || echo "bench: no overlay"

  for folder in proc sys dev; do $b mount --move /$folder /new/$folder; done
  $b mount -t tmpfs run /new/run
  $b mkdir /new/run/out /new/run/compiled /new/run/tmp
  $b mount -t 9p -o "$share,cache=none" out /new/run/out || echo "bench: no out"
  $b mount -t 9p -o "$share,cache=none" compiled /new/run/compiled || echo "bench: nothing compiled"
  $b cp /init /new/run/init
  # Not chroot: the kernel itself shall find modprobe here, and udevadm refuses to work in a chroot.
  exec $b switch_root /new /run/init up
}

do_the_command() {
  export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  $b mkdir -p /dev/pts /dev/shm
  $b mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
  $b mount -t tmpfs shm /dev/shm
  $b hostname bench
  $b ip link set lo up
  /usr/lib/systemd/systemd-udevd --daemon
  modprobe vhci-hcd

  # The command's own words leave through a port beside the console, where the kernel talks.
  words=/dev/vport0p1
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -c $words ] && break
    $b sleep 0.1
  done
  $b cut -d" " -f1 /proc/uptime >/run/out/booted
  /bin/sh /run/out/command >$words 2>&1 </dev/null
  echo $? >/run/out/exit.part
  $b mv /run/out/exit.part /run/out/exit
  $b sync
  $b poweroff -f
}

if [ "${1:-}" = up ]; then do_the_command; else reach_the_machine; fi
