#!/bin/sh
# Installs, or names, what the tests need besides Go.
set -eu

missing=
need() { # program, Debian package, what it is for
	command -v "$1" >/dev/null 2>&1 && return
	missing="$missing $2"
	echo "missing: $1 ($2): $3"
}

# apt waits for another one at work, such as that of a machine which has just
# started. DPkg::Lock::Timeout waits for dpkg's locks, and not for those of the lists
# and of what is downloaded: where one of these is held, it is tried again.
apt() {
	tries=0
	until problem=$(DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 "$@" 2>&1 >/dev/null); do
		tries=$((tries + 1))
		case $problem in
		*[Ll]ock*) [ "$tries" -lt 60 ] && sleep 10 && continue ;;
		esac
		echo "$problem" >&2
		return 1
	done
}

PATH="$PATH:/usr/sbin:/sbin"
need apparmor_parser apparmor 'emitted AppArmor profiles are compiled by the real parser'
need runc runc 'containers are started under the emitted seccomp profiles'
need busybox busybox-static 'the containers of these tests'
need gcc gcc 'libseccomp is asked what a profile decides'
need pkg-config pkg-config 'it tells which release of libseccomp is asked'
[ -e /usr/include/seccomp.h ] || { missing="$missing libseccomp-dev"; echo 'missing: seccomp.h (libseccomp-dev): libseccomp is asked what a profile decides'; }
if [ "$(uname -m)" = x86_64 ]; then
	need qemu-system-x86_64 qemu-system-x86 'emitted AppArmor profiles are loaded into a kernel of its own'
	set -- /boot/vmlinuz-*-cloud-amd64
	[ -e "$1" ] || { missing="$missing linux-image-cloud-amd64"; echo 'missing: a kernel (linux-image-cloud-amd64, of Debian): emitted AppArmor profiles are loaded into it'; }
else
	echo 'left out: no profile is loaded into a kernel, which is done on x86_64 alone'
fi

if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	apt update
	# shellcheck disable=SC2086
	apt install -y --no-install-recommends $missing
	missing=
fi
if [ -n "$missing" ]; then
	echo "Without these the tests named are left out. To install them:"
	echo "    sudo apt-get install$missing"
	[ "${CI:-}" != true ] || exit 1
fi
# Terraform is not in Debian; its tests are left out where it is not there.
command -v terraform >/dev/null 2>&1 || echo 'missing: terraform: the emitted module is not run by the real one (install it from its own site)'
