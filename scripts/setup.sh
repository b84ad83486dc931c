#!/bin/sh
# setup.sh [--test]: installs the Debian packages that building and running Jettison need; with --test also those that
# its tests compare it with. Does nothing when all are there. Run it as root, or as somebody who may use sudo.
set -eu

# The OCI runtimes that RUN steps go through, the program that makes base images, and git for sources of that kind.
to_run="crun runc mmdebstrap git"
# Headers and libraries for compression.
to_build="libc6-dev zlib1g-dev libzstd-dev libdeflate-dev libbz2-dev liblzma-dev"
# Other tools whose images we read and that read ours, and archivers of every kind.
to_test="jq openssl strace libcap2-bin procps docker-registry skopeo buildah podman uidmap busybox-static python3 curl openssh-client tar cpio libarchive-tools gzip pigz zstd bzip2 xz-utils"

packages="$to_run $to_build"
case "${1-}" in
    --test) packages="$packages $to_test" ;;
    '') ;;
    *)
        echo "usage: $0 [--test]" >&2
        exit 64
        ;;
esac

missing=
for package in $packages; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
    [ "$state" = installed ] || missing="$missing $package"
done

if [ -n "$missing" ]; then
    sudo=
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    if [ -n "$sudo" ] && ! command -v sudo >/dev/null; then
        echo "$0: run as root: apt-get install$missing" >&2
        exit 1
    fi
    echo "==> installing$missing"
    $sudo apt-get update -q
    # shellcheck disable=SC2086 # a list of words
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
fi

if ! command -v swift >/dev/null; then
    echo "$0: there is no Swift tool chain: install Swift 6.2 or later, https://www.swift.org/install/linux" >&2
    exit 1
fi
