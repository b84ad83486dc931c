# What apk and apt-get share: files of a package, made of its name.

# make_file FILE KILOBYTES PACKAGE: commands do nothing and succeed, all else is padding.
make_file() {
    mkdir -p "${1%/*}"
    # Not through the link that busybox may have left in its place.
    rm -f "$1"
    case $1 in
    */dumb-init) cp /usr/share/stand-in/lib/dumb-init "$1" ;;
    */bin/* | */sbin/*) printf '#!/bin/sh\n# %s\n' "$3" | script "$1" ;;
    *.crt) cp /usr/share/stand-in/lib/ca-certificates.crt "$1" ;;
    *) fill "$2" "part of $3" > "$1" ;;
    esac
}
