#!/usr/bin/env bash
# Runs a restore where nothing is but the operating system, Node.js, a fresh clone, and three directories to be read:
# in a root, mounts, processes and a network (loopback only) of its own, as a user who has nothing. Needs root, git, ip.
# empty-machine.sh ROOT CHECKOUT MOUNTS: MOUNTS holds backups/, keys/, ledger/ and expected.json; prints the result.
set -euo pipefail
root=$1 checkout=$2 mounts=$3 uid=64123

if [ "${INSIDE:-}" != yes ]; then
  mkdir -p "$root"/{usr,etc,proc,dev/shm,tmp,mnt,opt,srv,home/operator}
  chmod 755 "$root"; chmod 1777 "$root/tmp"
  began=$(date +%s%N)
  git clone --quiet --no-hardlinks "$checkout" "$root/opt/bulkhead"
  (cd "$root/opt/bulkhead" && env -i PATH="$PATH" HOME="$root/home/operator" npm install --loglevel=error >&2)
  echo "$((($(date +%s%N) - began) / 1000000))" >"$root/tmp/install-ms"
  for link in bin lib lib64 sbin; do ln -s "usr/$link" "$root/$link"; done
  cp /etc/ld.so.cache "$root/etc/"
  echo "operator:x:$uid:$uid::/home/operator:/bin/sh" >"$root/etc/passwd"
  cp "$checkout/bench/recovery/in-empty-machine.mjs" "$root/tmp/"
  chown -R $uid:$uid "$root"/{opt/bulkhead,srv,home/operator} "$mounts"
  INSIDE=yes exec unshare --mount --pid --net --fork --kill-child "$0" "$@"
fi

mount --make-rprivate /
mount --bind /usr "$root/usr"
mount -o remount,ro,bind "$root/usr"
mkdir "$root/mnt/given"
mount --bind "$mounts" "$root/mnt/given"
mount -o remount,ro,bind "$root/mnt/given"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev/shm"
chmod 1777 "$root/dev/shm"
for device in null zero random urandom; do touch "$root/dev/$device"; mount --bind /dev/$device "$root/dev/$device"; done
ip link set lo up
exec chroot --userspec=$uid:$uid "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/home/operator TZ=UTC \
  node /tmp/in-empty-machine.mjs
